"""Which xdist worker gets which cell: whole cells, in the order requested.

xdist's own `--dist loadgroup` (3.5 to 3.8) does not bear the loss of workers: two
lost shortly one after the other end the run with a KeyError, and a successor that
is handed a finished group waits for ever. Besides, pytest 9.2 keeps the ids of
items to itself, so the groups that xdist writes into them are lost.
"""

from collections import deque


def subject_of(nodeid):
    """Return the cell that an item of `test_cells.py` belongs to: `h5` of `test_cell[h5/mode-parity]`."""
    return nodeid[nodeid.index("[") + 1 : nodeid.rindex("/")]


class CellScheduling:
    """Hands out all items of a cell as one piece of work, as `xdist.scheduler.protocol.Scheduling` asks.

    A worker gets its next cell with the last item of the one before, because it
    does not run an item before it knows what follows. What a lost worker left of
    its cell is dropped, the cell is lost with it; a cell that it had not begun goes
    back to the front of the queue.
    """

    def __init__(self):
        self._items = None  # all ids, the same in every worker
        self._cells = deque()  # lists of indexes that nobody has
        self._pending = {}  # worker -> indexes it has still to run, in order
        self._ready = set()  # workers that have collected

    @property
    def nodes(self):
        """The workers at hand."""
        return list(self._pending)

    @property
    def collection_is_completed(self):
        """Whether there is something to hand out: the first worker need not wait for the others."""
        return self._items is not None

    @property
    def tests_finished(self):
        """Whether the workers can be told to end; each still runs the item it holds."""
        if self._items is None or self._cells:
            return False
        return all(len(left) < 2 for left in self._pending.values())

    @property
    def has_pending(self):
        """Whether anything is left to run."""
        return bool(self._cells) or any(self._pending.values())

    def add_node(self, node):
        """Welcome a worker that has yet to collect."""
        self._pending[node] = []

    def add_node_collection(self, node, collection):
        """Take a worker's items.

        Raises:
            RuntimeError: they are not those of the other workers.
        """
        if self._items is None:
            self._items = list(collection)
            cells = {}
            for index, nodeid in enumerate(self._items):
                cells.setdefault(subject_of(nodeid), []).append(index)
            self._cells.extend(cells.values())
        elif list(collection) != self._items:
            raise RuntimeError("worker {} collected other items than the first".format(node.gateway.id))
        self._ready.add(node)

    def schedule(self):
        """Give work to every worker that can take some."""
        for node in self.nodes:
            self._feed(node)

    def mark_test_complete(self, node, item_index, duration=0):
        """Note that a worker has run an item."""
        self._pending[node].remove(item_index)
        self._feed(node)

    def remove_node(self, node):
        """Forget a worker.

        Returns:
            the id of the item that it was lost with, None if it had finished.

        Raises:
            KeyError: it was never ready.
        """
        left = self._pending.pop(node)
        self._ready.discard(node)
        if not left:
            return None
        lost = subject_of(self._items[left[0]])
        untouched = {}
        for index in left:
            untouched.setdefault(subject_of(self._items[index]), []).append(index)
        del untouched[lost]
        self._cells.extendleft(reversed(list(untouched.values())))
        self.schedule()
        return self._items[left[0]]

    def mark_test_pending(self, item):
        """Refuse to run a lost item again."""
        raise NotImplementedError("a lost cell is not tried again")

    def remove_pending_tests_from_node(self, node, indices):
        """Refuse to take a cell away from a worker."""
        raise NotImplementedError("a cell stays with its worker")

    def _feed(self, node):
        if node not in self._ready or node.shutting_down:
            return
        pending = self._pending[node]
        while self._cells and len(pending) < 2:
            try:
                node.send_runtest_some(self._cells[0])
            except OSError:
                return  # it is lost, and xdist is about to say so
            pending.extend(self._cells.popleft())
        if not self._cells:
            # It ends after what it has; should another worker be lost, that one's successor takes over.
            node.shutdown()
