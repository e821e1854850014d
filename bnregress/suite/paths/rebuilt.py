"""Networks built again from a sound one's configuration, its weights copied over."""

import copy
import pickle

from bnregress.suite import bare, probes
from bnregress.suite.registry import loading_path

#: What Python and Keras raise if a model cannot be copied or pickled, or where what comes of it cannot be called.
CANNOT_COPY = (TypeError, AttributeError, AssertionError, NotImplementedError, ValueError, pickle.PicklingError)


@loading_path(
    "clone",
    family="rebuilt",
    summary="tf.keras.models.clone_model(model), then set_weights",
    networks=("small", "resnet50"),
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
    "clone-function",
    family="rebuilt",
    summary="tf.keras.models.clone_model(model, clone_function=...) that makes each layer from its description",
    networks=("small", "resnet50"),
    code="""
    network = tf.keras.models.clone_model(
        source, clone_function=lambda layer: layer.__class__.from_config(layer.get_config())
    )
    network.set_weights(source.get_weights())
    """,
)
def clone_function(framework, source):
    network = framework.keras.models.clone_model(
        source, clone_function=lambda layer: layer.__class__.from_config(layer.get_config())
    )
    network.set_weights(source.get_weights())
    return network


@loading_path(
    "json",
    family="rebuilt",
    summary="tf.keras.models.model_from_json(model.to_json()), then set_weights",
    networks=("small", "resnet50"),
    code="""
    network = tf.keras.models.model_from_json(source.to_json())
    network.set_weights(source.get_weights())
    """,
)
def json(framework, source):
    network = framework.keras.models.model_from_json(source.to_json())
    network.set_weights(source.get_weights())
    return network


@loading_path(
    "from-config",
    family="rebuilt",
    summary="Model.from_config(model.get_config()), then set_weights",
    networks=("small", "resnet50"),
    code="""
    network = tf.keras.models.Model.from_config(source.get_config())
    network.set_weights(source.get_weights())
    """,
)
def from_config(framework, source):
    network = framework.keras.models.Model.from_config(source.get_config())
    network.set_weights(source.get_weights())
    return network


@loading_path(
    "deepcopy",
    family="rebuilt",
    summary="copy.deepcopy(model)",
    networks=("small", "resnet50"),
    refusals=CANNOT_COPY,
    bare=lambda framework: bare.answer(copy.deepcopy(bare.network(framework))),
    code="import copy\n\nnetwork = copy.deepcopy(source)",
)
def deepcopy(framework, source):
    return _called(framework, copy.deepcopy(source))


@loading_path(
    "pickle",
    family="rebuilt",
    summary="pickle.loads(pickle.dumps(model))",
    networks=("small", "resnet50"),
    refusals=CANNOT_COPY,
    bare=lambda framework: bare.answer(pickle.loads(pickle.dumps(bare.network(framework)))),  # noqa: S301 - our own
    code="import pickle\n\nnetwork = pickle.loads(pickle.dumps(source))",
)
def pickled(framework, source):
    return _called(framework, pickle.loads(pickle.dumps(source)))  # noqa: S301 - our own


def _called(framework, network):
    framework.execution().forward(network, probes.images(1, size=int(network.input_shape[1])), training=False)
    return network
