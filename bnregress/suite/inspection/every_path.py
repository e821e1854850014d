"""Every loading path in this environment's own TensorFlow, decided one after another in this process."""

from bnregress.suite.cells import every_cell
from bnregress.suite.checks import CHECKS
from bnregress.suite.paths import PATHS
from bnregress.suite.registry import OWN_NETWORKS
from bnregress.suite.work import Work

#: The paths that most people use: a network of applications, and the ways of saving and loading a whole model or its
#: weights that the guides show.
QUICK = ("tf-keras-applications", "keras-applications", "h5", "savedmodel", "keras-v3", "weights-h5")


def inspect_environment(loader, tell_path, quick=False):
    """Decide every loading path and hand each record to `tell_path` when it is there.

    Args:
        loader: `bnregress.suite.loader.FrameworkLoader` that has loaded.
        tell_path: takes the record, a dict of JSON values.
        quick: decide only the paths of `QUICK`.
    """
    for cell in every_cell():
        if PATHS[cell.path].family in OWN_NETWORKS or (quick and cell.path not in QUICK):
            continue
        work = Work(cell, loader)
        for check in CHECKS.values():
            work.decide(check)
        tell_path(work.record)
