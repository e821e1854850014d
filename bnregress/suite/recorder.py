"""Decides the cells that come to this process, one after the other."""

from bnregress.suite.loader import FrameworkLoader
from bnregress.suite.work import Work


class LostCellError(Exception):
    """Another process started this cell; the message says what became of it."""


class Recorder:
    """Builds each cell once, asks its checks and writes its record.

    Args:
        records: `RecordPaths` to write to; None writes nothing.
        worker_file: `WorkerFile` that is told how far the framework's import is; None tells nobody.
        asked: `bnregress.suite.cells.Asked`; None asks for the properties.
    """

    def __init__(self, records=None, worker_file=None, asked=None):
        self._records = records
        self._asked = asked
        self._loader = FrameworkLoader(records, worker_file)
        self._works = {}
        self._current = None

    def decide(self, cell, check):
        """Return the `Finding` of one check on one cell.

        Raises:
            LostCellError: the cell was started by another process, and is not tried twice.
        """
        if cell not in self._works:
            self._works[cell] = self._start(cell)
        work = self._works[cell]
        if work is None:
            raise LostCellError(self._fate(cell))
        if self._current is not work:
            # Where checks were left out by hand, the last cell never came to its end.
            if self._current is not None:
                self._current.drop()
            self._current = work
        return work.decide(check)

    def _start(self, cell):
        # The cell's time budget starts with its file, and a slow import is not on it.
        self._loader.load(cell.setup)
        work = Work(cell, self._loader, self._records, self._asked)
        return work if work.claim() else None

    def _fate(self, cell):
        if self._records.record(cell.subject).exists():
            return "the cell was decided by another process"
        return "the cell was lost with its process"
