"""Which cells compile with XLA on a GPU: those that test it, and no other.

Keras 3 chooses for itself (`jit_compile="auto"`): no XLA on a machine without a
GPU, none under a distribution strategy, else XLA, where every layer supports it
(3.0.5 to 3.15.1, `Trainer._resolve_auto_jit_compile`). On a GPU an un-frozen
training step of ResNet50 took 28 s to compile with XLA and 2 s without. So a
plain run leaves the choice to Keras in the cells below, one path and one variant
of each way of training that has the choice, and turns XLA off in the rest. The
variants `train=jit`, which meet each way of freezing and of wrapping, ask for
XLA on every device. On a CPU no option is given: there nothing is chosen.

Keras 3 turns XLA down, with a warning alone, if TF_DETERMINISTIC_OPS is set
(`model_supports_jit`, seen in 2.21.0): so it is not set, and a model that was
to be compiled with XLA and says that it is not tests nothing.
"""

from inspect import signature

from bnregress.suite import gpu
from bnregress.suite.finding import NotApplicable

#: Cells that compile as a user's model does: XLA on a GPU, if that is what Keras chooses.
LEFT_TO_KERAS = (
    "tf-keras-applications",
    "small",
    "small@wrap=time-distributed,train=dataset",
    "small@wrap=subclass,train=train-on-batch",
    "small@wrap=nested,train=mixed",
    "small@wrap=nested,train=generator",
)
#: Of the cell `training`, settings that do.
SETTINGS_LEFT_TO_KERAS = ("plain",)

#: Options of `compile` that choose.
_CHOOSING = {"jit_compile", "run_eagerly"}
_OFF = {"jit_compile": False}


def is_left_to_keras(cell):
    """Whether a cell, such as `small@train=dataset`, compiles as a user's model does."""
    return cell in LEFT_TO_KERAS


def options(model, given, left):
    """Options of `compile`: those given, and no XLA on a GPU where Keras would choose.

    Args:
        model: has the `compile` that is told.
        given: options by name.
        left: whether the choice is left to Keras.
    """
    if left or not gpu.wanted() or _CHOOSING & set(given):
        return dict(given)
    choice = signature(model.compile).parameters.get("jit_compile")
    # Keras 2 compiles without XLA unless it is told otherwise.
    return dict(given, **_OFF) if choice is not None and choice.default == "auto" else dict(given)


def require(model, given):
    """Refuse to take a model for compiled with XLA that Keras compiled without.

    Args:
        model: compiled.
        given: options of `compile` by name.

    Raises:
        NotApplicable: XLA was asked for, and the model says that it has none.
    """
    if given.get("jit_compile") and _told(model) is False:
        raise NotApplicable("Keras turns XLA down here: after compile(jit_compile=True) the model says False")


def used_by(model):
    """Whether a compiled model's steps are compiled with XLA, as it says itself; older Keras has none."""
    return bool(_told(model))


def _told(model):
    told = getattr(model, "jit_compile", None)
    return getattr(model, "_jit_compile", None) if told is None else told


def in_script(text, framework, left):
    """The lines of a script, with XLA off where the cell had it off on its GPU and the lines say nothing of it."""
    if left or not gpu.wanted() or any(option + "=" in text for option in _CHOOSING):
        return text
    if not options(framework.keras.Model, {}, left):
        return text
    loss = 'loss="categorical_crossentropy"'
    return text.replace(loss, loss + ", jit_compile=False")
