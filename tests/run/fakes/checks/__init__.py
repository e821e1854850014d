"""One check, which does what the subject says."""

import os
import sys
import time
from pathlib import Path

from bnregress.suite.finding import passed, regressed
from bnregress.suite.registry import CHECKS, check

__all__ = ["CHECKS"]


@check("mode-parity")
def mode_parity(subject):
    """Whatever the path wants."""
    if subject == "hang":
        time.sleep(600)
    if subject == "regress":
        return regressed("It changed.", figure=float("inf"))
    if subject == "surroundings":
        files = sorted(path.name for path in Path().iterdir())
        return passed("Shown.", environ=dict(os.environ), path=sys.path, files=files, prefix=sys.prefix)
    return passed("It stayed.", figure=0.5)


@check("accuracy-parity", suite="finetune")
def accuracy_parity(subject):
    """Shows what it was asked."""
    return passed("Asked.", **subject.finetune)
