"""What a cell leaves behind is given back, and what stays is not looked through again."""

import gc
import weakref


class Sweep:
    """Collects garbage between cells.

    What outlives a cell is frozen (`gc.freeze`): it grows cell by cell, and from
    TensorFlow 2.14 on looking through it took longer than the small network's
    checks. Up to 2.3, Keras makes its next graph as it clears the last one, so
    that freezing would keep each network with its graph. Whether it does is seen
    on the first network; if it does, what the first left is all that is frozen.
    """

    def __init__(self):
        self._first = None
        self._freezing = True

    def __call__(self):
        """Collect; Keras must have let go of the last network before, see `Framework.begin`."""
        gc.collect()
        if not self._freezing:
            return
        if self._first is not None and self._first() is not None:
            gc.unfreeze()
            gc.collect()
            # What is still there is kept by something else.
            self._freezing = self._first() is not None
            self._first = lambda: None
        gc.freeze()

    def watch(self, network):
        """Tell the network that a cell begins with."""
        if self._first is None:
            self._first = weakref.ref(network)
