"""The report's networks beside ResNet50.

DenseNet121 breaks where ResNet50 does. VGG16 is a control: it has no BatchNorm
and must pass in every release, else the suite itself is in doubt.
"""

from bnregress.suite.networks import BACKBONE
from bnregress.suite.registry import loading_path


@loading_path(
    "vgg16",
    family="control",
    summary="tf.keras.applications.VGG16(...), which has no BatchNorm",
    code="network = tf.keras.applications.VGG16(**ARGUMENTS)",
)
def vgg16(framework):
    return framework.require("keras.applications.VGG16")(**BACKBONE)


@loading_path(
    "densenet121",
    family="comparison",
    summary="tf.keras.applications.DenseNet121(...)",
    code="network = tf.keras.applications.DenseNet121(**ARGUMENTS)",
)
def densenet121(framework):
    return framework.require("keras.applications.DenseNet121")(**BACKBONE)
