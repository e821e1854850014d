"""What `tf.saved_model.load` gives, made a layer that can stand in front of a head."""

from bnregress.suite.finding import NotApplicable


def as_layer(framework, loaded, call=None):
    """Wrap a loaded SavedModel in a Keras layer, which has it as `loaded`, and none of its variables as weights.

    Args:
        framework: `bnregress.suite.framework.Framework`.
        loaded: what `tf.saved_model.load` gave.
        call: takes inputs and the mode, a tensor of bool; by default `loaded` itself is called with that mode.

    Raises:
        NotApplicable: it cannot be called.
    """
    tf = framework.tf
    if call is None:
        call = in_either_mode(tf, loaded)

    class Loaded(framework.keras.layers.Layer):
        def call(self, inputs, training=None):
            # Keras before 2.2 gives a symbolic mode while it trains, which a traced function does not take.
            return call(inputs, tf.cast(False if training is None else training, "bool"))

    # On the class, if Keras does not look for variables: what is loaded is not the layer's to train.
    Loaded.loaded = loaded
    return Loaded()


def in_either_mode(tf, loaded):
    """Return a function of inputs and a symbolic mode that calls what is loaded with `training=True` or `False`."""
    if not callable(loaded):
        raise NotApplicable("what tf.saved_model.load gives cannot be called: this Keras saves no call functions")

    def call(inputs, training):
        return tf.cond(training, lambda: loaded(inputs, training=True), lambda: loaded(inputs, training=False))

    return call
