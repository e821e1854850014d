"""Running layers and reading variables, in eager and in graph mode alike."""

import numpy as np

from bnregress.suite.arithmetic import identical


class Execution:
    """How a network is run in a given framework.

    Args:
        framework: `bnregress.suite.framework.Framework`.
    """

    def __init__(self, framework):
        self.tf = framework.tf
        self.eager = framework.eager
        self.keras = framework.keras
        self.backend = framework.keras.backend
        self._functions = {}
        self._traced = {}

    def forward(self, network, images, training):
        """Output of a functional network in training or inference mode.

        In graph mode the mode is the learning phase, which is what `fit` and
        `evaluate` set there.

        Returns:
            float array, as the network gives it.
        """
        if self.eager:
            return np.asarray(network(images, training=training))
        # What a graph computes was settled by the flags of the moment in which it was made, so the network is called
        # anew, as a head's model does. Each new function costs a session with a graph of this size a second.
        made = network, tuple(bool(layer.trainable) for layer in network.layers)
        if made not in self._functions:
            inputs = self.keras.Input(images.shape[1:])
            outputs = [network(inputs)]
            self._functions[made] = self.backend.function([inputs, self.backend.learning_phase()], outputs)
        return self._functions[made]([images, int(training)])[0]

    def forward_untold(self, network, images):
        """Output of a functional network that is called without `training`: an array."""
        if self.eager:
            return np.asarray(network(images))
        inputs = self.keras.Input(images.shape[1:])
        return self.backend.function([inputs], [network(inputs)])([images])[0]

    def forward_traced(self, network, images, training):
        """The same in a graph, as `fit` and `evaluate` run a network: of many batches each costs half or less."""
        if not self.eager:
            return self.forward(network, images, training)
        # What a graph computes is settled by the flags of the moment in which it was traced.
        made = network, training, tuple(bool(layer.trainable) for layer in getattr(network, "layers", ()))
        if made not in self._traced:
            self._traced[made] = self.tf.function(lambda images: network(images, training=training))
        return np.asarray(self._traced[made](self.tf.constant(images)))

    def forward_layers(self, layers, inputs, training):
        """Output of each layer on its own input.

        Args:
            layers: layers that are already built.
            inputs: one float32 array a layer.
            training: the mode.

        Returns:
            list of arrays.
        """
        if self.eager:
            return [np.asarray(layer(images, training=training)) for layer, images in zip(layers, inputs)]
        constants = [self.backend.constant(images) for images in inputs]
        outputs = [layer(images, training=training) for layer, images in zip(layers, constants)]
        return self.backend.function([], outputs)([]) if outputs else []

    def forward_layers_compiled(self, layers, inputs, training):
        """The same in one `tf.function`, as `fit` and `evaluate` run them; a graph is compiled as it is."""
        if not self.eager:
            return self.forward_layers(layers, inputs, training)

        @self.tf.function
        def run(batches):
            return [layer(batch, training=training) for layer, batch in zip(layers, batches)]

        return [np.asarray(output) for output in run([self.tf.constant(batch) for batch in inputs])]

    def read(self, variables):
        """Values of variables as a list of arrays, copied."""
        if self.eager:
            # `numpy` copies; another copy of ResNet50 would take as long again.
            return [np.asarray(variable.numpy()) for variable in variables]
        # One run of the session for all, for the same reason.
        return self.backend.batch_get_value(list(variables))

    def unchanged(self, variables, before):
        """Whether all variables are bit-equal to what was read of them before."""
        return all(map(identical, before, self.read(variables)))

    def write(self, variables, values):
        """Give each variable its value."""
        if self.eager:
            for variable, value in zip(variables, values):
                variable.assign(value)
        else:
            self.backend.batch_set_value(list(zip(variables, values)))

    def release(self, variables):
        """Hand back the memory of variables that nobody reads again.

        TensorFlow's runtime keeps the variables of every network that `fit` has
        trained: measured 108 MB a ResNet50 in 2.15.1 and 2.21.0, with no Python
        object left that refers to them.
        """
        if self.eager:
            for variable in variables:
                handle = getattr(variable, "value", variable) if not hasattr(variable, "handle") else variable
                self.tf.raw_ops.AssignVariableOp(resource=handle.handle, value=self.tf.zeros([0], variable.dtype))

    def set_learning_rate(self, model, rate):
        """Change the learning rate of a compiled model without compiling again."""
        # Keras before 2.3 calls it lr.
        name = "learning_rate" if hasattr(model.optimizer, "learning_rate") else "lr"
        variable = getattr(model.optimizer, name)
        if self.eager:
            variable.assign(rate)
        else:
            self.backend.set_value(variable, rate)
