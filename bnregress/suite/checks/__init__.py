"""Checks, one function each: the docstring states the property, its source and its tolerance.

They run on one subject in the order of the imports below: those that only
look, those that train the frozen network, and last the one that unfreezes it.
`accuracy` is of the suite `finetune` and has a registry of its own.
"""

from bnregress.suite.checks import kept, modes, reference, training, control, accuracy  # noqa: I001, F401 - the order is the meaning
from bnregress.suite.registry import CHECKS

__all__ = ["CHECKS"]
