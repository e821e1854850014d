"""A browser for all tests of pages, and pages to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bnregress.cells.identifiers import CellId
from bnregress.judging.known.drift import hold_against
from bnregress.judging.known.entries import load_known
from bnregress.reports.html.page import render_page
from bnregress.results.file import load_results
from bnregress.results.model import CheckResult, Results
from tests.browser.chromium import NAMES, Chromium, find_chromium, running

SAMPLE = Path(__file__).parents[1] / "reports" / "sample" / "results.json"


@pytest.fixture(scope="session")
def session_browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    executable = find_chromium()
    if executable is None:
        pytest.skip(f"no browser to look with: none of {', '.join(NAMES)} is on PATH; CHROMIUM may name one")
    with running(executable, tmp_path_factory.mktemp("chromium")) as found:
        yield found


@pytest.fixture
def browser(session_browser: Chromium) -> Iterator[Chromium]:
    """The browser in a size of its own; a page that reports any problem or fetches anything fails its test."""
    session_browser.view()
    yield session_browser
    assert not session_browser.problems
    assert all(url.startswith(("file://", "about:", "data:")) for url in session_browser.requests)


@pytest.fixture(scope="session")
def real() -> Results:
    """Nine cells of a real run, compared with the known regressions."""
    return hold_against(load_results(SAMPLE), load_known())


@pytest.fixture
def page(tmp_path: Path) -> Callable[[Results], Path]:
    def write(results: Results) -> Path:
        file = tmp_path / "report.html"
        file.write_text(render_page(results), encoding="utf-8")
        return file

    return write


@pytest.fixture
def many(real: Results) -> Results:
    """5,000 cells with the evidence of a real regression: 25 releases, 8 paths with 25 variants each."""
    model = next(cell for cell in real.cells if cell.status == "regress")
    release = next(iter(real.releases.values()))
    statuses = ("regress", "pass", "pass", "error", "inconclusive", "pass", "not-applicable", "unavailable", "pass")
    cells = []
    for number in range(5_000):
        status = statuses[number % 9]
        cells.append(
            replace(
                model,
                id=CellId(
                    release=f"tf2.{number // 200}.0",
                    path=f"path-{number % 200 // 25}",
                    variant="default" if number % 25 == 0 else f"freeze=v{number % 25}",
                ),
                status=status,
                kind="oom" if status == "error" else None,
                drift="new" if number % 90 == 0 else None,
            )
        )
    return replace(real, releases={f"tf2.{minor}.0": release for minor in range(25)}, cells=tuple(cells))


@pytest.fixture
def tuned(real: Results) -> Results:
    """A real regression with the curves of a fine-tune beside it."""
    arms = {
        "subject": {"accuracy": [0.3, 0.6, 0.8], "val_accuracy": [0.1, 0.12, 0.1]},
        "reference": {"accuracy": [0.3, 0.6, 0.8], "val_accuracy": [0.28, 0.55, 0.79]},
    }
    check = CheckResult(
        name="accuracy-parity", status="regress", reason="at chance", evidence={"curves": arms, "chance": 0.1}
    )
    first, *rest = real.cells
    return real.with_cells([replace(first, checks=(*first.checks, check)), *rest])
