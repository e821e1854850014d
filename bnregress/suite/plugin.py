"""pytest plugin of the suite: `-p bnregress.suite.plugin`.

Without `--bnregress-cells` it asks every loading path in its default variant;
without `--bnregress-records` it writes nothing. It works with and without
pytest-xdist; only with it does the loss of a process cost no more than a cell.
"""

import os
from pathlib import Path

import pytest

from bnregress.suite.cells import Asked, every_cell, read_asked, read_cells
from bnregress.suite.crash import report_exit
from bnregress.suite.own_process import WorkerFile, keep_stacks, lead_own_group
from bnregress.suite.record_files import RecordPaths
from bnregress.suite.recorder import Recorder
from bnregress.suite.scheduling import CellScheduling

CELLS = pytest.StashKey()
ASKED = pytest.StashKey()
RECORDS = pytest.StashKey()
RECORDER = pytest.StashKey()
STACKS = pytest.StashKey()


def pytest_addoption(parser):
    """Add the options of the suite."""
    group = parser.getgroup("bnregress", "frozen BatchNorm")
    group.addoption("--bnregress-cells", metavar="FILE", help="JSON file of the cells to decide (all by default)")
    group.addoption("--bnregress-records", metavar="DIR", help="directory for one record per cell (none by default)")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """Read what is requested; in a worker, leave its name before anything can go wrong."""
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        lead_own_group()
    config.stash[CELLS], config.stash[ASKED] = _cells(config)
    config.stash[RECORDS] = records = _records(config)
    config.stash[RECORDER] = Recorder(records, _worker_file(records, worker), config.stash[ASKED])


def pytest_sessionstart(session):
    """Keep the stacks of a worker that crashes, which pytest's own handler would lose among other output."""
    records = session.config.stash[RECORDS]
    if records is not None and hasattr(session.config, "workerinput"):
        session.config.stash[STACKS] = keep_stacks(records.stacks(os.getpid()))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler():
    """Give whole cells to workers, whatever `--dist` says."""
    return CellScheduling()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error):
    """Write down how a worker ended that was not told to."""
    records = node.config.stash[RECORDS]
    if error and records is not None:
        report_exit(records, node)


@pytest.fixture(scope="session")
def recorder(request):
    """Decides cells in this process."""
    return request.config.stash[RECORDER]


def _cells(config):
    file = config.getoption("--bnregress-cells")
    if file is None:
        return every_cell(), Asked()
    try:
        return read_cells(file), read_asked(file)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise pytest.UsageError("--bnregress-cells {}: {}".format(file, error)) from error


def _records(config):
    directory = config.getoption("--bnregress-records")
    if directory is None:
        return None
    records = RecordPaths(Path(directory).absolute())
    records.root.mkdir(parents=True, exist_ok=True)
    return records


def _worker_file(records, worker):
    if records is None or worker is None:
        return None
    return WorkerFile(records, worker["workerid"], worker["testrunuid"])
