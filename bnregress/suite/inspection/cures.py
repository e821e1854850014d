"""What may cure a frozen layer that does not behave so: each way is applied to a copy of the model, not described."""

import contextlib
import inspect

import numpy as np

from bnregress.suite.inspection import steps, which_keras
from bnregress.suite.inspection.layer_calls import in_inference
from bnregress.suite.wording import listed


class Trial:
    """What a way of curing is given.

    Attributes:
        framework: `bnregress.suite.framework.Framework` through the model's own Keras.
        graph: whether the model lives in a graph.
        model: the model that is affected, compiled or not.
        copy: gives a new copy of the model with its batch; takes a function to run after the model is built again.
        affected: layers of a model that correspond to those affected, given that model's own.
        layers: the affected layers themselves.
    """

    def __init__(self, framework, graph, model, copy, affected):
        self.framework, self.graph, self.model, self.copy, self.affected = framework, graph, model, copy, affected
        self.layers = affected(model)

    @property
    def plain(self):
        """The BatchNormalization of the model's own Keras."""
        return self.framework.keras.layers.BatchNormalization


def ways():
    """The ways of curing, the least change first, each a function that takes a `Trial`.

    Each returns (words, copy, batch), or None if it does not apply to the model.
    """
    return (
        compile_again,
        freeze_itself,
        build_from_plain,
        heed_the_flag,
        call_in_inference,
        freeze_before_call,
        freeze_twice,
        use_plain_step,
    )


def compile_again(trial):
    """Compile the model again, as it is now."""
    if not steps.is_compiled(trial.model):
        return None
    copy, batch = trial.copy()
    _compile(copy)
    return "compile the model again after freezing, before any step", copy, batch


def freeze_itself(trial):
    """Freeze the layer, not only what is around it."""
    if not any(layer.trainable for layer in trial.layers):
        return None
    copy, batch = trial.copy()
    for layer in trial.affected(copy):
        layer.trainable = False
    _compile(copy)
    return "set `trainable = False` on the layer itself, before `compile`", copy, batch


def freeze_twice(trial):
    """What is frozen by the constructor alone may not be."""
    copy, batch = trial.copy()
    for layer in trial.affected(copy):
        layer.trainable = True
        layer.trainable = False
    _compile(copy)
    return "set `trainable` of the layer to True and then to False again, before `compile`", copy, batch


def build_from_plain(trial):
    """Build the model from the BatchNormalization of its own Keras."""
    if trial.graph:
        return _build_from_v2(trial)
    if any(type(layer) is trial.plain or not hasattr(layer, "moving_mean") for layer in trial.layers):
        return None
    copy, batch = trial.copy()
    for layer in trial.affected(copy):
        _delegate(layer, trial.plain)
    _compile(copy)
    name = which_keras.root_of(trial.model)
    place = name if name == "tf_keras" or trial.framework.keras_name == "keras" else "tf.keras"
    words = "build the model from {}.layers.BatchNormalization".format(place)
    if any(not getattr(type(layer), "_USE_V2_BEHAVIOR", True) for layer in trial.layers):
        words += " (pass layers=tf.keras.layers to a network of tf.keras.applications)"
    return words, copy, batch


def heed_the_flag(trial):
    """Let a class of the owner's own run in inference mode while it is frozen."""
    if trial.graph or not all(map(which_keras.is_own, trial.layers)):
        return None
    done = _called_in_inference(trial)
    names = listed(sorted({type(layer).__name__ for layer in trial.layers}))
    words = "let `call` of {} take `training` for False while `self.trainable` is False, as BatchNormalization of Keras"
    return done and (words.format(names) + " does", *done)


def call_in_inference(trial):
    """Call the frozen part with training=False."""
    if not trial.graph and hasattr(trial.model, "_nodes_by_depth") and _is_overridden(trial.framework.keras):
        return None
    words = "call the frozen part with training=False, as in `part(inputs, training=False)`"
    if "training" not in inspect.signature(trial.framework.keras.models.Model.call).parameters:
        # A model of the package keras up to 2.3 does not take it.
        words = "call each frozen BatchNormalization itself with training=False, as in `layer(inputs, training=False)`"
    if trial.graph:
        # What a graph computes is settled when it is made, so the model is built again with such a class.
        with contextlib.ExitStack() as stack:
            for kind in {type(layer) for layer in trial.layers}:
                stack.enter_context(_class_attribute(kind, "call", _inference_method(kind.call)))
            copy, batch = trial.copy()
        return words, copy, batch
    done = _called_in_inference(trial)
    return done and (words, *done)


