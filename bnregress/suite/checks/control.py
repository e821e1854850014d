"""The proof that the other checks can fail on this very network."""

import numpy as np

from bnregress.suite import probes, tolerances
from bnregress.suite.arithmetic import relative_deviation
from bnregress.suite.finding import passed, regressed
from bnregress.suite.registry import check

#: Un-frozen, the modes differ by about the output's own scale; rounding explains 10**-4 of that at most.
CLEAR = 100


@check(
    "unfreeze-control",
    code="""
    network.trainable = True
    for layer in network.layers:
        layer.trainable = True
    model = tf.keras.Sequential([network, tf.keras.layers.Dense(10, activation="softmax")])
    model.compile(tf.keras.optimizers.SGD(0.1), loss="categorical_crossentropy")
    normalisations = [layer for layer in network.layers if hasattr(layer, "moving_mean")]
    before = [layer.get_weights()[2] for layer in normalisations]
    model.fit(images, labels, batch_size=8, verbose=0)
    still = sum(np.array_equal(old, layer.get_weights()[2]) for old, layer in zip(before, normalisations))
    print("moving means that stayed although nothing is frozen:", still)
    assert still == 0, "un-frozen, BatchNorm does not follow the batch"
    """,
)
def unfreeze_control(subject):
    """Once un-frozen and compiled again, BatchNorm follows the batch and training moves it.

    The modes of the whole network must differ, every moving statistic must
    move (in eager mode, where a forward pass can be asked), and one compiled
    step of `fit` must change every variable of the last BatchNorm. A network
    without BatchNorm must change the kernel of its last layer instead.
    Source: the definition of batch normalisation (Ioffe & Szegedy 2015).
    Tolerance: a difference counts from 100 times `tolerances.relative`.
    """
    subject.network.trainable = True
    for layer in subject.layers:
        layer.trainable = True
    batchnorms = subject.batchnorms
    evidence = {"batchnorms": len(batchnorms)}
    if batchnorms:
        stuck = _still_frozen_forward(subject, batchnorms, evidence)
        if stuck:
            return regressed(stuck, **evidence)
    last = (batchnorms or [layer for layer in subject.layers if layer.weights])[-1]
    stuck = _variables_that_fit_leaves(subject, last)
    evidence.update(trained_layer=last.name, unchanged=stuck)
    if stuck:
        reason = "once un-frozen and compiled again, `fit` leaves {} of {} variables of {} as they were"
        return regressed(reason.format(len(stuck), len(last.weights), last.name), **evidence)
    return passed("un-frozen, the network follows the batch and training moves it", **evidence)


def _still_frozen_forward(subject, batchnorms, evidence):
    """Say what stays as if frozen in a forward pass, or None."""
    statistics = [variable for layer in batchnorms for variable in (layer.moving_mean, layer.moving_variance)]
    before = subject.execution.read(statistics)
    deviation = relative_deviation(subject.forward(training=True), subject.inference)
    clear = CLEAR * tolerances.relative(str(subject.inference.dtype), len(subject.layers))
    evidence.update(relative=deviation, clear=clear)
    if not deviation > clear:
        return "un-frozen, the network still answers the same in both modes (deviation {:.1e})".format(deviation)
    if subject.execution.eager:
        still = sum(map(np.array_equal, before, subject.execution.read(statistics)))
        evidence["statistics_still"] = still
        if still:
            return "un-frozen, {} of {} moving statistics stay as they were".format(still, len(statistics))
    return None


def _variables_that_fit_leaves(subject, layer):
    """Train one layer of the network alone, compiled, one step; return the places of the variables that stayed."""
    channels = int(layer.weights[0].shape[-2 if len(layer.weights[0].shape) > 1 else -1])
    keras = subject.framework.keras
    features = keras.Input((2, 2, channels))
    tail = keras.Model(features, keras.layers.GlobalAveragePooling2D()(layer(features)))
    model = subject.compile_with_head(tail)
    subject.execution.set_learning_rate(model, 0.1)
    before = subject.execution.read(layer.weights)
    subject.fit_loss(model, probes.channels_last(len(subject.images), channels))
    after = subject.execution.read(layer.weights)
    return [place for place, (old, new) in enumerate(zip(before, after)) if np.array_equal(old, new)]
