"""Models that one release saves and another loads."""

from bnregress.suite.finding import NotApplicable, passed
from bnregress.suite.registry import PATHS, loading_path

GROUP = "cross-release"

#: The script runs in the saving release first, then, in the same folder, in the one that loads.
_CODE = """
import os

for layer in source.layers:
    if layer.weights and not hasattr(layer, "moving_mean"):
        layer.set_weights([random.uniform(-0.1, 0.1, weights.shape) for weights in layer.get_weights()])
if not os.path.exists("FILE"):
    source.save("FILE"OPTIONS)
    raise SystemExit("saved: now run this in the release that loads it")
network = tf.keras.models.load_model("FILE", compile=False)
"""


def crossing_path(id, *, save, file, options=""):
    """Register the decorated function, which takes the framework and the folder of a saved model.

    Args:
        id: as `h5-from`.
        save: takes the sound network and a folder to write to, in the saving release.
        file: what it writes in that folder.
        options: of `Model.save`, for the repro script, as in `, save_format="tf"`.
    """

    def register(load):
        def build(framework, source, fixture):
            if fixture is None:
                raise ValueError("{} needs the folder that a release saved to".format(id))
            return load(framework, fixture)

        loading_path(
            id,
            family=GROUP,
            summary='model.save("{}"{}) in another release, then tf.keras.models.load_model'.format(file, options),
            code=_CODE.replace("FILE", file).replace("OPTIONS", options),
            group=GROUP,
            networks=("small",),
            save=save,
        )(build)
        return load

    return register


def path_of(id):
    """Return the path of an id, of `h5-from=tf2.1.0` that of `h5-from`; KeyError if there is none."""
    return PATHS[id.partition("=")[0]]


def save(framework, path, folder):
    """Save the path's network to a folder for another release to load, and return the finding that says so.

    Raises:
        NotApplicable: this release does not save in that way, or has no sound network.
    """
    if folder is None:
        raise NotApplicable("tested with the release that saves the model, as {}=tf2.1.0".format(path.id))
    framework.begin()
    path.save(framework.sound_network(path.network), folder)
    return passed("saved for another release to load")
