"""Standalone scripts that show a failure in the framework's own API, with no bnregress installed.

A script is put together from the lines that the loading path and the check
declare. The path's lines use `ARGUMENTS` (and `source`, where it starts from a
sound network) and define `network`; the check's lines use `network`, `images`
and `labels`, and end in an `assert` that fails where the property is broken.
"""

import inspect

from bnregress.suite import variants, xla
from bnregress.suite.variants.script import lines

#: A graph is fed through a function of the learning phase, as `fit` and `evaluate` do.
_FORWARD = {
    True: """
def forward(network, images, training):
    return network(images, training=training).numpy()
""",
    False: """
def forward(network, images, training):
    backend, inputs = tf.keras.backend, tf.keras.Input(images.shape[1:])
    run = backend.function([inputs, backend.learning_phase()], [network(inputs)])
    return run([images, int(training)])[0]
""",
}

_TEMPLATE = '''"""{cell}: {check}. {statement}

Seen with {framework}; needs nothing but TensorFlow{packages}.
"""
{environment}{before}
import numpy as np
import tensorflow as tf

{switch}ARGUMENTS = dict(weights=None, include_top=False, pooling="avg", input_shape=(32, 32, 3))
random = np.random.RandomState(0)
images = random.uniform(-100, 150, (8, 32, 32, 3)).astype("float32")
labels = np.eye(10, dtype="float32")[:8]


def statistics(network):
    """Statistics as after training, not the fresh 0 and 1."""
    for layer in network.layers:
        if getattr(layer, "layers", None):
            prepare(layer)
        elif hasattr(layer, "moving_mean"):
            gamma, beta, mean, variance = layer.get_weights()
            mean, variance = random.uniform(-1, 1, mean.shape), random.uniform(0.5, 2.5, variance.shape)
            layer.set_weights([gamma, beta, mean, variance])


def prepare(network):
    """Statistics as after training, and everything frozen."""
    statistics(network)
    for layer in network.layers:
        layer.trainable = False

{forward}

{rest}
'''


def script(framework, path, check, variant="default"):
    """Write the script for a check on a loading path, or return None if one of them declares no lines.

    Args:
        framework: `bnregress.suite.framework.Framework`.
        path: `bnregress.suite.registry.LoadingPath`.
        check: `bnregress.suite.registry.Check`.
        variant: the cell's variant.
    """
    if not path.code or not check.code:
        return None
    starts_from_source = "source" in inspect.signature(path.build).parameters
    source = framework.sound_code(path.network) if starts_from_source else ""
    chosen = variants.parse(variant)
    network = path.code.replace("TRAINABLE", str(chosen.freeze != "constructor"))
    if variant != variants.DEFAULT:
        rest = lines(chosen, check, network, source, chosen.value("train").late_in(framework))
    elif source:
        rest = "{}\nprepare(source)\n\n{}\n\n{}".format(source, network, check.code)
    else:
        rest = "{}\nprepare(network)\n\n{}".format(network, check.code)
    cell = variants.cell_name(path.id, variant)
    rest = xla.in_script(rest, framework, xla.is_left_to_keras(cell))
    mode, setting = chosen.value("mode"), chosen.value("train").setting
    switch = "\n".join(part for part in (mode.code, setting) if part)
    text = _TEMPLATE.format(
        cell=cell,
        check=check.name,
        statement=check.statement,
        framework=framework.name,
        packages=" and {}".format(path.keras) if path.keras else "",
        environment=_environment(path.environment),
        forward=_FORWARD[framework.eager],
        before=mode.before + "\n\n" if mode.before else "",
        switch=switch + "\n\n" if switch else "",
        rest=rest.rstrip(),
    )
    if path.keras not in (None, framework.engine.keras_name):
        text = _through(path.keras, text)
    return framework.engine.script(text)


def _environment(variables):
    lines = ["os.environ[{!r}] = {!r}".format(name, value) for name, value in variables]
    return "\n".join(["", "import os", "", *lines, ""]) if lines else ""


def _through(keras, text):
    """Let another Keras stand in for `tf.keras`."""
    text = text.replace("import tensorflow as tf\n", "import tensorflow as tf\nimport {}\n".format(keras), 1)
    return text.replace("tf.keras.", keras + ".")
