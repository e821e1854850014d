"""Many variants of a path shown as one column."""

from __future__ import annotations

from bnregress.cells.folding import FEW, fold
from bnregress.cells.identifiers import CellId
from bnregress.judging.grouping import whereabouts
from bnregress.reports.grid import Grid
from bnregress.reports.html.page import render_page
from bnregress.results.model import CellResult, Host, ReleaseResult, Results
from tests.reports.test_page import Reader


def ids(count: int) -> list[CellId]:
    return [CellId(release="tf2.1.0", path="small", variant=f"freeze={n}") for n in range(count)]


def test_few_variants_keep_their_names() -> None:
    assert list(fold(ids(FEW)).values()) == [id.subject for id in ids(FEW)]


def test_many_variants_of_a_path_are_one_and_its_default_stays() -> None:
    default = CellId(release="tf2.1.0", path="small")
    other = CellId(release="tf2.1.0", path="h5", variant="freeze=model")
    folded = fold([default, other, *ids(FEW + 1)])
    assert {folded[id] for id in ids(FEW + 1)} == {"small@*"}
    assert folded[default] == "small"
    assert folded[other] == "h5@freeze=model"


def test_what_is_shown_as_one_is_shown_by_the_gravest() -> None:
    statuses = ["pass", "regress", "not-applicable", "pass", "inconclusive", "pass", "pass"]
    cells = [
        CellResult(id=id, device="cpu", status=word, reason="r") for id, word in zip(ids(7), statuses, strict=True)
    ]
    release = ReleaseResult(tensorflow="2.1.0", keras="2.2.4-tf", python="3.7.16", lock_sha256=None)
    grid = Grid.of(
        Results(plan="0" * 64, complete=True, host=Host.here(), releases={"tf2.1.0": release}, cells=tuple(cells))
    )
    assert grid.subjects == ("small@*",)
    assert [cell.status for cell in grid.row("tf2.1.0") if cell] == ["regress"]


def test_the_page_has_every_variant_and_folds_them_itself() -> None:
    cells = tuple(CellResult(id=id, device="cpu", status="pass", reason="r") for id in ids(FEW + 1))
    release = ReleaseResult(tensorflow="2.1.0", keras="2.2.4-tf", python="3.7.16", lock_sha256=None)
    results = Results(plan="0" * 64, complete=True, host=Host.here(), releases={"tf2.1.0": release}, cells=cells)
    subjects = {cell.id.subject for cell in cells}
    assert set(Reader(render_page(results)).block("release-0")) == subjects
    assert set(Grid.of(results).every) == subjects
    assert whereabouts(cells, Grid.of(results).every) == [f"all {len(cells)} paths in tf2.1.0"]
