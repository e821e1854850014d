"""results.json on disk: written whole or not at all, read with suspicion."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from bnregress.errors import UsageError
from bnregress.machine.atomic import replace_text
from bnregress.reading.schemas import Schema
from bnregress.reading.strict import parse_json, printable, quoted, read_bytes
from bnregress.results.model import FAIL_ON, NEW, Results
from bnregress.suite.status import NOT_APPLICABLE, PASS, SEVERITY, UNAVAILABLE

#: The name of the file.
RESULTS_FILE = "results.json"
#: More than the results of the largest plan have, so that whatever is written can be read.
MAX_BYTES = 768 * 2**20
MAX_DEPTH = 64
#: Everything that a run or a report leaves in its folder for people and programs.
WRITTEN = (RESULTS_FILE, "report.html", "summary.md", "junit.xml", "badge.json", "curves")
#: What a cell cannot be of which a check says worse.
SOUND = (PASS, NOT_APPLICABLE, UNAVAILABLE)


@cache
def results_schema() -> dict[str, Any]:
    """Return the published JSON Schema of results.json."""
    text = files("bnregress.resources").joinpath("schemas").joinpath("results.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


@cache
def _schema() -> Schema:
    return Schema(results_schema())


def write_results(results: Results, path: Path) -> None:
    """Replace `path` atomically, so that a reader finds the old results or the new ones and never a part.

    Raises:
        ValueError: the results do not fit the schema; a bug of bnregress.
        OSError: the file cannot be written.
    """
    value = results.to_json()
    problem = next(_problems(value), None)
    if problem is not None:
        raise ValueError(f"results do not fit their own schema: {problem}")
    replace_text(path, _lines(value))


def _lines(value: dict[str, Any]) -> str:
    """The object as JSON, each item of its lists and objects on a line of its own, for people and for diffs.

    Python's writer is ten times slower where it indents.
    """
    write = partial(json.dumps, allow_nan=False)
    members = []
    for name, member in value.items():
        if isinstance(member, dict):
            rows = [f"{write(key)}: {write(each)}" for key, each in member.items()]
            members.append(f"{write(name)}: {{\n" + ",\n".join(rows) + "\n}")
        elif isinstance(member, list):
            members.append(f"{write(name)}: [\n" + ",\n".join(map(write, member)) + "\n]")
        else:
            members.append(f"{write(name)}: {write(member)}")
    return "{\n" + ",\n".join(members) + "\n}\n"


def clear(folder: Path, keep: Iterable[Path] = ()) -> None:
    """Remove the results and reports of an earlier run, so that they cannot stand for those that are to come.

    Links are removed, not followed.

    Args:
        folder: where results go.
        keep: files to leave alone, as results that are rendered where they are.
    """
    kept = [file.absolute() for file in keep]
    for name in WRITTEN:
        path = folder / name
        if path.absolute() in kept:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def load_results(path: Path) -> Results:
    """Read a results.json.

    Raises:
        UsageError: the file is missing, too large, not JSON or does not fit the schema; says where.
    """
    name = printable(path)
    try:
        value = parse_json(read_bytes(path, MAX_BYTES), MAX_DEPTH)
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}. Give the results.json of a run.") from error
    except ValueError as error:
        raise UsageError(f"{name}: not a JSON file of results ({quoted(error)}). Give that of a run.") from error
    if not isinstance(value, dict) or "schema" not in value:
        raise UsageError(
            f"{name} is not a file of results: it {_looks_like(value)}. Give the results.json that `bnregress run`"
            " wrote to the folder of --out, by default bnregress-results."
        )
    problem = next(_problems(value), None) or next(_contradictions(value), None)
    if problem is not None:
        raise UsageError(f"{name}: not a results file of this version of bnregress: {printable(problem)}.")
    try:
        return Results.from_json(value)
    except ValueError as error:
        # A pattern of the schema lets a line break at the end pass.
        raise UsageError(f"{name}: {error}") from error


#: What else bnregress writes as JSON, by a key that only this has.
_OTHERS = {"schemaVersion": "is a badge", "answer": "is the decision of a gate", "hash": "is a plan"}


def _looks_like(value: Any) -> str:
    if not isinstance(value, dict):
        return "holds no JSON object"
    return next((words for key, words in _OTHERS.items() if key in value), "does not say the schema of one")


def _problems(value: Any) -> Iterator[str]:
    if (problem := _schema().problem(value)) is not None:
        yield f"at {problem.json_path}: {problem.message}"
        return
    for index, cell in enumerate(value["cells"]):
        subject = cell["path"] if cell["variant"] == "default" else f"{cell['path']}@{cell['variant']}"
        if cell["id"] != f"{cell['release']}/{subject}":
            yield f"at $.cells[{index}].id: {cell['id']!r} is not the id of its release, path and variant"
        if cell["release"] not in value["releases"]:
            yield f"at $.cells[{index}].release: {cell['release']!r} is not among the releases"
    ids = Counter([cell["id"] for cell in value["cells"]] + value.get("undecided", []))
    for cell_id, count in ids.items():
        if count > 1:
            yield f"cell {cell_id} is listed {count} times"
    if value["complete"] and value.get("undecided"):
        yield "at $.undecided: complete results have no undecided cells"
    yield from _shard_problems(value)


def _contradictions(value: Any) -> Iterator[str]:
    """Say where a cell would be greener than its own checks."""
    for index, cell in enumerate(value["cells"]):
        for check in cell["checks"]:
            if cell["status"] in SOUND and SEVERITY.index(check["status"]) > SEVERITY.index(cell["status"]):
                yield f"at $.cells[{index}].status: {cell['status']}, and its check {check['name']} {check['status']}"
        refused = cell["status"] == "inconclusive" and cell["drift"] == NEW
        broken = cell["status"] == "regress"
        if cell["drift"] is not None and not refused and broken != (cell["drift"] in FAIL_ON["regression"]):
            yield f"at $.cells[{index}].drift: {cell['drift']}, and the status of the cell is {cell['status']}"


def _shard_problems(value: Any) -> Iterator[str]:
    shard, places = value.get("shard"), value.get("places")
    if (shard is None) != (places is None):
        yield "at $.places: a shard, and nothing else, says where its cells stand in the whole plan"
    if shard and shard["index"] > shard["count"]:
        yield f"at $.shard: there is no shard {shard['index']} of {shard['count']}"
    if shard and not value.get("asked"):
        yield "at $.asked: a shard says what its plan's hash is made from"
    if places is not None:
        own = {cell["id"] for cell in value["cells"]}.union(value.get("undecided", ()))
        if odd := own.symmetric_difference(places):
            yield f"at $.places: {min(odd)} is in this shard and has no place, or the other way round"
        if len(set(places.values())) < len(places):
            yield "at $.places: two cells stand in one place"
