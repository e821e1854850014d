"""The axis `mode`: a switch of the framework that is thrown before anything is built, in a process of its own."""

import os
from collections import OrderedDict
from dataclasses import dataclass
from inspect import cleandoc
from typing import Callable, Optional

from bnregress.suite.finding import NotApplicable
from bnregress.suite.wording import in_one_line

MODE = OrderedDict()

#: Where releases read, as TensorFlow is imported, whether to behave as TensorFlow 2.
BEHAVIOUR = "TF2_BEHAVIOR"


@dataclass(frozen=True)
class Mode:
    """A switch.

    Attributes:
        name: as in `mode=graph`.
        summary: what it is, for a person.
        throw: takes the `tensorflow` module that was just imported; None if there is nothing to do then.
        behaviour: what `TF2_BEHAVIOR` is set to before the import; None leaves it alone.
        code: the switch as lines of a script, after `import tensorflow as tf`.
        before: lines before that import.
    """

    name: str
    summary: str
    throw: Optional[Callable] = None
    behaviour: Optional[str] = None
    code: str = ""
    before: str = ""


def _declare(name, summary, **more):
    MODE[name] = Mode(name, summary, **more)


def switch(name, summary, code):
    """Declare the decorated function as a mode."""

    def register(throw):
        _declare(name, summary, throw=throw, code=cleandoc(code))
        return throw

    return register


_declare("default", "as the release comes")


@switch("graph", "tf.compat.v1.disable_eager_execution()", "tf.compat.v1.disable_eager_execution()")
def graph(tf):
    tf.compat.v1.disable_eager_execution()


@switch("v1-behavior", "tf.compat.v1.disable_v2_behavior()", "tf.compat.v1.disable_v2_behavior()")
def v1_behavior(tf):
    tf.compat.v1.disable_v2_behavior()


for _value in "01":
    _line = 'import os\n\nos.environ["{}"] = "{}"'.format(BEHAVIOUR, _value)
    _declare("tf2-behavior-" + _value, "{}={}".format(BEHAVIOUR, _value), behaviour=_value, before=_line)


def mode_of(variant):
    """Mode of a variant, by the variant's name; needs no other axis, and does not mind what it does not know."""
    parts = dict(part.partition("=")[::2] for part in variant.split(","))
    return parts.get("mode", next(iter(MODE)))


def import_in(mode, load):
    """Import the framework with a mode's switch thrown.

    Args:
        mode: name of a mode.
        load: imports TensorFlow and returns the module.
    """
    chosen = MODE[mode]
    if chosen.behaviour is not None:
        os.environ[BEHAVIOUR] = chosen.behaviour
    tf = load()
    if chosen.throw is not None:
        chosen.throw(tf)
    return tf


def require_working(framework):
    """Try whether Keras runs at all now that the switch is thrown.

    Raises:
        NotApplicable: it does not.
    """
    import numpy as np

    framework.engine.require_mode()
    keras, ones = framework.keras, np.ones((1, 1), dtype=np.float32)
    try:
        layer = keras.layers.Dense(1)
        model = keras.Sequential([layer, keras.layers.Dense(1)])
        model.build((None, 1))
        layer.set_weights([ones, ones[0]])
        model.compile(framework.sgd(0.1), "mse")
        model.fit(ones, ones, verbose=0)
        layer.get_weights()
    except Exception as error:
        raise NotApplicable("Keras does not run in this mode: {}".format(in_one_line(error))) from error
