"""Repro scripts of the two neighbours, written where a person can run them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from bnregress.bisecting.bisection import Bisection
from bnregress.bisecting.one_release import Outcome
from bnregress.machine.locations import environments_dir
from bnregress.releases.catalog import Release
from bnregress.run.environments import environment_path
from bnregress.suite import status


def write_scripts(bisection: Bisection, out: Path, catalog: Mapping[str, Release]) -> list[Path]:
    """Write a script for each neighbour, and return the files; none if no check that regresses has one.

    A neighbour that passes gets the script of the other, which there ends
    without a failure; between graph mode and eager mode it does not run, and
    says so.

    Raises:
        OSError: a file cannot be written.
    """
    step = bisection.steps[0]
    scripts = {name: _script(bisection.outcomes[name], bisection.target.check) for name in (step.before, step.after)}
    files = []
    for name, other in ((step.before, step.after), (step.after, step.before)):
        script = scripts[name] or scripts[other]
        if script is not None:
            file = out / f"repro-{name}.py"
            lender = None if scripts[name] else other
            file.write_text(_head(catalog[name], lender, bisection.outcomes, file) + script, encoding="utf-8")
            files.append(file)
    return files


def _script(outcome: Outcome, check: str | None) -> str | None:
    return next(iter(_repros(outcome, check)), None)


def _repros(outcome: Outcome, check: str | None) -> Iterable[str]:
    for found in outcome.cell.checks:
        if found.status == status.REGRESS and found.repro and check in (None, found.name):
            yield found.repro


def _head(release: Release, lender: str | None, outcomes: Mapping[str, Outcome], file: Path) -> str:
    name = release.id
    python = environment_path(environments_dir(), release.base or name, outcomes[name].cell.device) / "bin" / "python"
    over = "".join(f"PYTHONPATH={build.folder} " for build in release.builds[:1])
    end = {status.REGRESS: "fails", status.PASS: "ends without a failure"}.get(
        outcomes[name].verdict or "", "cannot run"
    )
    if lender is not None and _generation(outcomes[name]) != _generation(outcomes[lender]):
        end = f"cannot run: it was written for {lender}, and one of the two runs in graph mode, the other eagerly"
    return f"# In {name} this {end}:\n#   {over}{python} {file}\n"


def _generation(outcome: Outcome) -> str:
    """TensorFlow 1 is graph mode, and what came after is eager."""
    return (outcome.release.tensorflow or "").partition(".")[0]
