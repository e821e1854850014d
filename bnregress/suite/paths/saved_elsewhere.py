"""Whole models that another release saved: the path `h5-from` is tested as `h5-from=tf2.1.0`.

Asked without a release, the path's own `save` writes the model for others.
"""

import os

from bnregress.suite.crossing import crossing_path
from bnregress.suite.paths.saved import require_saves_savedmodel, save_keras_v3


def _save_h5(source, folder):
    source.save(os.path.join(folder, "model.h5"))


@crossing_path("h5-from", save=_save_h5, file="model.h5")
def h5_from(framework, folder):
    return framework.keras.models.load_model(os.path.join(folder, "model.h5"), compile=False)


def _save_savedmodel(source, folder):
    require_saves_savedmodel(source)
    source.save(os.path.join(folder, "model"), save_format="tf")


@crossing_path("savedmodel-from", save=_save_savedmodel, file="model", options=', save_format="tf"')
def savedmodel_from(framework, folder):
    return framework.keras.models.load_model(os.path.join(folder, "model"), compile=False)


def _save_keras_v3(source, folder):
    save_keras_v3(source, os.path.join(folder, "model.keras"))


@crossing_path("keras-v3-from", save=_save_keras_v3, file="model.keras")
def keras_v3_from(framework, folder):
    return framework.keras.models.load_model(os.path.join(folder, "model.keras"), compile=False)
