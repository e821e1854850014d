"""Between cells garbage is collected, and what stays is frozen only where that keeps no network alive."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from bnregress.suite.garbage import Sweep


class Node:
    """Something in a reference cycle, as networks and graphs are."""

    def __init__(self, *others: Node) -> None:
        self.others = [self, *others]


@pytest.fixture
def sweep() -> Iterator[Sweep]:
    yield Sweep()
    gc.unfreeze()


def begin(sweep: Sweep, network: Node) -> weakref.ref[Node]:
    sweep()
    sweep.watch(network)
    return weakref.ref(network)


def test_a_network_is_collected_and_what_stays_is_frozen(sweep: Sweep) -> None:
    last = begin(sweep, Node())
    stays = [Node() for _ in range(100)]
    frozen = gc.get_freeze_count()
    sweep()
    assert last() is None
    assert gc.get_freeze_count() >= frozen + len(stays)


def test_freezing_ends_where_something_frozen_keeps_the_network(sweep: Sweep) -> None:
    graph = Node()
    sweep()
    network = Node(graph)
    graph.others.append(network)
    sweep.watch(network)
    last = weakref.ref(network)
    del graph, network
    sweep()
    assert last() is None
    frozen, stays = gc.get_freeze_count(), [Node() for _ in range(100)]
    sweep()
    assert gc.get_freeze_count() <= frozen
    assert stays


def test_a_network_that_something_else_keeps_does_not_end_freezing(sweep: Sweep) -> None:
    network = Node()
    begin(sweep, network)
    sweep()
    frozen, stays = gc.get_freeze_count(), [Node() for _ in range(100)]
    sweep()
    assert gc.get_freeze_count() >= frozen + len(stays)
    assert network.others
