"""Fine-tuning in phases: trained, frozen, compiled again and trained on, with a new optimizer or with the same one."""

import functools

from bnregress.suite import networks, probes, small, surrogate
from bnregress.suite.arithmetic import identical
from bnregress.suite.finding import NotApplicable, not_applicable, passed, regressed
from bnregress.suite.registry import Check
from bnregress.suite.usage.settings import SETTINGS, sequential

IMAGES, BATCH, RATE = 16, 8, 0.02
#: By what an optimizer says that it takes the variables alone that it was made for, in TensorFlow and in JAX.
REFUSALS = ("can only be called for the variables it was", "corresponding 1:1 to the trainable variables")


def phases_new_optimizer(subject):
    """Frozen after a first phase and compiled again, a network stays as it is; un-frozen and compiled, all of it moves.

    Of one model: trained un-frozen, frozen by its flag, compiled with a new
    optimizer and trained, then un-frozen and compiled once more.
    Source: the documentation of `trainable` and `compile`. Tolerance: none.
    """
    return _look(subject, "plain", same=False)


def phases_same_optimizer(subject, setting):
    """The same, compiled again with the optimizer of the first phase, which has values for what is frozen since.

    A release may refuse the optimizer. Source and tolerance as with a new one.
    """
    return _look(subject, setting, same=True)


def _look(subject, setting, same):
    if not subject.execution.eager:
        return not_applicable("needs eager mode")
    # One of its own: after a step that JAX refused, nothing of a network can be read any more.
    network, chosen = small.build(subject.framework), SETTINGS[setting]
    networks.assign_surrogate(network, subject.execution)
    head = subject.framework.keras.layers.Dense(probes.CLASSES, activation="softmax", name="head")
    model = sequential(subject.framework, network, head)
    model(probes.images(1))
    shapes = [(int(network.output_shape[-1]), probes.CLASSES), (probes.CLASSES,)]
    subject.execution.write(head.weights, surrogate.layer_weights("head", shapes))
    try:
        optimizer = chosen.optimizer(subject.framework, RATE)
    except NotApplicable as absent:
        return absent.finding
    _fit(model, optimizer)
    network.trainable = False
    moved = _moved_by(subject, network, model, optimizer if same else chosen.optimizer(subject.framework, RATE))
    if isinstance(moved, ValueError):
        told = _said(moved)
        if any(text in str(moved) for text in REFUSALS):
            return not_applicable("an optimizer that has trained is refused once less is trained: {}".format(told))
        return regressed("frozen after a first phase and compiled again, `fit` breaks: {}".format(told))
    if moved:
        said = "frozen after a first phase and compiled again, training moves {} variables, as {}"
        return regressed(said.format(len(moved), moved[0]), changed=moved)
    if not same:
        network.trainable = True
        moved = _moved_by(subject, network, model, chosen.optimizer(subject.framework, RATE))
        if isinstance(moved, ValueError):
            return regressed("un-frozen after a phase and compiled again, `fit` breaks: {}".format(_said(moved)))
        still = sorted(set(subject.weights(network)) - set(moved) - networks.without_gradient(network))
        if still:
            said = "un-frozen after a phase and compiled again, training leaves {} variables as they were, as {}"
            return regressed(said.format(len(still), still[0]), changed=still)
    return passed("frozen, compiled again and trained, every variable is as it was")


def _said(error):
    """The line of an error that says what is wrong: in a compiled step the first ones say where it was."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines[0].startswith("in user code") else lines[0]


def _moved_by(subject, network, model, optimizer):
    """Names of the network's variables that one more `fit` moves, or the error that refuses the optimizer."""
    before = subject.weights(network)
    try:
        _fit(model, optimizer)
    except ValueError as error:
        return error
    now = subject.weights(network)
    return [name for name in before if not identical(before[name], now[name])]


def _fit(model, optimizer):
    model.compile(optimizer, loss="categorical_crossentropy")
    images, labels = probes.images(IMAGES), probes.labels(IMAGES)
    model.fit(images, labels, batch_size=BATCH, epochs=2, shuffle=False, verbose=0)


#: A check as lines of a script, but for how an optimizer is made.
_CODE = """
model = tf.keras.Sequential([network, tf.keras.layers.Dense(10, activation="softmax")])
optimizer = {}
for trainable in (True, False):
    for layer in network.layers:
        layer.trainable = trainable
    before = network.get_weights()
    model.compile({}, "categorical_crossentropy")
    try:
        model.fit(images, labels, verbose=0)
    except ValueError as error:
        raise AssertionError("trained un-frozen, then frozen and compiled again: {{}}".format(error))
moved = sum(not np.array_equal(*pair) for pair in zip(before, network.get_weights()))
assert moved == 0, "frozen after a first phase and compiled again, training moves {{}} variables".format(moved)
"""


def _check(name, decide, made, **options):
    """A check; `made` is its optimizer as a line of a script, one for both phases if the check has a setting."""
    statement = " ".join(decide.__doc__.split("\n\n")[0].split())
    decide = functools.partial(decide, **options) if options else decide
    code = _CODE.format(made, "optimizer" if options else made).strip()
    return Check(name=name, statement=statement, decide=decide, code=code)


PHASES = (
    _check("phases-new-optimizer", phases_new_optimizer, "tf.keras.optimizers.SGD(0.02)"),
    _check(
        "phases-weight-decay",
        phases_same_optimizer,
        "tf.keras.optimizers.AdamW(0.02, weight_decay=0.1)",
        setting="weight-decay",
    ),
    _check(
        "phases-moving-average",
        phases_same_optimizer,
        "tf.keras.optimizers.SGD(0.02, use_ema=True, ema_overwrite_frequency=1)",
        setting="moving-average",
    ),
)
