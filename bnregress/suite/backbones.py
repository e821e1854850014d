"""The networks of `applications` modules, and how a path is declared on all of them in one go."""

from dataclasses import dataclass
from typing import Any, Dict

from bnregress.suite import probes
from bnregress.suite.registry import loading_path


@dataclass(frozen=True)
class Backbone:
    """A network of an `applications` module.

    Attributes:
        name: its function, as in `tf.keras.applications.ResNet50`.
        module: where keras_applications has it.
        size: height and width of the images; 32 if it takes them.
    """

    name: str
    module: str
    size: int = probes.SIZE

    @property
    def arguments(self) -> Dict[str, Any]:
        """How it is requested: as feature extractor, as in the report."""
        return {"weights": None, "include_top": False, "pooling": "avg", "input_shape": (self.size, self.size, 3)}


#: The reporter's own.
RESNET50 = Backbone("ResNet50", "resnet")
#: The group `backbones`.
OTHERS = (
    Backbone("ResNet50V2", "resnet_v2"),
    Backbone("ResNet101", "resnet"),
    Backbone("DenseNet121", "densenet"),
    Backbone("InceptionV3", "inception_v3", size=75),
    Backbone("Xception", "xception", size=71),
    Backbone("MobileNetV2", "mobilenet_v2"),
    Backbone("EfficientNetB0", "efficientnet"),
)


def application_path(id, *, summary, code, keras=None, environment=None, packages=()):
    """Register the decorated function as the path `id` on ResNet50, and as `ID.BACKBONE` on the others.

    The function takes the framework and a `Backbone`; `{name}` and `{module}` in
    the summary and the code stand for the backbone's.
    """

    def register(build):
        for backbone in (RESNET50,) + OTHERS:
            words = {"name": backbone.name, "module": backbone.module}
            loading_path(
                id if backbone is RESNET50 else "{}.{}".format(id, backbone.name.lower()),
                family="applications",
                summary=summary.format(**words),
                code=code.format(**words).replace("**ARGUMENTS", _arguments(backbone)),
                group="default" if backbone is RESNET50 else "backbones",
                keras=keras,
                environment=environment,
                packages=packages,
            )(lambda framework, backbone=backbone: build(framework, backbone))
        return build

    return register


def _arguments(backbone):
    if backbone.size == probes.SIZE:
        return "**ARGUMENTS"
    return "**dict(ARGUMENTS, input_shape=({0}, {0}, 3))".format(backbone.size)
