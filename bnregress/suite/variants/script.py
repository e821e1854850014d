"""A variant as lines of a standalone script, see `bnregress.suite.repro`."""

from bnregress.suite.variants import freeze
from bnregress.suite.variants.mode import MODE
from bnregress.suite.variants.train import NO_EFFECT

_TEMPLATE = """{network}
statistics(network)
{frozen_early}
{step}

head = tf.keras.layers.Dense(10, activation="softmax")
{wrap}
{frozen_wrapped}model.compile(tf.keras.optimizers.SGD(0.0), loss="categorical_crossentropy"{options})
{frozen_late}{second_stage}frozen = [layer for layer in network.layers{only}]

{code}
"""

#: In place of a check's own lines, which train with `fit` in a Sequential.
_CODE = {
    "fit-eval-parity": """
fitted = float(step(model, images, labels))
evaluated = float(np.ravel(model.evaluate(images, labels, batch_size=8, verbose=0))[0])
print("loss of the training step:", fitted, "of evaluate:", evaluated)
assert {negation}abs(fitted - evaluated) < 1e-2 * abs(evaluated), "training and evaluate {differ} at learning rate 0"
""",
    "frozen-state": """
before = [weight for layer in frozen for weight in layer.get_weights()]
model.optimizer.learning_rate = 0.1
for _ in range(2):
    step(model, images, labels)
after = [weight for layer in frozen for weight in layer.get_weights()]
changed = sum(not np.array_equal(old, new) for old, new in zip(before, after))
print("frozen variables that changed:", changed, "of", len(before))
assert {equals}, "training changed {said} variables"
""",
}

#: Where the call freezes, and not the flags.
_CALLED = {
    "frozen-state": """

def weights():
    return [weight for layer in frozen for weight in layer.get_weights()]


# Keras lists what trains before what does not: of a BatchNorm the last two are its moving statistics.
places = [
    normalising and place > 1
    for normalising, layer in ((hasattr(layer, "moving_mean"), layer) for layer in frozen)
    for place in range(len(layer.weights))
]
# A head that is sure of nothing lets gradients through; of several steps a loss scale may skip the first ones.
head.set_weights([0.001 * random.normal(size=weight.shape) for weight in head.get_weights()])
before = weights()
model.optimizer.learning_rate = 0.01
for _ in range(8):
    step(model, images, labels)
changed = [not np.array_equal(old, new) for old, new in zip(before, weights())]
moved = sum(each for each, moving in zip(changed, places) if moving)
still = sum(not each for each, moving in zip(changed, places) if not moving)
print("moving statistics that changed:", moved, "other variables that did not:", still)
assert not moved and not still, "with training=False in the call, statistics must stay and all else must train"
""",
}

#: Where layers are in front that could change the mode of a call which is not told it.
_UNTOLD = """

# Frozen, BatchNorm is in inference mode anyhow.
for layer in network.layers:
    layer.trainable = True
inference = model(images, training=False).numpy()
untold = model(images).numpy()
deviation = abs(untold - inference).max() / abs(inference).max()
print("largest deviation of a call without `training`:", deviation)
assert deviation < 1e-3, "called without `training`, the model is not in inference mode"
"""

_SECOND_STAGE = """model.optimizer.learning_rate = 0.1
step(model, images, labels)
parts = [network]
{thaw}
model.compile(tf.keras.optimizers.SGD(0.0), loss="categorical_crossentropy"{options})


{step}


"""


def lines(variant, check, network, source, late_effect):
    """The part of a script from the network on.

    Args:
        variant: `bnregress.suite.variants.Variant`.
        check: `bnregress.suite.registry.Check`.
        network: lines that define `network`.
        source: lines that define `source` before it, or empty.
        late_effect: what freezing after compiling does, `NO_EFFECT` or `EFFECT`.
    """
    frozen, train = variant.value("freeze"), variant.value("train")
    late = frozen.moment == freeze.COMPILED and late_effect == NO_EFFECT
    parts = "parts = [network]\n{}\n".format(frozen.code) if frozen.code else ""
    if source:
        early = "parts = [source]\n{}\n\n".format(frozen.code) if frozen.moment == freeze.BUILT else "\n"
        network = "{}\nstatistics(source)\n{}{}".format(source, early, network)
        parts = parts if frozen.moment in (freeze.LOADED, freeze.GIVEN) else ""
    elif frozen.moment == freeze.LOADED:
        network += '\nnetwork.save("model.h5")\nnetwork = tf.keras.models.load_model("model.h5", compile=False)'
    code = _CODE.get(check.name, check.code.replace("{", "{{").replace("}", "}}")).format(
        negation="not " if late else "",
        differ="agree" if late else "differ",
        equals="changed == len(before)" if late else "changed == 0",
        said="not all" if late else "frozen",
    )
    if frozen.called:
        # It is the model that holds the call.
        code = _CALLED.get(check.name, code.replace("forward(network,", "forward(model,"))
    if check.name == "mode-parity" and variant.value("wrap").fronts and variant.mode == next(iter(MODE)):
        code += _UNTOLD
    options = "".join(", {}={!r}".format(*option) for option in train.options.items())
    second_stage = _SECOND_STAGE.format(thaw=frozen.thaw_code, options=options, step=train.code) if frozen.thaw else ""
    return _TEMPLATE.format(
        network=network,
        frozen_early=parts if frozen.moment in (freeze.BUILT, freeze.LOADED, freeze.GIVEN) else "",
        step=train.code,
        wrap=variant.value("wrap").lines(frozen.called),
        frozen_wrapped=frozen.code + "\n" if frozen.moment == freeze.WRAPPED else "",
        options=options,
        second_stage=second_stage,
        frozen_late="step(model, images, labels)\n{}\n".format(frozen.code) if frozen.moment == freeze.COMPILED else "",
        only=' if hasattr(layer, "moving_mean")' if frozen.name == "batchnorm-only" else "",
        code=code.strip(),
    )
