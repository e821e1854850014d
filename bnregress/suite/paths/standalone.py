"""The package Keras 2 by itself, on a hand-built network: its oldest releases accept no image as small as ours."""

from bnregress.suite import small
from bnregress.suite.registry import loading_path


@loading_path(
    "keras-layers",
    family="small",
    summary="a hand-built network of three BatchNorm layers of keras.layers, of the package keras and not of tf.keras",
    keras="keras",
    code=small.CODE.replace("tf.keras", "keras"),
    group="full",
)
def keras_layers(framework):
    return small.build(framework)
