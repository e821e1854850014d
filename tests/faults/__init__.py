"""Planted faults: each breaks a real installed Keras in one way while it is active.

They run inside a release's environment, on CPython 3.7 to 3.13, and are found
by the ordinary suite, which knows nothing of them.
"""

# Read by CPython 3.7 too, and untyped like the suite.
# mypy: ignore-errors

from tests.faults import (
    arithmetic,
    batches,
    called,
    loading,
    made,
    metrics,
    modes,
    options,
    phases,
    replicas,
    resumed,
    returned,
    several,
    state,
    steps,
    unfrozen,
    untold,
    usage,
    variants,
)
from tests.faults.registry import FAULTS

__all__ = [
    "FAULTS",
    "arithmetic",
    "batches",
    "called",
    "loading",
    "made",
    "metrics",
    "modes",
    "options",
    "phases",
    "replicas",
    "resumed",
    "returned",
    "several",
    "state",
    "steps",
    "unfrozen",
    "untold",
    "usage",
    "variants",
]
