"""Which Keras a model is of."""

import sys

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
        Problem: that Keras does not run on TensorFlow here.
    """
    root = root_of(model)
    try:
        of_framework = isinstance(model, framework.keras.Model)
    except (AttributeError, ImportError):
        of_framework = False
    own = framework if of_framework or not root or root.startswith("tensorflow") else framework.through(root)
    backend = getattr(own.keras.backend, "backend", lambda: "tensorflow")()
    if backend != "tensorflow":
        raise Problem("Keras runs on {} here, not on TensorFlow; set KERAS_BACKEND=tensorflow".format(backend))
    return own


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
