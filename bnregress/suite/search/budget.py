"""An end in time for a search, which Hypothesis counts in examples."""

import time
import unittest


class Budget:
    """Says whether an example is still to be run.

    Where nothing has failed when the time is over, the search ends at once. A
    failure may be shrunk for as long again; after that only what is known to
    fail is run, so that Hypothesis finds its failure again.

    Args:
        seconds: for finding, and again for shrinking.
    """

    #: What `allows` raises when the time is over; Hypothesis lets it through, or takes it for a test that draws other
    #: data than before and says so in an error of its own. `over` tells either from a failure.
    Over = unittest.SkipTest

    def __init__(self, seconds):
        self._seconds = seconds
        self._end = time.monotonic() + seconds
        self._failed = set()
        self.examples = 0
        self.over = False

    def allows(self, key):
        """Whether to run what is so far described by a tuple.

        Raises:
            Over: the time for finding is over.
        """
        if time.monotonic() < self._end:
            return True
        if not self._failed:
            self.over = True
            raise self.Over("the time for the search is over")
        return any(failed[: len(key)] == key for failed in self._failed)

    def failed(self, key):
        """Note that the example with this tuple fails."""
        if not self._failed:
            self._end = time.monotonic() + self._seconds
        self._failed.add(key)
