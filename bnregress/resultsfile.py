"""results.json on disk: written whole or not at all, read with suspicion."""

from __future__ import annotations

import json
import math
import os
import stat
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

from jsonschema import Draft202012Validator

from bnregress.errors import UsageError
from bnregress.results import Results

MAX_BYTES = 256 * 2**20
MAX_DEPTH = 64
#: Of a whole number: as many as a float can hold.
MAX_DIGITS = 300


@cache
def results_schema() -> dict[str, Any]:
    """Return the published JSON Schema of results.json."""
    text = files("bnregress.resources").joinpath("schemas").joinpath("results.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(results_schema())


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
    text = json.dumps(value, indent=1, allow_nan=False) + "\n"
    handle, name = tempfile.mkstemp(prefix=path.name, suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink()
        raise


def load_results(path: Path) -> Results:
    """Read a results.json.

    Raises:
        UsageError: the file is missing, too large, not JSON or does not fit the schema; says where.
    """
    name = printable(path)
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            # To open a pipe may take for ever.
            raise UsageError(f"{name}: cannot be read: it is no file. Give the results.json of a run.")
        if found.st_size > MAX_BYTES:
            raise UsageError(f"{name}: {found.st_size} bytes are more than a results file can have ({MAX_BYTES}).")
        value = _parsed(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}. Give the results.json of a run.") from error
    except RecursionError as error:
        raise UsageError(f"{name}: nested deeper than a results file can be ({MAX_DEPTH}).") from error
    except ValueError as error:
        raise UsageError(f"{name}: not a JSON file ({error}). Give the results.json of a run.") from error
    if _depth(value) > MAX_DEPTH:
        raise UsageError(f"{name}: nested deeper than a results file can be ({MAX_DEPTH}).")
    problem = next(_problems(value), None)
    if problem is not None:
        raise UsageError(f"{name}: not a results file of this version of bnregress: {printable(problem)}.")
    return Results.from_json(value)


def printable(thing: object) -> str:
    """Return a path, or what a file says, as it can stand in a message: no line breaks, no terminal escapes."""
    text = str(thing)
    return text if text.isprintable() else ascii(text)


def _parsed(content: bytes) -> Any:
    """Return the JSON value; ValueError where a part of it could not be written again as it was read."""
    text = content.decode("utf-8")
    value = json.loads(
        text, parse_constant=_no_constant, parse_float=_finite, parse_int=_integer, object_pairs_hook=_object
    )
    if "\\ud" in text.lower():
        # A lone surrogate is no text that a report could hold.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:40]} is too large a number")
    return number


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"{digits[:40]}… is too large a number")
    return int(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        name, count = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"{name[:80]!r} is there {count} times in one object")
    return value


def _depth(value: Any) -> int:
    deepest, pending = 0, [(value, 1)]
    while pending:
        item, depth = pending.pop()
        deepest = max(deepest, depth)
        children = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        pending.extend((child, depth + 1) for child in children)
    return deepest


def _problems(value: Any) -> Iterator[str]:
    for error in _validator().iter_errors(value):
        message = error.message if len(error.message) <= 300 else error.message[:300] + " …"
        yield f"at {error.json_path}: {message}"
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


def _shard_problems(value: Any) -> Iterator[str]:
    shard, planned = value.get("shard"), value.get("planned")
    if (shard is None) != (planned is None):
        yield "at $.planned: a shard, and nothing else, names the cells of the whole plan"
    if shard and shard["index"] > shard["count"]:
        yield f"at $.shard: there is no shard {shard['index']} of {shard['count']}"
    if planned:
        foreign = {cell["id"] for cell in value["cells"]}.union(value.get("undecided", ())) - set(planned)
        if foreign:
            yield f"at $.planned: {min(foreign)} is in this shard and not in the plan"
