"""What must survive saving, rebuilding and loading."""

from bnregress.suite.finding import not_applicable, passed, regressed
from bnregress.suite.networks import loaded_part, parts_of
from bnregress.suite.registry import check
from bnregress.suite.subject import changed_weights
from bnregress.suite.wording import listed

_NO_SOURCE = "the path builds its own network: nothing was saved or copied"


@check(
    "weights-kept",
    code="""
    pairs = zip(source.get_weights(), network.get_weights())
    changed = sum(not np.array_equal(before, after) for before, after in pairs)
    print("variables that changed:", changed)
    assert changed == 0, "variables are not what they were"
    """,
)
def weights_kept(subject):
    """Every variable of the network is bit-equal to that of the network it was made from.

    Statistics and kernels alike, by layer name and place in the layer.
    Source: the documentation of `load_model`, `get_weights` and `set_weights`.
    Tolerance: none.
    """
    if subject.source is None:
        return not_applicable(_NO_SOURCE)
    before = subject.weights(subject.source)
    changed = changed_weights(before, subject.weights())
    if not changed:
        return passed("all {} variables are bit-equal".format(len(before)), variables=len(before))
    reason = "{} of {} variables are not what they were before: {}".format(len(changed), len(before), listed(changed))
    return regressed(reason, variables=len(before), changed=changed)


@check(
    "flags-kept",
    code="""
    layers = getattr(network, "layers", None) or [network]
    lost = [layer.name for layer in layers if layer.weights and layer.trainable]
    print("layers that are not frozen any more:", lost)
    assert not lost, "trainable = False is lost"
    """,
)
def flags_kept(subject):
    """`trainable` of every layer and model in the network is what it was on the network it was made from.

    Source: `trainable` is part of a layer's configuration (`Layer.get_config`);
    what has it not there and no variables, such as the input, promises nothing.
    Of a network whose layers cannot be inspected, no variable may be trainable.
    Tolerance: none.
    """
    if subject.source is None:
        return not_applicable(_NO_SOURCE)
    if subject.opaque:
        return _nothing_to_train(subject)
    promised = [layer.name for layer in parts_of(subject.source) if layer.weights or _configures_trainable(layer)]
    before, after = subject.making.flags
    before = {name: before[name] for name in promised}
    lost = [name for name in before if after.get(name) is not before[name]]
    if not lost:
        return passed("`trainable` is kept on all {} layers".format(len(before)), layers=len(before))
    reason = "`trainable` is not kept on {} of {} layers: {}".format(len(lost), len(before), listed(lost))
    return regressed(reason, layers=len(before), lost=lost)


def _nothing_to_train(subject):
    loaded = loaded_part(subject.network)
    variables, trainable = len(loaded.variables), len(loaded.trainable_variables)
    if not trainable:
        return passed("none of its variables is trainable", variables=variables)
    reason = "{} of {} variables are trainable, although every layer was frozen when it was saved"
    return regressed(reason.format(trainable, variables), variables=variables, trainable=trainable)


def _configures_trainable(layer):
    try:
        return "trainable" in layer.get_config()
    except NotImplementedError:
        return False
