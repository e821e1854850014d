"""JAX, in which a compiled function changes nothing: Keras hands variables in and takes them back."""

from bnregress.suite.engines.keras3 import Keras3


def load(mode):
    """Import Keras on JAX."""
    return Jax(mode)


class Jax(Keras3):
    """JAX as imported here."""

    key, title = "jax", "JAX"
    #: Its optimizer is handed the variables that are trainable now, and must have been built with just these.
    refuses_late = "Argument `optimizer_variables` must be a list of tensors corresponding 1:1"

    def compiled(self, function, *parts, shape=None):
        """`jax.jit` of a function that is given the variables, and returns what it made of them."""
        scope, variables = self.keras.StatelessScope, [each for part in parts for each in part.variables]

        @self.module.jit
        def run(values, arrays):
            with scope(state_mapping=list(zip(variables, values))) as state:
                answer = function(*arrays)
            return answer, [state.get_current_value(each) for each in variables]

        def call(*arrays):
            answer, values = run([each.value for each in variables], arrays)
            for variable, value in zip(variables, values):
                variable.assign(value)
            return self.arrays(answer)

        return call

    def tracing(self):
        """Whether `jax.jit` or another transformation runs."""
        return isinstance(self.module.numpy.zeros(()), self.module.core.Tracer)

    def gradient(self, function, images):
        """`jax.grad`."""
        return self.array(self.module.grad(function)(self.module.numpy.asarray(images)))
