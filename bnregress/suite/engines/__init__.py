"""What Keras computes with: each engine behind the interface of `bnregress.suite.engines.base.Engine`.

Checks, loading paths and variants know the interface alone. Nothing here imports an engine before it is loaded.
"""

import importlib
import os

#: The engines by the name that `KERAS_BACKEND` gives them, with the module that has each.
MODULES = {
    "tensorflow": "bnregress.suite.engines.tensorflow",
    "jax": "bnregress.suite.engines.jax",
    "torch": "bnregress.suite.engines.torch",
}
#: What people call them.
TITLES = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}
#: What Keras 3 reads, and Keras 2 does not.
VARIABLE = "KERAS_BACKEND"


def load_engine(mode, name=None):
    """Import an engine with a mode's switch thrown.

    Args:
        mode: name of the mode.
        name: as in `KERAS_BACKEND`; None for what that names, TensorFlow if it names none.

    Raises:
        ValueError: there is no such engine.
    """
    name = name or os.environ.get(VARIABLE) or "tensorflow"
    if name not in MODULES:
        raise ValueError("{}={}: Keras runs on {} here".format(VARIABLE, name, ", ".join(MODULES)))
    return importlib.import_module(MODULES[name]).load(mode)
