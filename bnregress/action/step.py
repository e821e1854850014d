"""One step of the action: inputs in, a command of bnregress run, everything that GitHub is told out."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bnregress.action import github
from bnregress.action.arguments import arguments_for
from bnregress.action.github import Annotation
from bnregress.action.inputs import read_inputs
from bnregress.action.outcome import figures, remarks, result_word
from bnregress.action.process import Ended, run
from bnregress.action.releases import release_of
from bnregress.action.shardfiles import find_results
from bnregress.catalog import load_catalog
from bnregress.errors import ExitCode, FatalError, UsageError
from bnregress.reports.markdown import code, fenced
from bnregress.reports.text import one_line
from bnregress.results import Results
from bnregress.resultsfile import load_results

#: Commands that leave results.json and summary.md in their folder.
_REPORTING = ("run", "report")
TITLE = "bnregress"


def main(environ: Mapping[str, str] = os.environ) -> int:
    """Do the step and return the exit code of the command; what is wrong with the inputs ends it with 2."""
    roots = (Path(environ.get("GITHUB_WORKSPACE") or Path.cwd()), Path(environ["RUNNER_TEMP"]))
    try:
        inputs = read_inputs(environ, roots)
        return _execute(inputs, environ)
    except FatalError as error:
        github.annotate([Annotation(level="error", title=TITLE, message=one_line(str(error)))])
        github.write_outputs({"result": result_word(int(error.exit_code))})
        return int(error.exit_code)


def _execute(inputs: Mapping[str, Any], environ: Mapping[str, str]) -> int:
    if inputs["command"] == "gate":
        inputs = _with_pins(inputs)
        if inputs["from"] is not None and inputs["from"] == inputs["to"]:
            return _unchanged(inputs["from"])
    files = find_results(inputs["results"]) if inputs.get("results") else ()
    ended = run(arguments_for(inputs, files), environ)
    if inputs["command"] == "plan":
        _tell_plan(ended)
    else:
        _tell_results(inputs, files, ended)
    return ended.code


def _with_pins(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fill from and to with the releases that the two trees pin."""
    found: dict[str, Any] = dict(inputs)
    catalog = load_catalog()
    for name in ("from", "to"):
        if (tree := inputs[f"{name}-tree"]) is None:
            continue
        if inputs[name] is not None:
            raise UsageError(f"The inputs {name} and {name}-tree say the same thing. Leave one of them out.")
        pinned = release_of(tree, catalog)
        found[name] = pinned.release
        if pinned.remark:
            github.annotate([Annotation(level="warning", title=TITLE, message=one_line(pinned.remark))])
    return found


def _unchanged(release: str) -> int:
    github.append_summary(f"Nothing to gate: both sides ask for {code(release)}.\n")
    github.write_outputs({"result": "unchanged", "from": release, "to": release})
    return int(ExitCode.EXPECTED)


def _tell_plan(ended: Ended) -> None:
    outputs = {"result": result_word(ended.code)}
    if ended.code == ExitCode.EXPECTED:
        outputs["matrix"] = json.dumps(json.loads(ended.stdout), separators=(",", ":"))
    else:
        github.annotate(_failure(ended))
    github.write_outputs(outputs)


def _tell_results(inputs: Mapping[str, Any], files: tuple[Path, ...], ended: Ended) -> None:
    out: Path = inputs["out"]
    reporting = inputs["command"] in _REPORTING
    path = out / "results.json" if reporting or not files else files[0]
    results = _load(path) if ended.code != ExitCode.USAGE and path.is_file() else None
    notes = remarks(results, ended.code) if results else []
    if ended.code and not any(note.level == "error" for note in notes):
        notes = [*_failure(ended), *notes]
    github.annotate(notes)
    if inputs["summary"]:
        _summarise(out / "summary.md", inputs["command"], ended, whole=reporting and results is not None)
    outputs = {"result": result_word(ended.code)}
    if results:
        report = out / "report.html"
        outputs |= figures(results) | {"results-json": str(path)}
        outputs["report-path"] = str(report if report.is_file() else out / "summary.md")
    for name in ("from", "to"):
        if inputs.get(name):
            outputs[name] = inputs[name]
    github.write_outputs(outputs)


def _load(path: Path) -> Results | None:
    try:
        return load_results(path)
    except FatalError as error:
        github.annotate([Annotation(level="error", title=TITLE, message=one_line(str(error)))])
        return None


def _summarise(page: Path, command: str, ended: Ended, *, whole: bool) -> None:
    if whole and page.is_file():
        github.append_summary(page.read_text(encoding="utf-8", errors="replace"))
    elif ended.stdout.strip():
        github.append_summary(f"### bnregress {command}\n\n{fenced(ended.stdout, 'text')}\n")


def _failure(ended: Ended) -> list[Annotation]:
    """What the command said of its failure, where no cell says it."""
    lines = [line.removeprefix("bnregress: ") for line in ended.stderr.splitlines() if line.startswith("bnregress: ")]
    if not lines:
        lines = [f"bnregress ended with exit code {ended.code}. The log of the step says more."]
    return [Annotation(level="error", title=TITLE, message=one_line(lines[-1]))]
