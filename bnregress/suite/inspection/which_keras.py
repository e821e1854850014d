"""Which Keras a model is of."""

import importlib.util
import json
import os
import sys

from bnregress.suite.engines import MODULES, VARIABLE
from bnregress.suite.inspection.problem import Problem

#: Packages whose classes are a Keras.
_ROOTS = ("tensorflow", "tensorflow_core", "keras", "tf_keras")


def root_of(thing):
    """Package of the Keras that an object's class comes from, as "tf_keras"; "" for none."""
    for kind in type(thing).__mro__:
        root = kind.__module__.split(".")[0]
        if root in _ROOTS:
            return root
    return ""


def through_own_keras(framework, model):
    """Return the framework as seen through the Keras that the model is of.

    Raises:
        Problem: that Keras runs on another engine here.
    """
    root = root_of(model)
    try:
        of_framework = isinstance(model, framework.keras.Model)
    except (AttributeError, ImportError):
        of_framework = False
    own = framework if of_framework or not root or root.startswith("tensorflow") else framework.through(root)
    if engine_of(own.keras) != framework.engine.key:
        reason = "the model's Keras runs on {} here, not on {}"
        raise Problem(reason.format(engine_of(own.keras), framework.engine.title))
    return own


def engine_of(keras):
    """What a Keras runs on, as in `KERAS_BACKEND`."""
    return getattr(keras.backend, "backend", lambda: "tensorflow")()


def engine_for(model):
    """What the Keras of a model runs on, as in `KERAS_BACKEND`."""
    return engine_of(sys.modules["keras"]) if root_of(model) == "keras" else "tensorflow"


def engine_here():
    """What Keras runs on in an environment, as in `KERAS_BACKEND`: as set, else TensorFlow, else the one there is."""
    chosen = os.environ.get(VARIABLE)
    if not chosen and importlib.util.find_spec("tensorflow") is None:
        installed = [name for name in MODULES if importlib.util.find_spec(name) is not None]
        chosen = _configured()
        # What Keras itself writes there when it is first imported.
        if chosen in (None, "tensorflow"):
            chosen = installed[0] if len(installed) == 1 else None
    return chosen or "tensorflow"


def _configured():
    """The engine in the file that Keras reads; None if it names none."""
    home = os.environ.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")
    try:
        with open(os.path.join(home, "keras.json"), encoding="utf-8") as stream:
            return json.load(stream).get("backend")
    except (OSError, ValueError, AttributeError):
        return None


def version_of(framework, model=None):
    """Version of the Keras that the model is of, or that `tf.keras` is; None if it does not say."""
    root = root_of(model) if model is not None else ""
    if root in ("keras", "tf_keras"):
        return getattr(sys.modules.get(root), "__version__", None)
    # tf.keras of TensorFlow 2.13 to 2.15 does not say it itself, the package that it is does.
    return getattr(framework.keras, "__version__", None) or getattr(sys.modules.get("keras"), "__version__", None)


def is_own(layer):
    """Whether the class of a layer is neither a Keras's nor TensorFlow's."""
    return type(layer).__module__.split(".")[0] not in _ROOTS


def is_own_class(kind):
    """Whether a class is neither a Keras's nor TensorFlow's, nor Python's own."""
    return kind.__module__.split(".")[0] not in (*_ROOTS, "builtins")


def own_train_step(model):
    """Whether the model has a training step of its own, in a release that calls it: 2.2 and newer."""
    own = [kind for kind in type(model).__mro__ if is_own_class(kind)]
    called = any("train_step" in vars(kind) for kind in type(model).__mro__ if kind not in own)
    return called and any("train_step" in vars(kind) for kind in own)


def own_call(layer):
    """Whether the class of a layer has a `call` that is not a Keras's."""
    return any("call" in vars(kind) for kind in type(layer).__mro__ if is_own_class(kind))


def own_fit(model):
    """Whether the model has a `fit` of its own."""
    return any("fit" in vars(kind) for kind in type(model).__mro__ if is_own_class(kind))


def inherits(layer, names):
    """Whether a layer's class, or one that it inherits from, has one of the names and is a framework's."""
    return any(
        kind.__name__ in names and kind.__module__.split(".")[0] in _ROOTS + ("tensorflow_hub",)
        for kind in type(layer).__mro__
    )


#: Layers that draw random numbers in training, and are meant to.
_RANDOM = ("BaseRandomLayer", "BaseImageAugmentationLayer")


def is_random(layer):
    """Whether a layer is one of the framework's own that draw random numbers in training, as Dropout."""
    # Of an owner's own class the name says nothing.
    names = [kind.__name__ for kind in type(layer).__mro__ if not is_own_class(kind)]
    dropping = any(word in name for name in names for word in ("Dropout", "GaussianNoise"))
    return dropping or any(name.startswith("Random") for name in names) or inherits(layer, _RANDOM)


#: Layers that hold a function instead of layers.
_FUNCTIONS = ("KerasLayer", "TFSMLayer")
_HELD = ("WrappedFunction", "_UserObject", "RestoredFunction", "ConcreteFunction")


def is_opaque(layer):
    """Whether a layer computes with a function whose own layers cannot be seen, as one of a SavedModel."""
    if inherits(layer, _FUNCTIONS) or "saved_model" in type(layer).__module__:
        return True
    held = list(vars(layer).values())
    return any(type(each).__name__ in _HELD or "saved_model" in type(each).__module__ for each in held)


def is_closed(layer):
    """Whether variables may be in a layer that it does not say it has: opaque, or a function that was given to it."""
    return is_opaque(layer) or inherits(layer, ("Lambda",))
