"""Weights alone, through a file between a frozen and an un-frozen twin.

The file goes both ways, because a format that orders variables by `trainable`
is right within either: saved frozen and loaded un-frozen, and the other way.
"""

from bnregress.suite.finding import NotApplicable, refused
from bnregress.suite.registry import loading_path
from bnregress.suite.weight_transfer import carried, has_layers_by_path

NETWORKS = ("small", "nested", "resnet50")
_CODE = """
def set_trainable(network, trainable):
    for layer in network.layers:
        layer.trainable = trainable
    return network


def twin():
    return set_trainable(tf.keras.models.clone_model(source), False)


def carry(saved, loaded):
    {}
    return set_trainable(loaded, False)


network = carry(source, set_trainable(twin(), True))
if all(map(np.array_equal, source.get_weights(), network.get_weights())):
    other = twin()
    other.set_weights(source.get_weights())
    network = carry(set_trainable(other, True), twin())
"""


#: Keras 3 writes the older format as part of a whole model only, and continues reading it from there.
_SAVE_LEGACY = (
    "try:",
    '    saved.save_weights("weights.h5")',
    "except ValueError:  # Keras 3 writes this format with the whole model alone",
    '    saved.save("weights.h5")',
)


def _code(*lines):
    return _CODE.format("\n    ".join(lines))


@loading_path(
    "weights-h5",
    family="weights",
    summary='frozen.save_weights("weights.h5"), then unfrozen.load_weights, and the other way',
    networks=NETWORKS,
    code=_code(*_SAVE_LEGACY, 'loaded.load_weights("weights.h5")'),
)
def weights_h5(framework, source):
    return carried(framework, source, "weights.h5", _save_legacy, lambda twin, file: twin.load_weights(file))


@loading_path(
    "weights-h5-by-name",
    family="weights",
    summary='frozen.save_weights("weights.h5"), then unfrozen.load_weights(..., by_name=True), and the other way',
    networks=NETWORKS,
    code=_code(*_SAVE_LEGACY, 'loaded.load_weights("weights.h5", by_name=True)'),
)
def weights_h5_by_name(framework, source):
    # Keras 3.0 to 3.6 does not find by name what it saved itself.
    with refused(ValueError, "Received 0 saved top-level weight(s)"):
        return carried(
            framework, source, "weights.h5", _save_legacy, lambda twin, file: twin.load_weights(file, by_name=True)
        )


@loading_path(
    "weights-v3",
    family="weights",
    summary='frozen.save_weights("model.weights.h5") as Keras 3 does, then unfrozen.load_weights, and the other way',
    networks=NETWORKS,
    code=_code('saved.save_weights("model.weights.h5")', 'loaded.load_weights("model.weights.h5")'),
)
def weights_v3(framework, source):
    return carried(framework, source, "model.weights.h5", _save_v3, lambda twin, file: twin.load_weights(file))


@loading_path(
    "weights-checkpoint",
    family="weights",
    summary="tf.train.Checkpoint(model=frozen).save, then Checkpoint(model=unfrozen).restore, and the other way",
    networks=NETWORKS,
    code=_code(
        'file = tf.train.Checkpoint(model=saved).save("checkpoint")',
        "tf.train.Checkpoint(model=loaded).restore(file).assert_existing_objects_matched()",
    ),
)
def weights_checkpoint(framework, source):
    if not framework.eager:
        raise NotApplicable("in graph mode a checkpoint is restored by a session, not by the model")
    checkpoint = framework.require("train.Checkpoint")

    def load(twin, file):
        checkpoint(model=twin).restore(file + "-1").assert_existing_objects_matched()

    return carried(framework, source, "checkpoint", lambda network, file: checkpoint(model=network).save(file), load)


def _save_legacy(network, file):
    try:
        network.save_weights(file)
    except ValueError:
        # To 3.0 two layers of a nested network have one name.
        with refused(ValueError, "name already exists"):
            network.save(file)


def _save_v3(network, file):
    network.save_weights(file)
    if not has_layers_by_path(file):
        raise NotApplicable("this release writes its older format into a file named model.weights.h5")
