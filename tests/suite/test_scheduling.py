"""Which worker gets which cell, and what becomes of the cells of a lost one."""

from __future__ import annotations

import pytest

from bnregress.suite.scheduling import CellScheduling, subject_of

ITEMS = [
    f"test_cells.py::test_cell[{cell}/{check}]" for cell in ("a", "b@freeze=model", "c") for check in ("x", "y", "z")
]


class Worker:
    """What the scheduler needs of xdist's worker: the other end of the pipe notes what it was sent."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.shutting_down = False
        self.broken = False

    def send_runtest_some(self, indices: list[int]) -> None:
        if self.broken:
            raise OSError("cannot send (already closed?)")
        self.sent.extend(indices)

    def shutdown(self) -> None:
        self.shutting_down = True


def _joined(scheduling: CellScheduling, *workers: Worker) -> None:
    for worker in workers:
        scheduling.add_node(worker)
        scheduling.add_node_collection(worker, ITEMS)
        scheduling.schedule()


def test_an_item_names_its_cell() -> None:
    assert subject_of(ITEMS[3]) == "b@freeze=model"


def test_each_worker_gets_a_whole_cell_and_the_next_one_with_its_last_item() -> None:
    scheduling, first, second = CellScheduling(), Worker(), Worker()
    _joined(scheduling, first, second)
    assert (first.sent, second.sent) == ([0, 1, 2], [3, 4, 5])
    scheduling.mark_test_complete(first, 0)
    assert first.sent == [0, 1, 2]
    scheduling.mark_test_complete(first, 1)
    assert first.sent == [0, 1, 2, 6, 7, 8]
    assert first.shutting_down
    assert not scheduling.tests_finished


def test_of_a_lost_worker_only_the_cell_in_hand_is_lost() -> None:
    scheduling, first, second = CellScheduling(), Worker(), Worker()
    _joined(scheduling, first)
    for item in (0, 1):
        scheduling.mark_test_complete(first, item)
    assert scheduling.remove_node(first) == ITEMS[2]
    assert not scheduling.tests_finished
    _joined(scheduling, second)
    assert second.sent == [3, 4, 5]


def test_a_worker_that_has_not_collected_is_given_nothing_when_another_is_lost() -> None:
    scheduling, first, second, third = CellScheduling(), Worker(), Worker(), Worker()
    _joined(scheduling, first, second)
    scheduling.add_node(third)
    scheduling.remove_node(first)
    assert third.sent == []
    scheduling.add_node_collection(third, ITEMS)
    scheduling.schedule()
    assert third.sent == [6, 7, 8]


def test_a_worker_that_died_unnoticed_keeps_no_cell() -> None:
    scheduling, first, second = CellScheduling(), Worker(), Worker()
    first.broken = True
    _joined(scheduling, first, second)
    assert second.sent == [0, 1, 2]
    assert scheduling.remove_node(first) is None


def test_a_worker_lost_before_it_was_ready_is_unknown() -> None:
    with pytest.raises(KeyError):
        CellScheduling().remove_node(Worker())


def test_the_run_is_finished_when_no_worker_has_more_than_the_item_it_holds() -> None:
    scheduling, worker = CellScheduling(), Worker()
    assert not scheduling.tests_finished
    _joined(scheduling, worker)
    for item in range(7):
        scheduling.mark_test_complete(worker, item)
    assert not scheduling.tests_finished
    scheduling.mark_test_complete(worker, 7)
    assert scheduling.tests_finished
    assert scheduling.has_pending
    scheduling.mark_test_complete(worker, 8)
    assert not scheduling.has_pending
