"""Networks from `applications` modules, each with weights of its own."""

from bnregress.suite.networks import BACKBONE, call_package, call_with_layers, package_code
from bnregress.suite.registry import loading_path


@loading_path(
    "tf-keras-applications",
    family="applications",
    summary="tf.keras.applications.ResNet50(...)",
    code="network = tf.keras.applications.ResNet50(**ARGUMENTS)",
)
def tf_keras_applications(framework):
    return framework.require("keras.applications.ResNet50")(**BACKBONE)


@loading_path(
    "tf-keras-applications-layers",
    family="applications",
    summary="tf.keras.applications.ResNet50(..., layers=tf.keras.layers)",
    code="network = tf.keras.applications.ResNet50(layers=tf.keras.layers, **ARGUMENTS)",
)
def tf_keras_applications_layers(framework):
    return call_with_layers(framework.require("keras.applications.ResNet50"), framework.keras.layers)


@loading_path(
    "keras-applications-package",
    family="applications",
    summary="keras_applications.resnet.ResNet50(..., backend=tf.keras.backend, layers=tf.keras.layers, ...)",
    code=package_code("network", "tf.keras.layers"),
)
def keras_applications_package(framework):
    return call_package(framework, framework.keras.layers)


@loading_path(
    "compat-v1",
    family="applications",
    summary="tf.compat.v1.keras.applications.ResNet50(...)",
    code="network = tf.compat.v1.keras.applications.ResNet50(**ARGUMENTS)",
)
def compat_v1(framework):
    return framework.require("compat.v1.keras.applications.ResNet50")(**BACKBONE)
