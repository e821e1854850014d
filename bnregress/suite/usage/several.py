"""A network within a model of several inputs and outputs; `bench` is that of the check that trains."""

import numpy as np

from bnregress.suite import probes, xla
from bnregress.suite.arithmetic import identical
from bnregress.suite.usage.losses import first, losses_of

WHAT = "with several inputs and outputs"


def several(bench, batch, followed=None):
    """At learning rate 0 a model of two inputs and two outputs trains as in inference mode, or else follows each batch.

    Nothing moves but the statistics that `fit` moves of an un-frozen network.

    Args:
        bench: see above.
        batch: images in a batch.
        followed: takes the bench and notes which statistics did not follow the batches; None for a frozen network.
    """
    keras, images = bench.framework.keras, bench.images
    inputs = [keras.Input(tuple(images.shape[1:])), keras.Input((probes.CLASSES,))]
    features = keras.layers.Concatenate()([bench.network(inputs[0]), inputs[1]])
    heads = [keras.layers.Dense(probes.CLASSES, activation="softmax") for _ in range(2)]
    model = keras.Model(inputs, [head(features) for head in heads])
    options = xla.options(model, {}, left=False)
    model.compile(bench.framework.sgd(0.0), loss=["categorical_crossentropy"] * 2, **options)
    bench.restore()
    # Outputs that changed places would be seen by their labels.
    given, wanted = [images, bench.labels], [bench.labels, bench.labels[::-1]]
    options = {"batch_size": batch, "verbose": 0}
    loss = model.fit(given, wanted, shuffle=False, **options).history["loss"][0]
    if followed is not None:
        followed(bench)
    now = bench.weights()
    answers = [np.float64(bench.framework.array(each)) for each in model(given, training=False)]
    expected = sum(float(np.mean(losses_of(*pair))) for pair in zip(answers, wanted))
    bench.same("{} the loss of evaluate".format(WHAT), first(model.evaluate(given, wanted, **options)), expected)
    for answer, found in zip(answers, model.predict(given, **options)):
        bench.same("{} an answer of predict".format(WHAT), found, answer)
    if followed is None:
        bench.same("{} the loss of fit".format(WHAT), loss, expected)
        bench.kept("{} fit".format(WHAT))
    after = bench.weights()
    moved = [name for name in now if not identical(now[name], after[name])]
    if moved:
        bench.changed.extend(moved)
        bench.wrong.append("{} evaluate and predict moved {}".format(WHAT, ", ".join(moved[:3])))
