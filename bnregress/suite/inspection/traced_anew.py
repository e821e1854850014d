"""The model's compiled steps made and traced again, on the flags that it has now or with layers in inference mode."""

import contextlib

from bnregress.suite.inspection.layer_calls import in_inference, replaced

_FUNCTIONS = ("train_function", "test_function")


def can_be_traced_anew(world):
    """Whether the model keeps its compiled steps where they can be made again: TensorFlow 2.2 and newer, eagerly."""
    on_tensorflow = world.graph is None and world.runtime.module.__name__ == "tensorflow"
    return on_tensorflow and hasattr(type(world.model), "make_train_function")


class TracedAnew:
    """A context in which the model's steps are functions of their own, made at their first call, and kept.

    Args:
        world: where the model lives.
        muted: layers that are run in inference mode whatever the model says.
        around: a context in which the steps are traced, None for none.
    """

    def __init__(self, world, muted=(), around=None):
        self._world, self._muted, self._around = world, list({id(each): each for each in muted}.values()), around
        self._made = dict.fromkeys(_FUNCTIONS)

    def __enter__(self):
        self._stack = contextlib.ExitStack()
        self._own = {name: getattr(self._world.model, name, None) for name in _FUNCTIONS}
        self._stack.callback(self._swap)
        for name, function in self._made.items():
            setattr(self._world.model, name, function)
        for layer in self._muted:
            self._stack.enter_context(replaced(layer, _muted(self._world.runtime.module, layer.call)))
        if self._around is not None:
            self._stack.enter_context(self._around())
        return self

    @property
    def train_function(self):
        """The training step that was made, None before."""
        return self._made["train_function"]

    def __exit__(self, *_):
        self._stack.close()

    def _swap(self):
        self._made = {name: getattr(self._world.model, name, None) for name in _FUNCTIONS}
        for name, function in self._own.items():
            setattr(self._world.model, name, function)


def _muted(tf, call):
    # AutoGraph, which converts what a layer calls, must convert the call itself, and not how its arguments are found.
    arguments = tf.autograph.experimental.do_not_convert(lambda args, kwargs: in_inference(call, args, kwargs))

    def muted(*args, **kwargs):
        changed = arguments(args, kwargs)
        return call(*args, **kwargs) if changed is None else call(*changed[0], **changed[1])

    return muted
