"""Mixed precision, as releases offer it."""

import contextlib

from bnregress.suite.finding import NotApplicable
from bnregress.suite.wording import in_one_line

#: Policies in the order tried. On a processor not every release has the kernels of float16.
POLICIES = ("mixed_float16", "mixed_bfloat16")

#: The same as lines of a script.
CODE = """
precision = tf.keras.mixed_precision
set_policy = getattr(precision, "set_global_policy", None) or precision.experimental.set_policy
set_policy("mixed_float16")
""".strip()


def mixed(framework):
    """Return a function that gives the context in which layers are made with a mixed policy.

    Raises:
        NotApplicable: the release has no such policy, or not the kernels for it on this device.
    """
    tried = []
    for name in POLICIES:
        context = _context(framework, name)
        try:
            with context():
                _try_kernels(framework)
        except Exception as error:
            tried.append("{}: {}".format(name, in_one_line(error)))
        else:
            return context
    raise NotApplicable("no mixed precision works here ({})".format("; ".join(tried)))


def compute_dtype(network):
    """Name of the dtype that a network's layers compute in: `float32`, `float16` or `bfloat16`."""
    for layer in reversed(getattr(network, "layers", ())):
        # Layers say it themselves where mixed precision is older than their property.
        for name in ("compute_dtype", "_compute_dtype"):
            found = getattr(layer, name, None)
            if isinstance(found, str):
                return found
    return "float32"


def skipped(dtype):
    """Steps that a loss scale may skip before the first that moves anything.

    By its documentation it starts at 2**15 and is halved where float16 overflows.
    """
    return 15 if dtype == "float16" else 0


def _context(framework, name):
    @contextlib.contextmanager
    def policy():
        module = framework.require("keras.mixed_precision")
        experimental = getattr(module, "experimental", None)
        set_policy = getattr(module, "set_global_policy", None) or getattr(experimental, "set_policy", None)
        if set_policy is None:
            raise NotApplicable("this release has no policies of mixed precision")
        set_policy(name)
        try:
            yield
        finally:
            set_policy("float32")

    return policy


def _try_kernels(framework):
    layers = framework.keras.layers
    import numpy as np

    for training in (False, True):
        layer = layers.BatchNormalization()
        answer = layer(layers.Conv2D(2, 1)(np.ones((1, 2, 2, 2), dtype=np.float32)), training=training)
        framework.array(answer)
    model = framework.keras.Sequential([layers.BatchNormalization(), layers.Dense(1)])
    model.compile(framework.sgd(0.1), "mse")
    model.train_on_batch(np.ones((2, 2), dtype=np.float32), np.ones((2, 1), dtype=np.float32))