def _called_in_inference(trial):
    """(copy, batch) with the affected layers called so; None if one takes no `training`."""
    copy, batch = trial.copy()
    for layer in trial.affected(copy):
        if in_inference(layer.call, (None,), {}) is None:
            return None
        object.__setattr__(layer, "call", _inference_call(layer.call))
    _compile(copy)
    return copy, batch


def _is_overridden(keras):
    """Whether a functional model's mode overrides the `training=False` that it was built with: keras issue 20285."""
    inputs = keras.Input((1,))
    model = keras.Model(inputs, keras.layers.BatchNormalization()(inputs, training=False))
    given = np.array([[0.0], [3.0]], "float32")
    return not np.array_equal(model(given, training=True), model(given, training=False))


def freeze_before_call(trial):
    """In a graph the flag counts that holds when a layer is called: call all of them anew, frozen."""
    if not trial.graph:
        return None
    copy, batch = trial.copy()
    anew = trial.framework.keras.models.clone_model(copy)
    copy_flags(copy, anew)
    return "freeze before the layers are called, that is, before the head is added", anew, batch


def use_plain_step(trial):
    """Train by Keras's own step."""
    if trial.graph or not which_keras.own_train_step(trial.model):
        return None
    copy, batch = trial.copy()
    object.__setattr__(copy, "train_step", trial.framework.keras.Model.train_step.__get__(copy))
    _compile(copy)
    return "take Keras's own `train_step` in place of yours, or let yours change nothing that is frozen", copy, batch


def _compile(model):
    """Compile a copy again as it was."""
    if steps.is_compiled(model):
        compile_like(model, model)


def compile_like(source, target):
    """Compile a model as another is, with an optimizer of its own."""
    optimizer = type(source.optimizer).from_config(source.optimizer.get_config())
    target.compile(optimizer=optimizer, loss=getattr(source, "loss", None))


def _delegate(layer, plain):
    """Let a plain BatchNormalization do the work of a layer."""
    options = {name: getattr(layer, name) for name in ("axis", "epsilon", "momentum") if hasattr(layer, name)}
    other = plain(center=getattr(layer, "beta", None) is not None, name=layer.name, **options)
    other.trainable = False
    # Where the layers of a model are looked for.
    layer.__dict__["_delegate"] = other
    object.__setattr__(layer, "call", lambda inputs, training=None: other(inputs, training=training))


def _build_from_v2(trial):
    """TensorFlow 1 has the class of TensorFlow 2 beside its own; one switch of the class tells them apart."""
    old = {type(layer) for layer in trial.layers if getattr(type(layer), "_USE_V2_BEHAVIOR", True) is False}
    if not old:
        return None
    with contextlib.ExitStack() as stack:
        for kind in old:
            stack.enter_context(_class_attribute(kind, "_USE_V2_BEHAVIOR", True))
        copy, batch = trial.copy()
    return "build the model from tf.compat.v2.keras.layers.BatchNormalization", copy, batch


def _inference_call(call):
    def calling(*args, **kwargs):
        kwargs.pop("training", None)
        return call(*args, training=False, **kwargs)

    return calling


def _inference_method(method):
    # Keras looks for `self` in the arguments.
    def calling(self, inputs, *args, **kwargs):
        return _inference_call(method)(self, inputs, *args, **kwargs)

    return calling


def copy_flags(source, target):
    """Flags of one model for another of the same layers; a copy of Keras 2 forgets those of nested models."""
    for ours, theirs in zip(source.layers, target.layers):
        if getattr(ours, "layers", None):
            copy_flags(ours, theirs)
        else:
            theirs.trainable = ours.trainable


@contextlib.contextmanager
def _class_attribute(kind, name, value):
    own = vars(kind).get(name, _NONE)
    setattr(kind, name, value)
    try:
        yield
    finally:
        if own is _NONE:
            delattr(kind, name)
        else:
            setattr(kind, name, own)


_NONE = object()
