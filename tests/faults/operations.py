"""The operations of TensorFlow that faults are written in, on another engine: by Keras 3's own."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

import contextlib
import types


class Absent(Exception):
    """The engine has nothing like it, so that the fault cannot be planted there."""


class Operations:
    """What faults use of `tf`.

    Args:
        engine: `bnregress.suite.engines.keras3.Keras3`.

    Attributes:
        absent: names that were used and that the engine has nothing like.
    """

    def __init__(self, engine):
        self.keras, self.absent, self._title = engine.keras, [], engine.title
        numeric = getattr(engine.module, "numpy", engine.module)
        self.float32, self.bfloat16 = numeric.float32, numeric.bfloat16
        ops = engine.keras.ops
        for name in ("square", "sqrt", "reshape", "minimum", "where", "logical_and", "roll", "convert_to_tensor"):
            setattr(self, name, getattr(ops, name))
        for name in ("cast", "shape", "ones_like", "stop_gradient", "is_tensor"):
            setattr(self, name, getattr(ops, name))
        self.nn = types.SimpleNamespace(moments=ops.moments, batch_normalization=self._normalised)
        self.autograph = types.SimpleNamespace(
            experimental=types.SimpleNamespace(do_not_convert=lambda function: function)
        )

    def __getattr__(self, name):
        self.absent.append(name)
        raise Absent(f"Keras on {self._title} has nothing like tf.{name}")

    def reduce_mean(self, tensor, axis=None, keepdims=False):
        return self.keras.ops.mean(tensor, axis=axis, keepdims=keepdims)

    def reduce_prod(self, tensor):
        return self.keras.ops.prod(self.keras.ops.convert_to_tensor(tensor))

    def identity(self, variable):
        return self.keras.ops.convert_to_tensor(variable)

    def control_dependencies(self, before):
        """What is traced or run in order stays in order."""
        return contextlib.nullcontext()

    def _normalised(self, inputs, mean, variance, beta, gamma, epsilon):
        answer = (inputs - mean) / self.keras.ops.sqrt(variance + epsilon)
        answer = answer if gamma is None else answer * gamma
        return answer if beta is None else answer + beta
