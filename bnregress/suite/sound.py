"""A frozen ResNet50 whose BatchNorm is itself sound, for the paths that save, rebuild or copy one."""

from bnregress.suite import networks, probes, tolerances
from bnregress.suite.arithmetic import relative_deviation
from bnregress.suite.execution import Execution
from bnregress.suite.finding import NotApplicable

#: Ways to build one, the most likely to be sound first, each with its line for a repro script.
#: The last is for TensorFlow 1, whose own layers are never sound and which keeps those of 2 in `compat.v2`.
CANDIDATES = (
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
)


def find(framework):
    """Build ResNet50 in one way after another and return the first that answers the same in both modes.

    Returns:
        The frozen network, and the line that builds it in a repro script.

    Raises:
        NotApplicable: none does.
    """
    images, execution = probes.images(), Execution(framework)
    for code, build in CANDIDATES:
        try:
            network = build(framework)
        except NotApplicable:
            continue
        networks.assign_surrogate(network, execution)
        networks.freeze(network)
        inference = execution.forward(network, images, training=False)
        training = execution.forward(network, images, training=True)
        if relative_deviation(training, inference) <= tolerances.relative("float32", len(network.layers)):
            return network, code
        execution.release(network.weights)
    raise NotApplicable("no frozen ResNet50 of this release is sound, so there is none to start from")
