"""Networks from `applications` modules, each with weights of its own."""

from bnregress.suite.networks import BACKBONE, call_package, call_with_layers
from bnregress.suite.registry import loading_path


@loading_path(
    "tf-keras-applications",
    family="applications",
    summary="tf.keras.applications.ResNet50(...)",
)
def tf_keras_applications(framework):
    return framework.require("keras.applications.ResNet50")(**BACKBONE)


@loading_path(
    "tf-keras-applications-layers",
    family="applications",
    summary="tf.keras.applications.ResNet50(..., layers=tf.keras.layers)",
)
def tf_keras_applications_layers(framework):
    resnet50 = framework.require("keras.applications.ResNet50")
    return call_with_layers(framework, resnet50, framework.keras.layers)


@loading_path(
    "keras-applications-package",
    family="applications",
    summary="keras_applications.resnet.ResNet50(..., backend=tf.keras.backend, layers=tf.keras.layers, ...)",
)
def keras_applications_package(framework):
    return call_package(framework, framework.keras.layers)


@loading_path(
    "compat-v1",
    family="applications",
    summary="tf.compat.v1.keras.applications.ResNet50(...)",
)
def compat_v1(framework):
    return framework.require("compat.v1.keras.applications.ResNet50")(**BACKBONE)
