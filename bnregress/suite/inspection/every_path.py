"""Every loading path in this environment's own TensorFlow, decided one after another in this process."""

from bnregress.suite.cells import every_cell
from bnregress.suite.checks import CHECKS
from bnregress.suite.paths import PATHS
from bnregress.suite.registry import OWN_NETWORKS
from bnregress.suite.work import Work


def inspect_environment(loader, tell_path):
    """Decide every loading path and hand each record to `tell_path` when it is there.

    Args:
        loader: `bnregress.suite.loader.FrameworkLoader` that has loaded.
        tell_path: takes the record, a dict of JSON values.
    """
    for cell in every_cell():
        if PATHS[cell.path].family in OWN_NETWORKS:
            continue
        work = Work(cell, loader)
        for check in CHECKS.values():
            work.decide(check)
        tell_path(work.record)
