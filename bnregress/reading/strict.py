"""Reading what others may have written: too large is told before anything is read, and nothing is waited for."""

from __future__ import annotations

import errno
import json
import math
import re
import stat
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from bnregress.errors import UsageError, nearest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: Digits of a whole number: as many as a float can hold.
MAX_DIGITS = 300
#: Objects and lists within each other, of TOML.
TOML_DEPTH = 64
#: Characters of what a file says that a message repeats.
QUOTED = 300
#: A string, or what Python's reader takes for a number and JSON has no word for.
_NO_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|(-?(?:NaN|Infinity))', re.DOTALL)


def read_bytes(path: Path, most: int) -> bytes:
    """Return the content of a regular file of at most so many bytes; links are followed.

    Raises:
        OSError: there is none, it is not a regular file, of which to read might take for ever, or it cannot be read.
        ValueError: it is too large; nothing was read.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file")
    if found.st_size > most:
        raise ValueError(f"{found.st_size} bytes are more than the {most} that such a file may have")
    return path.read_bytes()


def read_toml(path: Path, most: int, kind: str) -> dict[str, Any]:
    """Return what a TOML file says.

    Args:
        path: the file.
        most: bytes that it may have.
        kind: what it should be, as the message has it: `a file of known regressions`.

    Raises:
        UsageError: it cannot be read, is too large or not TOML; says where.
    """
    too_deep = UsageError(f"{printable(path)} cannot be read as TOML: nested deeper than {kind} can be.")
    try:
        value = tomllib.loads(read_bytes(path, most).decode("utf-8"))
    except RecursionError as error:
        raise too_deep from error
    except OSError as error:
        said = f"{printable(path)} cannot be read: {error.strerror}."
        raise UsageError(f"{said} Give another file, or put {kind} there.") from error
    except ValueError as error:
        # A number of thousands of digits is no TOMLDecodeError.
        said = f"{printable(path)} cannot be read as TOML: {quoted(error)}."
        raise UsageError(f"{said} Correct it, or restore {kind}.") from error
    if depth_of(value) > TOML_DEPTH:
        raise too_deep
    return value


def parse_json(content: bytes, depth: int) -> Any:
    """Return a JSON value that could be written again as it was read.

    Raises:
        ValueError: it is not JSON, not UTF-8, holds NaN, an infinity or a number beyond a float, a name twice in one
            object or half a character, or is nested deeper than `depth`; says the line if that is known.
    """
    text = content.decode("utf-8")
    try:
        value = json.loads(
            text, parse_constant=_no_constant, parse_float=_finite, parse_int=_integer, object_pairs_hook=_object
        )
    except _NoNumberError as error:
        place = next(match.start(1) for match in _NO_NUMBER.finditer(text) if match[1])
        line, column = text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)
        raise ValueError(f"{error}: line {line} column {column}") from None
    except RecursionError:
        raise ValueError(f"nested deeper than {depth}") from None
    if depth_of(value) > depth:
        raise ValueError(f"nested deeper than {depth}")
    if "\\ud" in text.lower():
        # A lone surrogate is no text that a report could hold.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def depth_of(value: Any) -> int:
    """Return how many objects and lists are within each other at most, a value within them counted too."""
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            child
            for item in level
            if isinstance(item, (dict, list))
            for child in (item.values() if isinstance(item, dict) else item)
        ]
    return depth


def printable(thing: object) -> str:
    """Return a path, or what a file says, as it can stand in a message: no line breaks, no terminal escapes."""
    text = str(thing)
    return text if text.isprintable() else ascii(text)


def quoted(thing: object) -> str:
    """Return what a file says as it can stand in a message, cut if it is too long for one."""
    text = str(thing)
    return printable(text if len(text) <= QUOTED else text[:QUOTED] + " …")


def unknown(key: str, keys: Iterable[str]) -> str:
    """Return words on a key that is none of `keys`, with the nearest of them."""
    known = list(keys)
    short = repr(key if len(key) <= 80 else key[:80] + "…")
    there_are = f"The only key is {known[0]}." if len(known) == 1 else f"The keys are {', '.join(known)}."
    return f"unknown key {short}.{nearest(key[:80], known)} {there_are}"


class _NoNumberError(Exception):
    """JSON has no such number."""


def _no_constant(name: str) -> NoReturn:
    raise _NoNumberError(f"{name} is not a JSON number")


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
