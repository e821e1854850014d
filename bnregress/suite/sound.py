"""Frozen networks whose BatchNorm is itself sound, for the paths that save, rebuild or copy one."""

from bnregress.suite import networks, probes, small, tolerances
from bnregress.suite.arithmetic import relative_deviation
from bnregress.suite.finding import NotApplicable

#: Ways to build each network, the most likely to be sound first, each with its lines for a repro script.
#: The last is for TensorFlow 1, whose own layers are never sound and which keeps those of 2 in `compat.v2`.
CANDIDATES = {
    "resnet50": (
        (
            "source = tf.keras.applications.ResNet50(layers=tf.keras.layers, **ARGUMENTS)",
            lambda framework: networks.call_with_layers(
                framework.require("keras.applications.ResNet50"), framework.keras.layers
            ),
        ),
        (
            "source = tf.keras.applications.ResNet50(**ARGUMENTS)",
            lambda framework: framework.require("keras.applications.ResNet50")(**networks.BACKBONE),
        ),
        (
            networks.package_code("source", "tf.compat.v2.keras.layers"),
            lambda framework: networks.call_package(framework, framework.require("compat.v2.keras.layers")),
        ),
    ),
    "small": (
        (small.source_code(small.CODE), small.build),
        (
            small.source_code(small.CODE, "tf.compat.v2.keras.layers"),
            lambda framework: small.build(framework, layers=framework.require("compat.v2.keras.layers")),
        ),
    ),
    "nested": (
        (small.source_code(small.NESTED_CODE), small.build_nested),
        (
            small.source_code(small.NESTED_CODE, "tf.compat.v2.keras.layers"),
            lambda framework: small.build_nested(framework, framework.require("compat.v2.keras.layers")),
        ),
    ),
}


def find(framework, name="resnet50"):
    """Build a network in one way after another and return the first that answers the same in both modes.

    Args:
        framework: `bnregress.suite.framework.Framework`.
        name: one of `CANDIDATES`.

    Returns:
        The frozen network, the lines that build it in a repro script, and the function that builds it anew.

    Raises:
        NotApplicable: none does.
    """
    images, execution = probes.images(), framework.execution()
    for code, build in CANDIDATES[name]:
        try:
            network = build(framework)
        except NotApplicable:
            continue
        networks.assign_surrogate(network, execution)
        networks.freeze(network)
        inference = execution.forward(network, images, training=False)
        training = execution.forward(network, images, training=True)
        if relative_deviation(training, inference) <= tolerances.relative("float32", len(network.layers)):
            return network, code, build
        execution.release(network.weights)
    raise NotApplicable("no frozen network ({}) of this release is sound, so there is none to start from".format(name))
