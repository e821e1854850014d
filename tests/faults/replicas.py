"""Faults that show on several replicas only: one of them holds, or takes in, something else."""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

from tests.faults.registry import fault, in_variants

REPLICAS = ("replicas",)


def _second_replica_drifts(keras):
    """Let the second replica of a frozen layer move its own mean while training."""

    def call(original, layer, inputs, training):
        answer = original(layer, inputs, training)
        context = keras.tf.distribute.get_replica_context()
        if training and not layer.trainable and context is not None and context.num_replicas_in_sync > 1:
            place = keras.tf.cast(context.replica_id_in_sync_group, "float32")
            mean = keras.tf.convert_to_tensor(layer.moving_mean)
            layer.moving_mean.assign(mean + 0.5 * place)
        return answer

    keras.change_call(call)


@fault("replicas-frozen", layers=None, paths=REPLICAS)
def second_replica_of_a_frozen_layer_drifts(keras):
    """The second replica of a frozen layer moves its own mean while training."""
    _second_replica_drifts(keras)


@fault("frozen-state", paths=in_variants("train=replicas"))
def second_replica_of_a_frozen_network_drifts(keras):
    """The second replica of a frozen network moves its own means in `fit`."""
    _second_replica_drifts(keras)


@fault("replicas-synchronized", layers=None, paths=REPLICAS)
def synchronized_layers_go_by_their_own_batch(keras):
    """An un-frozen layer that is to be synchronized takes the statistics of its own replica's images."""
    kinds = [keras.batchnorm]
    experimental = getattr(keras.keras.layers, "experimental", None)
    kinds += [kind for kind in [getattr(experimental, "SyncBatchNormalization", None)] if kind is not None]
    for kind in kinds:
        _alone(keras, kind)


def _alone(keras, kind):
    for name in ("_calculate_mean_and_var", "_moments"):
        if hasattr(kind, name):
            break
    untouched = getattr(kind, name)

    def moments(self, inputs, *arguments, **options):
        if getattr(self, "_running", False) or not self.trainable:
            return untouched(self, inputs, *arguments, **options)
        answer = untouched(self, inputs, *arguments, **options)
        context = keras.tf.distribute.get_replica_context()
        if context is None or context.num_replicas_in_sync < 2:
            return answer
        mean, variance = answer
        return mean + keras.tf.cast(context.replica_id_in_sync_group, mean.dtype), variance

    keras.set(kind, name, moments)
