"""One step of the action: inputs in, a command of bnregress run, everything that GitHub is told out."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bnregress.action import github
from bnregress.action.arguments import arguments_for
from bnregress.action.gate_outputs import broken
from bnregress.action.gate_outputs import figures as gate_figures
from bnregress.action.inputs import read_inputs
from bnregress.action.invocation import Ended, run
from bnregress.action.links import remove_leaving
from bnregress.action.matrix import shards_of
from bnregress.action.results_outputs import CRASHED, figures, remarks, result_word
from bnregress.commands.breakage import broke_off, refusal
from bnregress.errors import ExitCode, FatalError
from bnregress.judging.gate.decision import Decision
from bnregress.reading.text import one_line
from bnregress.reading.workflow import Annotation
from bnregress.releases.catalog import load_catalog
from bnregress.releases.pinned.pin_changes import UNCHANGED, Upgrade, upgrade_given
from bnregress.reports.gate import decision_as_markdown, github_annotations
from bnregress.reports.markdown import code, fenced
from bnregress.results.file import RESULTS_FILE, clear, load_results
from bnregress.results.finding import find_results
from bnregress.results.identity import numbered, require
from bnregress.results.model import Results

SUMMARY = "summary.md"
#: What the step itself writes beside what the command does.
PAGES = ("gate.md", "bisect.md")
TITLE = "bnregress"

_SAID = re.compile(r"bnregress(?: [a-z]+)?: (?:error: )?(.+)")


def main(environ: Mapping[str, str] = os.environ) -> int:
    """Do the step and return the exit code of the command; what is wrong with the inputs ends it with 2."""
    try:
        roots = (Path(environ.get("GITHUB_WORKSPACE") or Path.cwd()), Path(environ["RUNNER_TEMP"]))
        inputs = read_inputs(environ, roots)
        return _execute(inputs, environ)
    except FatalError as error:
        github.annotate([Annotation(level="error", title=TITLE, message=one_line(str(error)))])
        github.write_outputs({"result": result_word(int(error.exit_code))})
        return int(error.exit_code)
    except Exception as error:  # noqa: BLE001
        # Python's own exit code for a traceback is that of a regression.
        told = refusal(error) if isinstance(error, OSError) else None
        message = one_line(told or f"The step {broke_off(error, [])}")
        github.annotate([Annotation(level="error", title=TITLE, message=message)])
        with contextlib.suppress(Exception):
            github.write_outputs({"result": CRASHED})
        return int(ExitCode.UNDECIDED)


def _execute(inputs: Mapping[str, Any], environ: Mapping[str, str]) -> int:
    if inputs["command"] == "gate":
        upgrade = _upgrade(inputs)
        if upgrade is not None:
            # A build in the same release is a change too.
            if not upgrade.changed and not inputs["with"]:
                return _unchanged(upgrade)
            # The command gets the releases: it does not read the trees again.
            inputs = {**inputs, "from": upgrade.before, "to": upgrade.after, "from-tree": None, "to-tree": None}
    files = find_results(inputs["results"]) if inputs.get("results") else ()
    inputs = _identified(inputs, environ)
    _clear(inputs, files)
    ended = run(arguments_for(inputs, files), environ, shown=inputs["command"] != "gate")
    # What a package left may be links too, and the folder is read back and uploaded.
    _remove_links(inputs)
    if inputs["command"] == "plan":
        _tell_plan(ended, inputs["run-id"], inputs["summary"])
    elif inputs["command"] == "gate":
        _tell_gate(inputs, files, ended)
    elif inputs["command"] == "bisect":
        _tell_bisect(inputs, ended)
    else:
        _tell_run(inputs, ended)
    return ended.code


def _clear(inputs: Mapping[str, Any], files: tuple[Path, ...]) -> None:
    """A runner may keep its workspace: what is read back from there must be what this step wrote, or was given."""
    if inputs["command"] == "plan":
        return
    _remove_links(inputs)
    for page in PAGES:
        (inputs["out"] / page).unlink(missing_ok=True)
    if inputs["command"] in ("run", "report") or (inputs["command"] == "gate" and not files):
        clear(inputs["out"], keep=files)


def _remove_links(inputs: Mapping[str, Any]) -> None:
    if inputs["command"] != "plan" and (removed := remove_leaving(inputs["out"])):
        said = f"{len(removed)} links that leave {inputs['out'].name} were removed, as {removed[0].name}."
        github.annotate([Annotation(level="warning", title=TITLE, message=one_line(said))])


def _identified(inputs: Mapping[str, Any], environ: Mapping[str, str]) -> Mapping[str, Any]:
    """Fill in which run this is: every later step demands that results are of it."""
    if "run-id" not in inputs:
        return inputs
    return {**inputs, "run-id": inputs["run-id"] or numbered(environ)}


def _upgrade(inputs: Mapping[str, Any]) -> Upgrade | None:
    """Return the upgrade that the inputs are about, from releases or from what trees pin; None if about none."""
    return upgrade_given(inputs["from"], inputs["to"], inputs["from-tree"], inputs["to-tree"], load_catalog())


def _unchanged(upgrade: Upgrade) -> int:
    github.append_summary(f"Nothing to gate: both sides use {code(upgrade.before)}, and {UNCHANGED}.\n")
    github.write_outputs({"result": "unchanged", "from": upgrade.before, "to": upgrade.after})
    return int(ExitCode.EXPECTED)


def _tell_plan(ended: Ended, run_id: str | None, summary: bool) -> None:  # noqa: FBT001
    outputs = {"result": ended.word}
    if ended.code == ExitCode.EXPECTED:
        shards = shards_of(ended.stdout, load_catalog())
        outputs |= {"matrix": shards.matrix, "cells": str(shards.cells), "shards": str(shards.count)}
        outputs |= {"run-id": run_id} if run_id else {}
        if summary:
            github.append_summary(shards.page)
    else:
        github.annotate(_failure(ended))
    github.write_outputs(outputs)


def _tell_run(inputs: Mapping[str, Any], ended: Ended) -> None:
    """Of `run` and `report`, which leave results.json and summary.md in their folder."""
    out: Path = inputs["out"]
    outputs = {"result": ended.word}
    results = _load(out / RESULTS_FILE, inputs["run-id"]) if ended.code != ExitCode.USAGE else None
    if results is None and ended.code == ExitCode.REGRESSION:
        # A regression that no results tell of is none: whatever ended the command so was something else.
        outputs["result"] = CRASHED
    if results is None or inputs["annotations"]:
        _annotate(remarks(results, ended.code) if results else [], ended)
    if results:
        report = out / "report.html"
        outputs |= figures(results) | {"results-json": str(out / RESULTS_FILE)}
        outputs["report-path"] = str(report if report.is_file() else out / SUMMARY)
        if inputs["summary"] and (out / SUMMARY).is_file():
            github.append_summary((out / SUMMARY).read_text(encoding="utf-8", errors="replace"))
    github.write_outputs(outputs)


def _tell_gate(inputs: Mapping[str, Any], files: tuple[Path, ...], ended: Ended) -> None:
    """Of `gate`, which answers in JSON; the log and the summary get the page that is made of it."""
    out: Path = inputs["out"]
    path = files[0] if files else out / RESULTS_FILE
    outputs = {"result": ended.word} | {name: inputs[name] for name in ("from", "to") if inputs[name]}
    decision = Decision.from_json(json.loads(ended.stdout)) if ended.stdout and path.is_file() else None
    if decision is None and ended.code == ExitCode.REGRESSION:
        outputs["result"] = CRASHED
    if decision is None or inputs["annotations"]:
        _annotate(github_annotations(decision) if decision else [], ended)
    if decision:
        text = decision_as_markdown(decision)
        with github.commands_stopped():
            print(text)
        page = out / "gate.md"
        out.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
        outputs |= (
            figures(load_results(path))
            | gate_figures(decision)
            | broken(decision)
            | {"results-json": str(path), "report-path": str(page)}
        )
        if inputs["summary"]:
            github.append_summary(f"## Gate\n\n{text}")
    github.write_outputs(outputs)


def _tell_bisect(inputs: Mapping[str, Any], ended: Ended) -> None:
    out: Path = inputs["out"]
    outputs = {"result": ended.word, "from": inputs["from"], "to": inputs["to"]}
    _annotate([], ended)
    if ended.stdout.strip():
        page = f"## Bisect\n\n{fenced(ended.stdout, 'text')}\n"
        out.mkdir(parents=True, exist_ok=True)
        (out / "bisect.md").write_text(page, encoding="utf-8")
        outputs["report-path"] = str(out / "bisect.md")
        if inputs["summary"]:
            github.append_summary(page)
    github.write_outputs(outputs)


def _load(path: Path, run_id: str | None) -> Results | None:
    if path.is_symlink() or not path.is_file():
        return None
    try:
        results = load_results(path)
        require(run_id, [(str(path), results.run)])
    except FatalError as error:
        github.annotate([Annotation(level="error", title=TITLE, message=one_line(str(error)))])
        return None
    return results


def _annotate(notes: list[Annotation], ended: Ended) -> None:
    if ended.code and not any(note.level == "error" for note in notes):
        notes = [*_failure(ended), *notes]
    github.annotate(notes)


def _failure(ended: Ended) -> list[Annotation]:
    """What the command said of its failure, if no cell says it."""
    said = [match[1] for line in ended.stderr.splitlines() if (match := _SAID.match(line))]
    if not said:
        said = [f"bnregress ended with exit code {ended.code}. The log of the step says more."]
    return [Annotation(level="error", title=TITLE, message=one_line(said[-1]))]
