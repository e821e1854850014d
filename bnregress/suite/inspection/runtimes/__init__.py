"""What the inspection of a model needs of the engine that it runs on, beyond what the suite's own checks need."""

import importlib

#: The runtimes by the key of their engine, with the module that has each as `Runtime`.
MODULES = {
    "tensorflow": "bnregress.suite.inspection.runtimes.tensorflow",
    "jax": "bnregress.suite.inspection.runtimes.jax",
    "torch": "bnregress.suite.inspection.runtimes.torch",
}


def runtime_of(framework):
    """Return the runtime of a framework's engine, see `bnregress.suite.inspection.runtimes.base.Runtime`."""
    return importlib.import_module(MODULES[framework.engine.key]).Runtime(framework)
