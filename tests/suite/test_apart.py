"""What a cell's process must be before anything is built in it."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bnregress.suite import apart, replicas
from bnregress.suite.apart import Setup, setup_of
from bnregress.suite.cells import read_cells
from bnregress.suite.finding import NotApplicable


@pytest.mark.parametrize(
    ("path", "variant", "setup"),
    [
        ("small", "default", Setup()),
        ("small", "freeze=model,train=jit", Setup()),
        ("small", "train=replicas", Setup(devices=2)),
        ("h5-from=tf2.1.0", "train=replicas", Setup(devices=2)),
        ("replicas", "default", Setup(devices=2)),
        ("small", "mode=graph,wrap=chain", Setup(mode="graph")),
        ("own-model", "default", Setup()),
    ],
)
def test_path_and_variant_tell_what_a_process_must_be(path: str, variant: str, setup: Setup) -> None:
    assert setup_of(path, variant) == setup


def test_cells_that_need_a_process_each_are_not_taken_together(tmp_path: Path) -> None:
    file = tmp_path / "cells.json"
    file.write_text(json.dumps({"cells": [{"path": "small"}, {"path": "small", "variant": "train=replicas"}]}))
    with pytest.raises(ValueError, match="each needs a process"):
        read_cells(file)


def test_the_usual_process_comes_first_and_is_the_one_that_tells_the_facts() -> None:
    setups = [Setup(devices=2), Setup(mode="graph"), Setup()]
    assert min(setups, key=lambda each: each.order) == Setup()


class Framework:
    """What `require` takes: a release with or without split processors."""

    def __init__(self, devices: int, *, lacking: bool = False) -> None:
        self.devices, self.lacking = devices, lacking

    def require(self, name: str) -> Any:
        if self.lacking:
            raise NotApplicable(f"this release has no tf.{name}")
        return lambda kind: list(range(self.devices))


def test_a_process_that_was_not_split_is_an_error_and_a_release_that_cannot_is_not() -> None:
    assert apart.require(Framework(2), 2) == ["/cpu:0", "/cpu:1"]
    with pytest.raises(RuntimeError, match="has 1 logical devices"):
        apart.require(Framework(1), 2)
    with pytest.raises(NotApplicable):
        apart.require(Framework(1, lacking=True), 2)


def held(*values: float) -> SimpleNamespace:
    return SimpleNamespace(values=[SimpleNamespace(numpy=lambda value=value: np.float32(value)) for value in values])


def test_replicas_that_differ_are_named_whatever_is_read_of_the_variable() -> None:
    variables = {"bn/2": held(1.0, 1.0), "bn/3": held(1.0, 2.0), "keras/3": SimpleNamespace(_value=held(0.0, -0.0))}
    assert replicas.differing(variables, 2) == ["bn/3", "keras/3"]


def test_a_variable_without_replicas_proves_nothing() -> None:
    with pytest.raises(RuntimeError, match="has 1 replicas"):
        replicas.differing({"bn/2": held(1.0)}, 2)
