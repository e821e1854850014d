"""Networks built again from a sound one's configuration, its weights copied over."""

from bnregress.suite.registry import loading_path


@loading_path(
    "clone",
    family="rebuilt",
    summary="tf.keras.models.clone_model(model), then set_weights",
    code="""
    network = tf.keras.models.clone_model(source)
    network.set_weights(source.get_weights())
    """,
)
def clone(framework, source):
    network = framework.keras.models.clone_model(source)
    network.set_weights(source.get_weights())
    return network


@loading_path(
    "json",
    family="rebuilt",
    summary="tf.keras.models.model_from_json(model.to_json()), then set_weights",
    code="""
    network = tf.keras.models.model_from_json(source.to_json())
    network.set_weights(source.get_weights())
    """,
)
def json(framework, source):
    network = framework.keras.models.model_from_json(source.to_json())
    network.set_weights(source.get_weights())
    return network
