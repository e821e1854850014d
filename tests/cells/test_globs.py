"""Selectors that name many cells name just those."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from bnregress.cells.globs import selectors
from bnregress.cells.identifiers import CellId
from bnregress.judging.known.matching import CellSelector

RELEASES = ("tf1.15.5", "tf2.0.0", "tf2.0.4", "tf2.1.0", "tf2.18.1-keras3.0.5", "tf2.18.1-keras3.10.0", "nightly")
EVERY = [
    CellId(release=release, path=path, variant=variant)
    for release, path, variant in product(RELEASES, ("h5", "json", "h5-from=tf2.1.0"), ("default", "a=b,c=d"))
]


def test_releases_that_share_their_paths_are_named_together() -> None:
    cells = [CellId(release=release, path=path) for release in ("tf2.0.0", "tf2.1.0") for path in ("clone", "json")]
    assert [text for text, _ in selectors(cells)] == ["tf2.{0.0,1.0}/{clone,json}"]


@given(st.lists(st.sampled_from(EVERY)))
def test_the_selectors_fit_all_the_cells_and_no_other(cells: list[CellId]) -> None:
    named = selectors(cells)
    parsed = [CellSelector.parse(text) for text, _ in named]
    for cell in EVERY:
        assert sum(selector.matches(cell) for selector in parsed) == (cell in cells)
    for selector, (_, held) in zip(parsed, named):
        assert all(selector.matches(cell) for cell in held)
