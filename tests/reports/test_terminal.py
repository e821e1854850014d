"""What a person reads at the end of a run."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bnregress.reports.style import LOOKS
from bnregress.reports.terminal import print_brief, print_report
from bnregress.results.model import Known
from bnregress.suite.paths import PATHS as EVERY_PATH

#: As many as an 80-column terminal holds in one table.
NAMES = "tf-keras-applications tf-keras-applications-layers keras-applications-package compat-v1 clone json h5 vgg16"
PATHS = {id: EVERY_PATH[id] for id in NAMES.split()}

Make = Callable[..., Any]

RELEASES = ("tf2.0.0", "tf2.0.4", "tf2.1.0", "tf2.22.0rc0")
BATCH = "frozen BatchNorm uses the batch's own statistics: 53 of 53 layers, largest deviation"


@pytest.fixture
def report(console: Make, printed: Make, results: Make) -> Callable[..., str]:
    def print_(*cells: Any, width: int = 80, undecided: tuple[str, ...] = (), **options: Any) -> str:
        screen = console(width, **options)
        print_report(screen, results(*cells, undecided=undecided), files=[Path("out/results.json")])
        return str(printed(screen))

    return print_


def words(text: str) -> str:
    return " ".join(text.split())


def row(text: str, release: str) -> list[str]:
    return next(line.split()[1:] for line in text.splitlines() if line.startswith(f"{release} "))


@pytest.mark.parametrize("width", [80, 100, 200])
def test_every_cell_stands_in_the_row_of_its_release_and_in_words(report: Make, cell: Make, width: int) -> None:
    cells = [cell(f"{release}/{path}") for release in RELEASES for path in PATHS]
    cells[0] = cell(f"{RELEASES[0]}/{next(iter(PATHS))}", "regress")
    text = report(*cells, width=width)
    assert row(text, RELEASES[0]) == ["REGRESS", *["pass"] * (len(PATHS) - 1)]
    for release in RELEASES[1:]:
        assert row(text, release) == ["pass"] * len(PATHS)


@pytest.mark.parametrize("width", [80, 200])
def test_no_line_of_the_whole_set_is_wider_than_the_terminal(report: Make, cell: Make, width: int) -> None:
    cells = [cell(f"{release}/{path}", "regress", f"{BATCH} 16.2") for release in RELEASES for path in PATHS]
    assert max(len(line) for line in report(*cells, width=width).splitlines()) <= width


def test_each_head_stands_over_its_column_on_a_narrow_terminal(report: Make, cell: Make) -> None:
    lines = report(*[cell(f"tf2.1.0/{path}", "regress" if path == "h5" else "pass") for path in PATHS]).splitlines()
    head = next(line for line in lines if line.endswith("┌ h5"))
    regressed = next(line for line in lines if line.startswith("tf2.1.0"))
    assert head.index("┌") == regressed.index("REGRESS")


def test_a_table_too_wide_is_cut_into_tables_that_hold_every_release(report: Make, cell: Make) -> None:
    subjects = [f"pathnumber{index:02}" for index in range(12)]
    text = report(*[cell(f"{release}/{subject}") for release in RELEASES for subject in subjects], width=60)
    for release in RELEASES:
        cells = [line.split()[1:] for line in text.splitlines() if line.startswith(f"{release} ")]
        assert sum(len(part) for part in cells) == len(subjects)
    for subject in subjects:
        assert re.search(rf"^ .*\b{subject}\b", text, re.MULTILINE)


def test_controls_are_the_last_columns(report: Make, cell: Make) -> None:
    text = report(cell("tf2.1.0/vgg16", "regress"), cell("tf2.1.0/h5"))
    assert row(text, "tf2.1.0") == ["pass", "REGRESS"]


def test_a_regression_is_told_with_id_reason_and_remedy(report: Make, cell: Make) -> None:
    text = words(report(cell("tf2.1.0/h5", "regress", f"{BATCH} 16.2", remedy="Take tf2.1.1.")))
    assert f"tf2.1.0/h5 {BATCH} 16.2 remedy: Take tf2.1.1." in text


def test_the_same_reason_in_ten_releases_is_said_once_and_names_all_ten(report: Make, cell: Make) -> None:
    ids = [f"tf2.{minor}.0" for minor in range(10)]
    cells = [cell(f"{id}/h5", "regress", f"{BATCH} {16 + index}.5", remedy="Do it.") for index, id in enumerate(ids)]
    text = report(*cells)
    section = text[text.index("Regressions (10)") : text.index(" REGRESS  ")]
    assert words(section).count("statistics") == 1
    assert words(section).count("remedy") == 1
    assert "largest deviation 16.5 to 25.5" in words(section)
    assert all(id in section for id in ids)
    assert len(section.splitlines()) <= 9


def test_remedies_that_differ_are_told_apart(report: Make, cell: Make) -> None:
    text = words(
        report(
            cell("tf2.0.0/h5", "regress", "broken", remedy="Take tf2.0.4."),
            cell("tf2.1.0/h5", "regress", "broken", remedy="Take tf2.1.1."),
        )
    )
    assert "remedy for tf2.0.0/h5: Take tf2.0.4." in text
    assert "remedy for tf2.1.0/h5: Take tf2.1.1." in text


def test_an_error_shows_its_kind_in_the_table_and_its_reason_below(report: Make, cell: Make) -> None:
    text = report(cell("tf2.1.0/h5", "error", "went down with SIGSEGV", kind="crash"), cell("tf2.1.0/json"))
    assert "crash" in row(text, "tf2.1.0")
    assert "crash: went down with SIGSEGV" in words(text)


def test_why_a_whole_release_is_unavailable_stands_in_the_first_table_alone(report: Make, cell: Make) -> None:
    cells = [
        cell(f"{release}/{path}", "pass" if release == "tf2.2.3" else "unavailable", "no CPython 3.7")
        for release in ("tf2.1.0", "tf2.2.3")
        for path in PATHS
    ]
    starts = [line.split()[0] for line in report(*cells, width=40).splitlines() if line.startswith("tf2.")]
    assert starts.count("tf2.1.0") == 1
    assert starts.count("tf2.2.3") > 1


def test_what_was_unavailable_is_told_before_what_is_known_of_it(report: Make, cell: Make) -> None:
    known = Known(cells="tf2.1.0/h5", checks=("oracle",), reason="Old.", remedy="New.", source="not reported")
    untried = replace(cell("tf2.1.0/h5", "unavailable", "no CPython 3.7"), known=known, drift="missing")
    text = report(untried)
    assert text.index("Unavailable (1)") < text.index("Known regressions without a verdict (1)")


def test_an_unavailable_release_says_why_in_its_row_and_what_to_install_below(report: Make, cell: Make) -> None:
    cells = [cell(f"tf2.1.0/{path}", "unavailable", "no CPython 3.7", remedy="Install it.") for path in ("h5", "json")]
    text = report(cell("tf2.2.3/h5"), cell("tf2.2.3/json"), *cells)
    assert row(text, "tf2.1.0") == ["unavailable:", "no", "CPython", "3.7"]
    assert "all 2 paths in tf2.1.0 no CPython 3.7 remedy: Install it." in words(text)


def test_the_gravest_is_told_first_and_the_verdict_last(report: Make, cell: Make) -> None:
    text = report(
        cell("tf2.0.0/h5", "unavailable", remedy="Install it."),
        cell("tf2.1.0/h5", "inconclusive"),
        cell("tf2.2.3/h5", "error", kind="oom"),
        cell("tf2.3.4/h5", "regress"),
    )
    order = [
        "Regressions (1)",
        "Errors (1)",
        "Inconclusive (1)",
        "Unavailable (1)",
        "out/",
        " REGRESS  1 of 3 releases",
    ]
    places = [text.index(heading) for heading in order]
    assert places == sorted(places)


def test_what_was_not_decided_is_shown_and_counted(report: Make, cell: Make) -> None:
    text = report(cell("tf2.1.0/h5"), undecided=("tf2.1.0/json", "tf2.2.3/h5"))
    assert sorted(row(text, "tf2.1.0")) == [".", "pass"]
    assert "INCOMPLETE" in text
    assert "1 of 3 cells decided" in words(text)


def test_only_undecidable_cells_are_no_success(report: Make, cell: Make) -> None:
    assert " UNDECIDED " in report(cell("tf2.1.0/h5", "inconclusive"), cell("tf2.1.0/json"))
    assert " NOTHING DECIDED " in report(cell("tf2.1.0/h5", "unavailable"))
    assert " NOT ALL TRIED " in report(cell("tf2.1.0/h5"), cell("tf2.2.3/h5", "unavailable"))


def test_the_end_counts_what_was_not_tried_and_stays_short(report: Make, cell: Make) -> None:
    lacking = [
        cell(
            f"tf2.{minor}.0/h5",
            "unavailable",
            reason=f"There is no CPython 3.{7 + minor % 4} on this machine.",
            remedy=f"Install CPython 3.{7 + minor % 4}.",
        )
        for minor in range(22)
    ]
    tried = [cell(f"tf2.{minor}.0/h5") for minor in range(22, 26)]
    text = report(*lacking, *tried)
    end = text[text.index(" NOT ALL TRIED ") :]
    assert (
        "stays frozen on every path tried in 4 of 26 releases; 22 releases unavailable: no CPython 3.7, 3.8, 3.9, 3.10."
        in words(end)
    )
    assert len(end.splitlines()) <= 10
    assert "Install CPython 3.7, 3.8, 3.9, 3.10," in words(end)
    assert "--require tried" in end


def test_the_end_stays_short_whatever_could_not_be_fetched_or_run(report: Make, cell: Make) -> None:
    fetched = [
        cell(
            f"tf2.{minor}.0/h5",
            "unavailable",
            reason=f"CPython 3.{minor}.9 could not be fetched from https://mirror.example/{'long/' * 20}{minor}.",
            remedy=f"Check the network, the disk. Install CPython 3.{minor} {'in this way or that, ' * 9}",
        )
        for minor in range(7, 15)
    ]
    others = [
        cell(f"tf3.{n}.0/h5", "unavailable", f"GPU {n} is {'too new ' * 20}", remedy=f"{n} {'Do this. ' * 40}")
        for n in range(30)
    ]
    text = report(*fetched, *others, cell("tf2.1.0/h5"))
    end = text[text.index(" NOT ALL TRIED ") :]
    assert "no CPython 3.7, 3.8, 3.9, 3.10, 3.11, 3.12, 3.13, 3.14; " in words(end)
    assert end.count("could not be fetched") == 0
    assert "29 more remedies above." in end
    assert len(end[end.index("Install CPython") :].splitlines()) <= 10


def test_no_colour_where_it_is_not_a_terminal(report: Make, cell: Make) -> None:
    assert "\x1b" not in report(cell("tf2.1.0/h5", "regress"))


def test_colour_on_a_terminal_and_none_of_it_with_no_color(
    report: Make, cell: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[1;37;41mREGRESS" in report(cell("tf2.1.0/h5", "regress"), terminal=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[[\d;]*(3|4)[0-7]m", report(cell("tf2.1.0/h5", "regress"), terminal=True))


def test_hostile_reasons_reach_the_terminal_as_plain_text(report: Make, cell: Make) -> None:
    hostile = "\x1b]0;owned\x07\x1b[2J[bold]not markup[/bold]\r\nnext \u202eline \ud800 end"
    text = report(cell("tf2.1.0/h5", "regress", hostile))
    assert "\x1b" not in text
    assert "\r" not in text
    assert "[bold]not markup[/bold] next line end" in words(text)


def test_a_terminal_without_unicode_gets_strokes_that_it_has(report: Make, cell: Make) -> None:
    text = report(*[cell(f"tf2.1.0/{path}") for path in PATHS], encoding="ascii")
    assert ", h5" in text
    assert "\\u2502" not in text


def test_every_status_has_a_word_of_its_own_that_fits_a_column() -> None:
    assert len({look.word for look in LOOKS.values()}) == len(LOOKS)
    assert all(len(look.word) <= 7 for look in LOOKS.values())


@pytest.mark.parametrize("width", [80, 200])
def test_on_a_terminal_the_end_has_40_lines_and_says_what_it_leaves_out(report: Make, cell: Make, width: int) -> None:
    cells = [
        cell(f"tf2.{minor}.0/{path}", "regress" if minor < 9 else "pass", f"{BATCH} {'abcdefgh'[place]} {minor}")
        for minor in range(40)
        for place, path in enumerate(PATHS)
    ]
    whole = report(*cells, width=width).splitlines()
    short = report(*cells, width=width, terminal=True).splitlines()
    assert len(whole) > 40
    assert len(short) <= 40
    assert any("more lines: see report.html" in line for line in short)
    assert "REGRESS" in short[-1] or "REGRESS" in short[-2]
    assert any("uses the batch's own statistics" in line for line in short)


@pytest.mark.parametrize("width", [80, 200])
def test_on_a_terminal_a_large_run_has_a_mark_for_each_cell_of_the_paths_that_do_not_pass_everywhere(
    console: Make, printed: Make, results: Make, cell: Make, width: int
) -> None:
    known = Known(cells="*/h5", checks=("mode-parity",), reason=BATCH, remedy="Do.", source="https://github.com/a/b")
    statuses = {"h5": "regress", "json": "error", "hub-layer": "not-applicable"}
    releases = [*(f"tf2.{minor}.0" for minor in range(22)), "tf2.21.0-keras3.14.1", "tf2.21.0-keras3.15.1"]
    paths = [path.id for path in EVERY_PATH.values() if path.group == "default"]
    cells = [
        cell(
            f"{release}/{path}",
            statuses.get(path, "pass") if place < 3 or path == "hub-layer" else "pass",
            BATCH,
            **({"known": known} if path == "h5" and place < 3 else {}),
            **({"kind": "timeout"} if path == "json" and place < 3 else {}),
        )
        for place, release in enumerate(releases)
        for path in paths
        if (release, path) != ("tf2.5.0", "clone")
    ]
    made = results(*cells, undecided=("tf2.5.0/clone",))
    versions = {id: id.removeprefix("tf").partition("-keras")[::2] for id in releases}
    installed = {
        id: replace(made.releases[id], tensorflow=tensorflow, keras=keras or "2.2.4")
        for id, (tensorflow, keras) in versions.items()
    }
    screen = console(width, terminal=True)
    print_report(screen, replace(made, releases=installed), files=[Path("out/results.json")])
    lines = re.sub(r"\x1b\[[0-9;]*m", "", str(printed(screen))).splitlines()
    assert len(lines) <= 40
    assert [line for line in lines if len(line) > width] == []
    rows = {line.split()[0]: "".join(line.split()[1:]) for line in lines if line.startswith(("h5 ", "json ", "clone "))}
    # The newest first, Keras' own apart at the end.
    assert rows["h5"] == "✓" * 19 + "kkk" + "✓✓"
    assert rows["json"] == "✓" * 19 + "EEE" + "✓✓"
    assert rows["clone"].count("…") == 1
    assert not any(line.startswith("deepcopy") for line in lines)
    text = " ".join(" ".join(lines).split())
    assert "k known regression" in text
    assert f"{len(paths) - 4} more paths pass in every release that has them." in text
    assert "1 more path in none of these releases." in text


def test_quiet_gives_the_verdict_what_breaks_and_where_results_are(
    console: Make, printed: Make, results: Make, cell: Make
) -> None:
    screen = console(120)
    broken = cell("tf2.1.0/h5", "regress", BATCH)
    print_brief(
        screen, results(broken, cell("tf2.1.0/json")), files=[Path("out/results.json"), Path("out/report.html")]
    )
    lines = str(printed(screen)).splitlines()
    assert lines[0].startswith(" REGRESS  1 of 1 release breaks a frozen BatchNorm")
    assert [line.strip() for line in lines[1:]] == ["tf2.1.0/h5", "out/results.json"]
