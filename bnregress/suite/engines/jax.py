"""JAX, in which a compiled function changes nothing: Keras hands variables in and takes them back."""

from bnregress.suite.engines.keras3 import Keras3


def load(mode):
    """Import Keras on JAX."""
    return Jax(mode)


class Jax(Keras3):
    """JAX as imported here."""

    key, title = "jax", "JAX"

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

    def own_loop(self, framework, model):
        """`jax.value_and_grad` of `Model.stateless_call`, compiled, and `Optimizer.stateless_apply`."""
        jax, losses = self.module, framework.keras.losses

        def loss_of(trainable, others, images, labels):
            answer, others = model.stateless_call(trainable, others, images, training=True)
            return jax.numpy.mean(losses.categorical_crossentropy(labels, answer)), others

        @jax.jit
        def run(trainable, others, optimizer, images, labels):
            differentiate = jax.value_and_grad(loss_of, has_aux=True)
            (loss, others), gradients = differentiate(trainable, others, images, labels)
            trainable, optimizer = model.optimizer.stateless_apply(optimizer, gradients, trainable)
            return loss, (trainable, others, optimizer)

        def step(images, labels):
            model.optimizer.build(model.trainable_variables)
            held = model.trainable_variables, model.non_trainable_variables, model.optimizer.variables
            loss, left = run(*([each.value for each in variables] for variables in held), images, labels)
            for variables, values in zip(held, left):
                for variable, value in zip(variables, values):
                    variable.assign(value)
            return loss

        return step
