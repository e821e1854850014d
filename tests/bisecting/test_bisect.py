"""A search over releases that are really installed and run, of small packages in TensorFlow's place."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from bnregress.bisecting.bisection import Bisection, bisection_of
from bnregress.bisecting.interval import between
from bnregress.bisecting.neighbour_scripts import write_scripts
from bnregress.bisecting.one_release import Outcome, ReleaseTester, Target, verdict_for_search
from bnregress.bisecting.search import search
from bnregress.cells.identifiers import CellId
from bnregress.cli import main
from bnregress.commands import bisect as command
from bnregress.errors import ExitCode
from bnregress.releases.catalog import load_catalog
from bnregress.reports.bisected import day_lines, headline, print_bisection, warnings
from bnregress.results.model import CellResult, CheckResult, ReleaseResult
from bnregress.run.options import Surroundings
from tests.bisecting.conftest import Row


def bisected(surroundings: Surroundings, out: Path, *, verify: bool = False, check: str | None = None) -> Bisection:
    names = [*surroundings.catalog]
    row = [release.id for release in between(surroundings.catalog, names[0], names[-1])]
    tester = ReleaseTester(
        target=Target(path="by-release", variant="default", check=check), out=out, surroundings=surroundings
    )
    found = search(len(row), lambda place: tester.test(row[place]).verdict, verify=verify)
    return bisection_of(tester.target, row, found, tester.outcomes)


def test_the_neighbours_are_found_and_what_was_decided_is_kept(row: Row, tmp_path: Path) -> None:
    surroundings = row("regress", "regress", "pass", "pass", "pass")
    first = bisected(surroundings, tmp_path / "out")
    (step,) = first.steps
    assert (step.before, step.after) == ("tf9.9.1", "tf9.9.2")
    assert first.exit_code == ExitCode.EXPECTED
    assert len(first.tested) <= 5
    assert first.command == "bnregress run --select 'tf9.9.{1,2}' --path by-release"
    assert first.package_changes() == []

    again = bisected(surroundings, tmp_path / "out", check="mode-parity")
    assert again.steps == first.steps
    assert all(outcome.kept for outcome in again.outcomes.values())


def test_releases_that_crash_or_cannot_be_installed_are_skipped_and_named(row: Row, tmp_path: Path) -> None:
    found = bisected(row("regress", "absent", "crash", "pass", "pass"), tmp_path / "out")
    (step,) = found.steps
    assert (step.before, step.after, step.between) == ("tf9.9.0", "tf9.9.3", ("tf9.9.1", "tf9.9.2"))
    assert found.undecided == ["tf9.9.1", "tf9.9.2"]
    (warning,) = warnings(found)
    assert warning.startswith("tf9.9.1, tf9.9.2 between the two could not be decided")


def test_an_end_that_cannot_be_decided_is_no_answer(row: Row, tmp_path: Path) -> None:
    found = bisected(row("absent", "pass", "pass"), tmp_path / "out")
    assert found.exit_code == ExitCode.UNDECIDED
    assert found.open_ends == ["tf9.9.0"]
    assert "could not be decided in tf9.9.0" in headline(found)


def outcome(release: str, verdict: str | None, packages: dict[str, str] | None, repro: str | None = None) -> Outcome:
    status = verdict or "error"
    checks = () if repro is None else (CheckResult(name="oracle", status=status, reason="off", repro=repro),)
    cell = CellResult(
        id=CellId(release=release, path="h5"),
        device="cpu",
        status=status,
        kind=None if verdict else "crash",
        reason="because",
        remedy="Mend it.",
        checks=checks,
    )
    facts = ReleaseResult(tensorflow="2", keras="2", python="3.12", lock_sha256=None, packages=packages)
    return Outcome(verdict=verdict, reason="because", cell=cell, release=facts)


def made_up(*verdicts: str | None, scanned: bool = False) -> Bisection:
    """A bisection over releases tf2.0.0, tf2.1.0, ... of which each has one package more."""
    names = [f"tf2.{index}.0" for index in range(len(verdicts))]
    outcomes = {}
    for index, (name, verdict) in enumerate(zip(names, verdicts)):
        repro = "raise SystemExit('broken')\n" if verdict == "regress" else None
        outcomes[name] = outcome(name, verdict, {"keras": f"2.{index}", f"only-{index}": "1"}, repro)
    found = search(len(names), lambda place: verdicts[place], verify=scanned)
    return bisection_of(Target(path="h5", variant="default"), names, found, outcomes)


def printed(found: Bisection, scripts: list[Path] | None = None) -> str:
    stream = io.StringIO()
    print_bisection(Console(file=stream, width=100), found, scripts or [])
    return stream.getvalue()


def test_the_first_line_names_the_release_to_blame_and_packages_follow() -> None:
    text = printed(made_up("pass", "regress"))
    assert text.splitlines()[0] == "h5 passes in tf2.0.0 and regresses in tf2.1.0."
    assert "keras    2.0      2.1" in text
    assert "only-0   1        -" in text
    assert "To see it: bnregress run --select 'tf2.{0.0,1.0}' --path h5\n" in text


def test_a_verdict_that_changes_more_than_once_is_warned_of() -> None:
    found = made_up("pass", "regress", "pass", "regress", scanned=True)
    (warning,) = warnings(found)
    assert "changes more than once: tf2.0.0 to tf2.1.0, tf2.1.0 to tf2.2.0, tf2.2.0 to tf2.3.0." in warning
    assert "warning: the verdict changes more than once" in printed(found)


def test_ends_that_agree_are_nothing_to_find() -> None:
    found = made_up("pass", "regress", "pass")
    assert found.exit_code == ExitCode.NOTHING_TO_DO
    assert printed(found).startswith("Nothing to find: h5 passes in both ends, from tf2.0.0 to tf2.2.0.")


def of_days(*verdicts: str | None) -> Bisection:
    """The same over nightly builds of 1, 2, 5, 6, ... August."""
    made = made_up(*verdicts)
    names = {name: f"tf2.21.0-keras3.16.0.dev2026080{day}04" for name, day in zip(made.releases, (1, 2, 5, 6))}
    days = {new: date(2026, 8, day) for new, day in zip(names.values(), (1, 2, 5, 6))}
    return replace(
        made,
        releases=tuple(names.values()),
        tested=tuple(names[name] for name in made.tested),
        outcomes={names[name]: each for name, each in made.outcomes.items()},
        steps=tuple(replace(step, before=names[step.before], after=names[step.after]) for step in made.steps),
        days=days,
        said=("There is no build of keras-nightly of 2026-07-31; 2026-08-01 is next.",),
    )


def test_of_nightly_builds_the_first_day_is_named_with_the_days_on_which_nothing_was_built() -> None:
    found = of_days("pass", "pass", "regress", "regress")
    lines = printed(found).splitlines()
    assert "The first bad day is 2026-08-05; the last good one is 2026-08-02." in lines
    assert "Nothing was built on 2026-08-03, 2026-08-04." in lines
    assert found.said[0] in lines
    ends = "--from tf2.21.0-keras-nightly@2026-08-02 --to tf2.21.0-keras-nightly@2026-08-05"
    assert f"To see it: bnregress bisect --path h5 {ends}" in lines
    assert found.to_json()["first_day"] == "2026-08-05"
    cured = day_lines(of_days("regress", "pass"))
    assert cured == ["The first good day is 2026-08-02; the last bad one is 2026-08-01."]


def test_a_day_after_builds_that_could_not_be_decided_is_the_first_known() -> None:
    lines = day_lines(of_days("pass", None, "regress"))
    assert lines[0] == "The first day known to be bad is 2026-08-05; the last good one is 2026-08-01."


def test_where_nothing_changes_no_day_is_to_blame() -> None:
    found = of_days("pass", "pass")
    assert day_lines(found) == []
    assert found.to_json()["first_day"] is None


def test_a_refusal_counts_where_an_end_refuses_and_gives_way_elsewhere() -> None:
    pass_, refused = outcome("tf2.0.0", "pass", None), replace(outcome("tf2.1.0", None, None), verdict="refused")
    ends = ("tf2.0.0", "tf2.2.0")
    assert verdict_for_search(refused, {"tf2.0.0": pass_, "tf2.2.0": pass_, "tf2.1.0": refused}, ends) is None
    assert verdict_for_search(refused, {"tf2.0.0": refused, "tf2.2.0": pass_}, ends) == "refused"
    assert verdict_for_search(pass_, {"tf2.0.0": refused}, ends) == "pass"


def test_of_an_end_that_refuses_the_first_release_that_does_not_is_named() -> None:
    made = made_up("pass", "regress")
    refusing = replace(made.outcomes["tf2.0.0"], verdict="refused")
    text = printed(replace(made, outcomes={**made.outcomes, "tf2.0.0": refusing}))
    assert text.splitlines()[0] == "h5 is refused in tf2.0.0 and regresses in tf2.1.0."
    assert "tf2.0.0 refused" in text


def test_both_neighbours_get_a_script_that_says_how_to_run_it(tmp_path: Path) -> None:
    files = write_scripts(made_up("pass", "regress"), tmp_path, load_catalog())
    assert [file.name for file in files] == ["repro-tf2.0.0.py", "repro-tf2.1.0.py"]
    passing, failing = (file.read_text(encoding="utf-8") for file in files)
    assert passing.startswith("# In tf2.0.0 this ends without a failure:\n#   ")
    assert failing.startswith("# In tf2.1.0 this fails:\n#   ")
    assert "regress-tf2-1-0" in failing.splitlines()[1]
    assert failing.splitlines()[1].endswith(str(files[1]))
    ran = subprocess.run([sys.executable, str(files[1])], capture_output=True, text=True, check=False)
    assert "broken" in ran.stderr


def test_a_script_lent_between_graph_mode_and_eager_mode_promises_nothing(tmp_path: Path) -> None:
    found = made_up("regress", "pass")
    older = found.outcomes["tf2.0.0"]
    outcomes = {**found.outcomes, "tf2.0.0": replace(older, release=replace(older.release, tensorflow="1.15.5"))}
    failing, passing = write_scripts(replace(found, outcomes=outcomes), tmp_path, load_catalog())
    assert "# In tf2.0.0 this fails:" in failing.read_text(encoding="utf-8")
    assert "# In tf2.1.0 this cannot run: it was written for tf2.0.0" in passing.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--path", "h6"], "Did you mean h5"),
        (["--path", "h*"], "is a selector"),
        (["--path", "h5", "--check", "orcale"], "Did you mean oracle?"),
        (["--path", "h5", "--check", "accuracy-parity"], "No check is named 'accuracy-parity'"),
        (["--path", "h5", "--suite", "finetune", "--check", "oracle"], "No check is named 'oracle'"),
        (["--path", "h5", "--variant", "defualt"], "Did you mean default?"),
        (["--path", "h5", "--to", "tf1.15.5"], "is not older than"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_runs(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["bisect", "--from", "tf2.0.0", "--to", "tf2.3.4", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_time_left_is_forecast_for_the_suite_that_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    tested: list[str] = []

    def forecast(suite: str) -> Callable[[CellId], float]:
        tested.append(suite)
        return lambda _: 1.0

    monkeypatch.setattr(command, "predictor", forecast)
    with command._Teller(3, "finetune").listen():
        pass
    assert tested == ["finetune"]
