"""JAX, in which a step is a function of all variables, and a gradient is had by tracing."""

import contextlib

from bnregress.suite.inspection import which_keras
from bnregress.suite.inspection.runtimes import keras3
from bnregress.suite.inspection.traced import functions_in


class Runtime(keras3.Runtime):
    """JAX as imported here."""

    def idle_optimizer(self):
        """One that gives back what it is handed, too."""

        def stateless_apply(optimizer_variables, grads, trainable_variables):
            return trainable_variables, optimizer_variables

        return dict(super().idle_optimizer(), stateless_apply=stateless_apply)

    def compiled(self, model):
        """`jax.jit` of a function of the variables, which it does not change."""
        scope, variables = self.keras.StatelessScope, list(model.variables)

        @self.module.jit
        def run(values, given):
            with scope(state_mapping=list(zip(variables, values))):
                return model(given, training=False)

        return lambda given: run([each.value for each in variables], given)

    @contextlib.contextmanager
    def running_eagerly(self, model, unwatched):
        """Nothing is compiled, and what a gradient is taken of is called once more, with values.

        A gradient that nothing is trained with need not be right.
        """
        jax, needed = self.module, which_keras.own_train_step(model)
        plain = jax.grad, jax.value_and_grad

        def watched(transform, function, options, gradient):
            def call(*args, **kwargs):
                if needed:
                    with unwatched():
                        answer = transform(function, *options[0], **options[1])(*args, **kwargs)
                value = function(*args, **kwargs)
                return answer if needed else gradient(value, args)

            return call

        def zeros(tensors):
            return jax.tree_util.tree_map(jax.numpy.zeros_like, tensors)

        def grad(function, *args, **kwargs):
            return watched(plain[0], function, (args, kwargs), lambda _, given: zeros(given[0]))

        def value_and_grad(function, *args, **kwargs):
            return watched(plain[1], function, (args, kwargs), lambda value, given: (value, zeros(given[0])))

        jax.grad, jax.value_and_grad = grad, value_and_grad
        try:
            with jax.disable_jit():
                yield
        finally:
            jax.grad, jax.value_and_grad = plain

    def traces(self, model):
        """Those that `jax.jit` keeps."""
        jitted = functions_in(getattr(model, "train_function", None), "_cache_size")
        return sum(each._cache_size() for each in jitted)

    @contextlib.contextmanager
    def fitting(self, model):
        """`fit` takes the values out of the variables, and an exception keeps it from putting them back."""
        held = [*model.variables, *model.metrics_variables]
        if model.optimizer is not None:
            held += model.optimizer.variables
        values = [(variable, variable.value) for variable in held]
        try:
            yield
        except Exception:
            for variable, value in values:
                if variable._value is None:
                    variable._value = value
            raise

    def told(self, error):
        """Of the step that is refused once flags have changed."""
        words = self.framework.engine.refuses_late
        if words not in str(error):
            return ""
        return "`trainable` was changed after the first step or evaluation; compile the model again after freezing"
