"""Strict reading of tables in TOML data files: whatever is wrong is told by file, table, key and nearest known name."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bnregress.errors import UsageError, nearest
from bnregress.reading.strict import printable, read_toml, unknown

#: Of a data file of this package.
MAX_BYTES = 4 * 2**20


@dataclass(frozen=True)
class Table:
    """One table of a file; `name` is what the messages call it. Every method raises UsageError on what does not fit."""

    path: Path
    name: str
    entries: dict[str, Any]

    @classmethod
    def read(cls, path: Path, name: str) -> Table:
        """The whole of a TOML file."""
        return cls(path, name, read_toml(path, MAX_BYTES, "the file"))

    def error(self, problem: str) -> UsageError:
        """An error about this table, for the caller to raise."""
        return UsageError(f"{printable(self.path)}, {self.name}: {problem}")

    def check_keys(self, required: Sequence[str], optional: Sequence[str] = ()) -> None:
        """Every required key is there, and none that is not known."""
        known = [*required, *optional]
        for key in self.entries:
            if key not in known:
                raise self.error(unknown(key, known))
        for key in required:
            if key not in self.entries:
                raise self.error(f"key {key!r} is missing. Add it.")

    def tables(self, key: str, kind: str) -> dict[str, Table]:
        """The tables of a table by name; the messages call each `kind 'NAME'`."""
        value = self.entries[key]
        if not isinstance(value, dict):
            raise self.error(f"key {key!r}: {value!r} is not a table.")
        for name, entries in value.items():
            if not isinstance(entries, dict):
                raise self.error(f"{kind} {name!r}: {entries!r} is not a table.")
        return {name: Table(self.path, f"{kind} {name!r}", entries) for name, entries in value.items()}

    def text(self, key: str, pattern: str, wanted: str) -> str:
        """A string that the whole pattern matches; `wanted` says so in words."""
        value = self.entries[key]
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise self.error(f"key {key!r}: {value!r} is not {wanted}.")
        return value

    def choice(self, key: str, known: Collection[str]) -> str:
        """One of the known strings."""
        value = self.entries[key]
        if value not in known:
            raise self.error(
                f"key {key!r}: there is no {value!r}.{nearest(str(value), known)} Known are {', '.join(known)}."
            )
        return str(value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings, none of them twice."""
        value = self.entries[key]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(f"key {key!r}: {value!r} is not a list of strings.")
        for item in value:
            if value.count(item) > 1:
                raise self.error(f"key {key!r}: {item!r} is listed twice.")
        return tuple(value)

    def choices(self, key: str, known: Collection[str]) -> tuple[str, ...]:
        """A list of known strings, none of them twice."""
        names = self.texts(key)
        for name in names:
            if name not in known:
                raise self.error(
                    f"key {key!r}: there is no {name!r}.{nearest(name, known)} Known are {', '.join(known)}."
                )
        return names
