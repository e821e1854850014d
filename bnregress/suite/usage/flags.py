"""The flag `trainable` of a model, set once more after layers within it were set the other way."""

from bnregress.suite import networks, probes
from bnregress.suite.arithmetic import identical
from bnregress.suite.finding import not_applicable, passed, regressed
from bnregress.suite.registry import Check

WORDS = {False: "frozen", True: "un-frozen"}


def flags_reach_layers(subject):
    """Setting `trainable` of a model sets it for every layer within, also if the model's own flag was so already.

    As in fine-tuning by stages: a model is frozen, layers of it are un-frozen,
    and it is frozen again; and the other way. Functional, sequential, nested and
    subclassed models; what is frozen again is trained and must not move.
    Source: the documentation of `trainable`, "setting it on a layer sets it on all
    of its sublayers". Tolerance: none.
    """
    if not subject.execution.eager:
        return not_applicable("needs eager mode")
    wrong = {}
    for name, part in _parts(subject).items():
        for flag, word in WORDS.items():
            part.trainable = flag
            for layer in networks.layers_of(subject.network):
                layer.trainable = not flag
            part.trainable = flag
            other = [layer.name for layer in networks.layers_of(subject.network) if bool(layer.trainable) is not flag]
            if other:
                wrong["{}, {} again".format(name, word)] = other
    moved = _moved(subject)
    evidence = {"other_flags": wrong, "changed": moved}
    if moved:
        said = "a network that is frozen again trains: {} variables move, as {}; its own flag reads {}"
        return regressed(said.format(len(moved), moved[0], bool(subject.network.trainable)), **evidence)
    if wrong:
        what, layers = next(iter(wrong.items()))
        said = "{}: {} layers within have the other flag, as {}"
        return regressed(said.format(what, len(layers), layers[0]), **evidence)
    return passed("every layer within has the flag of the model, each time that is set", **evidence)


def _parts(subject):
    """Models around the network by the way in which they hold it."""
    keras, network = subject.framework.keras, subject.network

    class Subclassed(keras.Model):
        def __init__(self):
            super().__init__()
            self.network = network

        def call(self, inputs, training=None):
            return self.network(inputs, training=training)

    images = keras.Input(tuple(network.input_shape[1:]))
    return {
        "functional": network,
        "sequential": keras.Sequential([network]),
        "nested": keras.Model(images, network(images)),
        "subclassed": Subclassed(),
    }


def _moved(subject):
    """Names of variables that training moves of a network that is frozen, un-frozen by layers, and frozen again."""
    network = subject.network
    network.trainable = False
    for layer in subject.layers:
        layer.trainable = True
    network.trainable = False
    model = subject.framework.keras.Sequential([network, subject.framework.keras.layers.Dense(probes.CLASSES)])
    model.compile(subject.framework.sgd(0.1), "mse")
    before = subject.weights()
    model.fit(probes.images(8), probes.labels(8), verbose=0)
    now = subject.weights()
    return [name for name in before if not identical(before[name], now[name])]


_CODE = """
network.trainable = False  # all of it
for layer in network.layers:
    layer.trainable = True  # for fine-tuning
network.trainable = False  # all of it again
model = tf.keras.Sequential([network, tf.keras.layers.Dense(10)])
model.compile("sgd", "mse")
before = network.get_weights()
model.fit(images, labels, verbose=0)
moved = sum(not np.array_equal(*pair) for pair in zip(before, network.get_weights()))
assert moved == 0, "training moves {} variables of a network whose `trainable` is {}".format(moved, network.trainable)
"""

FLAGS = (
    Check(
        name="flags-reach-layers",
        statement=" ".join(flags_reach_layers.__doc__.split("\n\n")[0].split()),
        decide=flags_reach_layers,
        code=_CODE.strip(),
    ),
)
