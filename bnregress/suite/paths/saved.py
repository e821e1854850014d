"""Whole models, saved frozen and loaded within the release."""

import os
import tempfile

from bnregress.suite.registry import loading_path


@loading_path(
    "h5",
    family="saved",
    summary='model.save("model.h5"), then tf.keras.models.load_model',
    code="""
    source.save("model.h5")
    network = tf.keras.models.load_model("model.h5", compile=False)
    """,
)
def h5(framework, source):
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "model.h5")
        source.save(file)
        return framework.keras.models.load_model(file, compile=False)
