"""The plan on the terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bnregress.machine.interpreters import Interpreter
from bnregress.releases.catalog import load_catalog
from bnregress.reports.planned import Forecast, Place, print_plan
from tests.planning.plans import plan_of

Make = Callable[..., Any]


def only_311(python: str) -> Interpreter | None:
    return Interpreter("3.11.7", Path("/opt/python3.11/bin/python3.11")) if python == "3.11" else None


@pytest.fixture
def shown(console: Make, printed: Make) -> Callable[..., str]:
    def print_(width: int = 80, **options: Any) -> str:
        sizes = options.pop("sizes", {})
        plan = plan_of(catalog=load_catalog(), find=options.pop("find", only_311), **options)
        seconds = {release.id: 12.0 for release in plan.available}
        forecast = Forecast(releases=seconds, total=240.0, jobs=2, ready=frozenset())
        places = [Place(what="cache", path=Path("/var/cache"), size=1_500_000_000)]
        screen = console(width)
        print_plan(screen, plan, forecast, places, sizes=sizes)
        return str(printed(screen))

    return print_


@pytest.mark.parametrize("width", [80, 200])
def test_a_release_that_runs_has_its_interpreter_cells_and_minutes(shown: Make, width: int) -> None:
    lines = shown(width, select=["tf2.15.1"], paths=["h5", "json"]).splitlines()
    row = next(line for line in lines if line.startswith("tf2.15.1")).split()
    assert row[-4:] == ["3.11.7", "/opt/python3.11/bin/python3.11", "2", "0.2"]


def test_releases_that_cannot_run_say_why_and_the_remedy_once_for_each_python(shown: Make) -> None:
    text = " ".join(shown(select=["tf2.1.{0,1,4}", "tf2.15.1"]).split())
    assert "tf2.1.0, tf2.1.1, tf2.1.4 There is no CPython 3.7" in text
    assert text.count("remedy: Install CPython 3.7") == 1
    assert "cells in 1 release would run on the cpu, about 4 min with 2 processes, 0 of 1 environment made" in text
    assert "cells in 3 releases would not." in text


def test_a_plan_in_which_nothing_can_run_is_told_without_an_empty_table(shown: Make) -> None:
    text = shown(select=["tf2.1.0"], find=lambda python: None)
    assert "found at" not in text
    assert "0 cells in 0 releases would run" in text


def test_what_will_be_fetched_is_told_with_its_size_where_that_is_known(shown: Make) -> None:
    def find(python: str) -> Interpreter:
        return Interpreter(f"{python}.9", Path(f"/kept/{python}/bin/python{python}"), f"https://a.b/{python}.tar.gz")

    addresses = ["https://a.b/3.7.tar.gz", "https://a.b/3.11.tar.gz"]
    options: dict[str, Any] = {"select": ["tf2.1.0", "tf2.15.1"], "find": find, "width": 200}
    text = shown(**options, sizes=dict(zip(addresses, (28_357_634, 20_000_000), strict=True)))
    assert "2 CPythons will be fetched first, 48 MB together" in text
    assert text.index(f"3.7.9, 28 MB, from {addresses[0]}") < text.index(f"3.11.9, 20 MB, from {addresses[1]}")
    text = shown(**options, sizes={addresses[0]: 28_357_634})
    assert "2 CPythons will be fetched first, about 30 MB each" in text
    assert f"3.11.9 from {addresses[1]}" in text


def test_places_and_their_sizes_are_told(shown: Make) -> None:
    assert f"cache: {Path('/var/cache')}, 1.5 GB" in shown(select=["tf2.15.1"])
