"""SavedModels loaded as functions and variables, without the layers they came from."""

import tempfile

from bnregress.suite import bare
from bnregress.suite.finding import NotApplicable, refused
from bnregress.suite.loaded import as_layer
from bnregress.suite.registry import loading_path


@loading_path(
    "savedmodel-raw",
    family="raw",
    summary="tf.saved_model.save(model, ...), then tf.saved_model.load, called with training=...",
    networks=("small", "resnet50"),
    code="""
    tf.saved_model.save(source, "model")
    loaded = tf.saved_model.load("model")


    class Loaded(tf.keras.layers.Layer):
        def call(self, inputs, training=None):
            mode = tf.cast(False if training is None else training, "bool")
            return tf.cond(mode, lambda: loaded(inputs, training=True), lambda: loaded(inputs, training=False))

        def get_weights(self):
            return [variable.numpy() for variable in loaded.variables]


    network = Loaded()
    """,
)
def savedmodel_raw(framework, source):
    if not framework.eager:
        raise NotApplicable("in graph mode what tf.saved_model.load gives cannot be called with training=...")
    with tempfile.TemporaryDirectory() as folder:
        framework.require("saved_model.save")(source, folder)
        return as_layer(framework, framework.require("saved_model.load")(folder))


@loading_path(
    "export-raw",
    family="raw",
    summary='model.export("model"), then the endpoint `serve` of tf.saved_model.load("model")',
    networks=("small", "resnet50"),
    code="""
    source.export("model")
    loaded = tf.saved_model.load("model")


    class Loaded(tf.keras.layers.Layer):
        def call(self, inputs, training=None):
            return loaded.serve(inputs)

        def get_weights(self):
            return [variable.numpy() for variable in loaded.variables]


    network = Loaded()
    """,
)
def export_raw(framework, source):
    if not hasattr(source, "export"):
        raise NotApplicable("this release has no Model.export")
    load = framework.require("saved_model.load")
    with tempfile.TemporaryDirectory() as folder:
        source.export(folder)
        loaded = load(folder)
        return as_layer(framework, loaded, call=lambda inputs, _mode: loaded.serve(inputs))


#: What Keras 3.3 to 3.8 say as they compile a model around what they exported themselves.
UNTRAINABLE = "has no attribute 'regularizer'"


def _tfsm_code(options):
    return """
    archive, images_of = tf.keras.export.ExportArchive(), tf.TensorSpec((None, 32, 32, 3))
    archive.track(source)
    archive.add_endpoint("serve", lambda inputs: source(inputs, training=False), [images_of])
    archive.add_endpoint("train", lambda inputs: source(inputs, training=True), [images_of])
    archive.write_out("model")
    network = tf.keras.layers.TFSMLayer("model", call_endpoint="serve", call_training_endpoint="train"OPTIONS)
    """.replace("OPTIONS", options)


@loading_path(
    "tfsm-layer",
    family="raw",
    summary="keras.export.ExportArchive with an endpoint for each mode, then keras.layers.TFSMLayer",
    networks=("small", "resnet50"),
    untrainable=UNTRAINABLE,
    code=_tfsm_code(""),
)
def tfsm_layer(framework, source, **options):
    images = framework.require("TensorSpec")((None,) + tuple(source.input_shape[1:]))
    archive = framework.require("keras.export.ExportArchive")()
    layer = framework.require("keras.layers.TFSMLayer")
    archive.track(source)
    archive.add_endpoint("serve", lambda inputs: source(inputs, training=False), [images])
    archive.add_endpoint("train", lambda inputs: source(inputs, training=True), [images])
    with tempfile.TemporaryDirectory() as folder:
        archive.write_out(folder)
        return layer(folder, call_endpoint="serve", call_training_endpoint="train", **options)


@loading_path(
    "tfsm-layer-frozen",
    family="raw",
    summary="keras.export.ExportArchive, then keras.layers.TFSMLayer(..., trainable=False)",
    networks=("small", "resnet50"),
    untrainable=UNTRAINABLE,
    code=_tfsm_code(", trainable=False"),
)
def tfsm_layer_frozen(framework, source):
    # Seen in Keras 3.3 to 3.8: the flag of what was exported cannot be set.
    with refused(AttributeError, "has no setter"):
        return tfsm_layer(framework, source, trainable=False)


@loading_path(
    "hub-layer",
    family="raw",
    summary="tf.saved_model.save(model, ...), then tensorflow_hub.KerasLayer",
    refusals=(ValueError,),  # of what Keras 3 saves: it cannot be called
    bare=lambda framework: hub_layer(framework, bare.network(framework)),
    networks=("small", "resnet50"),
    code="""
    import tensorflow_hub as hub

    tf.saved_model.save(source, "model")
    network = hub.KerasLayer("model")
    """,
)
def hub_layer(framework, source):
    hub = framework.require_module("tensorflow_hub")
    with tempfile.TemporaryDirectory() as folder:
        framework.require("saved_model.save")(source, folder)
        return hub.KerasLayer(folder)
