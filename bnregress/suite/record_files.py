"""Names of the files in a records directory, the interface between the suite and the host."""

from pathlib import Path


class RecordPaths:
    """Where a release's records lie. A subject is a cell id less its release, as in `h5@freeze=model`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def facts(self) -> Path:
        """What the first worker that imported the framework says of it."""
        return self.root / "facts.json"

    def record(self, subject: str) -> Path:
        """The verdict, written once."""
        return self.root / "{}.json".format(subject)

    def started(self, subject: str) -> Path:
        """Which process works at the cell, since when and at which check."""
        return self.root / "{}.started.json".format(subject)

    def timeout(self, subject: str) -> Path:
        """Left by the host before it kills an overdue cell."""
        return self.root / "{}.timeout.json".format(subject)

    def worker(self, pid: int) -> Path:
        """A worker process, its process group and how far it is with the framework's import."""
        return self.root / "worker-{}.json".format(pid)

    def worker_exit(self, pid: int) -> Path:
        """How a worker went down that should not have."""
        return self.root / "worker-{}.exit.json".format(pid)

    def stacks(self, pid: int) -> Path:
        """Python stacks of a worker that crashed, or that was sent SIGUSR1."""
        return self.root / "worker-{}.stacks.txt".format(pid)
