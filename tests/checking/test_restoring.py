"""What a check changes is put back, whatever a layer holds."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from bnregress.suite.inspection.restoring import attributes_of


def test_dicts_of_arrays_are_put_back() -> None:
    first = np.zeros(3)
    layer = SimpleNamespace(kept={"x": first, "steps": 0}, same={"x": first})
    put_back = attributes_of([layer])
    layer.kept["x"], layer.kept["steps"] = np.ones(3), 1
    layer.kept["more"] = np.ones(2)
    put_back()
    assert list(layer.kept) == ["x", "steps"]
    assert layer.kept["x"] is first
    assert layer.kept["steps"] == 0
    assert layer.same["x"] is first
