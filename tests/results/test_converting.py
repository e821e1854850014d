"""What the host reads of its own JSON is refused where it is not what was written, and says where."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bnregress.cells.identifiers import CellId
from bnregress.results.converting import structure, unstructure


@dataclass(frozen=True, kw_only=True)
class Inner:
    cells: tuple[CellId, ...] = ()
    at: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Outer:
    name: str
    number: int = 0
    share: float = 0.0
    sure: bool = False
    groups: frozenset[str] = frozenset()
    inner: tuple[Inner, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)


WHOLE = Outer(
    name="n",
    number=3,
    share=0.5,
    sure=True,
    groups=frozenset({"b", "a"}),
    inner=(Inner(cells=(CellId.parse("tf2.1.0/h5"),), at=Path("x")), Inner()),
    more={"any": [1, None, {"x": 1.5}]},
)


def test_what_is_written_is_read_again() -> None:
    value = unstructure(WHOLE)
    assert value["groups"] == ["a", "b"]
    assert value["inner"][0] == {"cells": ["tf2.1.0/h5"], "at": "x"}
    assert structure(value, Outer) == WHOLE


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"nmae": "n"}, r"Extra fields in constructor for Outer: nmae @ \$"),
        ({"name": 5}, r"5 is not a str @ \$.name"),
        ({"number": True}, r"True is not a int @ \$.number"),
        ({"number": 1.5}, r"1.5 is not a int @ \$.number"),
        ({"share": "0.5"}, r"'0.5' is not a float @ \$.share"),
        ({"sure": 1}, r"1 is not a bool @ \$.sure"),
        ({"groups": "ab"}, r"'ab' is not a list @ \$.groups"),
        ({"inner": [{"cells": ["no cell"]}]}, r"'no cell' is not a cell id"),
        ({"inner": [{"at": 3}]}, r"3 is not a str"),
        ({"inner": 5}, r"5 is not a list @ \$.inner"),
    ],
)
def test_what_is_otherwise_is_refused_with_its_place(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        structure(unstructure(WHOLE) | change, Outer)


@pytest.mark.parametrize("value", [{}, {"number": 3}, {"name": "n", "inner": [5]}, {"name": "n", "more": 3}])
def test_what_lacks_something_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r" @ \$"):
        structure(value, Outer)


@pytest.mark.parametrize("value", [[], None, "x", 3])
def test_what_is_not_an_object_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="is not an object"):
        structure(value, Outer)
