"""Three checks; the second does what the path asks for."""

import os

from bnregress.suite import finding
from bnregress.suite.ends import ENDS
from bnregress.suite.registry import CHECKS, check

__all__ = ["CHECKS"]


def _odd_evidence():
    import numpy as np

    return {
        "scalar": np.float32(0.5),
        "count": np.int64(3),
        "flag": np.bool_(True),
        "nan": float("nan"),
        "inf": np.float64("inf"),
        "array": np.array([[1.0, -np.inf]]),
        "tuple": (1, 2.5),
        "text": "caf\xe9 \udcff",
        "none": None,
        "object": complex(1, 2),
    }


def _trace(subject, name):
    with open(os.environ["FAKE_TRACE"], "a") as trace:
        trace.write(f"check {subject.behaviour} {subject.variant} {name} {os.getpid()}\n")


@check("first")
def first(subject):
    """The first property holds.

    More about it.
    """
    _trace(subject, "first")
    return finding.passed("fine")


@check("second")
def second(subject):
    """The second property holds."""
    _trace(subject, "second")
    if subject.behaviour == "regresses":
        return finding.regressed("it normalises with the batch", layers=53)
    if subject.behaviour == "inconclusive":
        return finding.inconclusive("no statistics to compare")
    if subject.behaviour == "not-a-finding":
        return None
    if subject.behaviour == "odd-evidence":
        return finding.passed("fine", **_odd_evidence())
    if subject.behaviour == "check-raises":
        raise KeyError("momentum")
    if subject.behaviour.startswith("check-"):
        ENDS[subject.behaviour[len("check-") :]]()
    return finding.passed("fine")


@check("third")
def third(subject):
    """The third property holds."""
    _trace(subject, "third")
    return finding.passed("fine")
