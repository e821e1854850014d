"""Networks from `applications` modules, each with weights of its own: ResNet50, and others in the group `backbones`."""

from bnregress.suite.backbones import RESNET50, application_path
from bnregress.suite.finding import NotApplicable, refused
from bnregress.suite.networks import call_package, call_with_layers
from bnregress.suite.registry import loading_path


@application_path(
    "tf-keras-applications",
    summary="tf.keras.applications.{name}(...)",
    code="network = tf.keras.applications.{name}(**ARGUMENTS)",
)
def tf_keras_applications(framework, backbone):
    framework.require_engine("tensorflow")
    return framework.require("keras.applications." + backbone.name)(**backbone.arguments)


@application_path(
    "tf-keras-applications-layers",
    summary="tf.keras.applications.{name}(..., layers=tf.keras.layers)",
    code="network = tf.keras.applications.{name}(layers=tf.keras.layers, **ARGUMENTS)",
)
def tf_keras_applications_layers(framework, backbone):
    framework.require_engine("tensorflow")
    application = framework.require("keras.applications." + backbone.name)
    return call_with_layers(application, framework.keras.layers, backbone.arguments)


@application_path(
    "keras-applications-package",
    summary="keras_applications.{module}.{name}(..., backend=tf.keras.backend, layers=tf.keras.layers, ...)",
    code="""
    from keras_applications import {module}

    network = {module}.{name}(
        backend=tf.keras.backend, layers=tf.keras.layers, models=tf.keras.models, utils=tf.keras.utils, **ARGUMENTS
    )
    """,
)
def keras_applications_package(framework, backbone):
    framework.require_engine("tensorflow")
    return call_package(framework, framework.keras.layers, backbone)


@application_path(
    "compat-v1",
    summary="tf.compat.v1.keras.applications.{name}(...)",
    code="network = tf.compat.v1.keras.applications.{name}(**ARGUMENTS)",
)
def compat_v1(framework, backbone):
    return framework.require("compat.v1.keras.applications." + backbone.name)(**backbone.arguments)


@application_path(
    "keras-applications",
    summary="keras.applications.{name}(...), of the package keras and not of tf.keras",
    keras="keras",
    code="network = keras.applications.{name}(**ARGUMENTS)",
)
def keras_applications(framework, backbone):
    try:
        build = framework.require("keras.applications." + backbone.name)
    except NotApplicable:  # Keras 2.6 has it in the module alone
        build = getattr(framework.require_module("keras.applications." + backbone.module), backbone.name)
    # Keras before 2.2 wants 197 pixels of ResNet50; the path keras-layers asks its BatchNorm all the same.
    with refused(ValueError, "size must be at least"):
        return build(**backbone.arguments)


@application_path(
    "tf-keras-package",
    summary="tf_keras.applications.{name}(...), Keras 2 beside TensorFlow",
    keras="tf_keras",
    code="network = tf_keras.applications.{name}(**ARGUMENTS)",
)
def tf_keras_package(framework, backbone):
    return framework.require("keras.applications." + backbone.name)(**backbone.arguments)


@application_path(
    "tf-keras-legacy",
    summary="tf.keras.applications.{name}(...) with TF_USE_LEGACY_KERAS=1 in the environment",
    environment={"TF_USE_LEGACY_KERAS": "1"},
    packages=("tf_keras",),
    code="network = tf.keras.applications.{name}(**ARGUMENTS)",
)
def tf_keras_legacy(framework, backbone):
    if not framework.keras.Model.__module__.startswith("tf_keras"):
        raise NotApplicable("tf.keras of this release does not heed TF_USE_LEGACY_KERAS")
    return framework.require("keras.applications." + backbone.name)(**backbone.arguments)


@loading_path(
    "keras-hub.resnet50",
    family="applications",
    summary="keras_hub.models.ResNetBackbone(...) in ResNet50's shape, average-pooled",
    group="backbones",
    code="""
    import keras_hub

    backbone = keras_hub.models.ResNetBackbone(
        input_conv_filters=[64], input_conv_kernel_sizes=[7], stackwise_num_filters=[64, 128, 256, 512],
        stackwise_num_blocks=[3, 4, 6, 3], stackwise_num_strides=[1, 2, 2, 2], block_type="bottleneck_block",
        image_shape=(32, 32, 3),
    )
    features = tf.keras.layers.GlobalAveragePooling2D()(backbone.output)
    network = tf.keras.Model(backbone.input, features)
    """,
)
def keras_hub_resnet50(framework):
    backbone = framework.require_module("keras_hub").models.ResNetBackbone(
        input_conv_filters=[64],
        input_conv_kernel_sizes=[7],
        stackwise_num_filters=[64, 128, 256, 512],
        stackwise_num_blocks=[3, 4, 6, 3],
        stackwise_num_strides=[1, 2, 2, 2],
        block_type="bottleneck_block",
        image_shape=RESNET50.arguments["input_shape"],
    )
    features = framework.keras.layers.GlobalAveragePooling2D()(backbone.output)
    return framework.keras.models.Model(backbone.input, features)
