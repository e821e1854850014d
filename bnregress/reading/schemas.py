"""What a file says against the JSON Schema that it must fit, by a compiled validator: results have 100 MB and more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError, ValidationErrorKind

from bnregress.reading.strict import quoted, unknown


@dataclass(frozen=True)
class Problem:
    """One thing that does not fit.

    Attributes:
        path: keys and places, from 0, that lead to it.
        message: what is wrong, as it can be printed; of an unknown key with the nearest known one.
        wanted: what the schema's description says should be there, if the key itself is known and described.
    """

    path: tuple[str | int, ...]
    message: str
    wanted: str = ""

    @property
    def sentence(self) -> str:
        """What is wrong and what should be there."""
        return f"{self.message.rstrip('.')}. {self.wanted}".strip()

    @property
    def json_path(self) -> str:
        """The place as `$.cells[3].id`."""
        return "$" + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.path)


class Schema:
    """A JSON Schema of draft 2020-12 that values are held against."""

    def __init__(self, schema: dict[str, Any]) -> None:
        """Compile it.

        Raises:
            jsonschema_rs.ValidationError: it is not a schema.
        """
        self._schema = schema
        self._validator = Draft202012Validator(schema)

    def problem(self, value: Any) -> Problem | None:
        """Return the first thing that does not fit, by its place; None if there is none.

        Args:
            value: as JSON or TOML is read.
        """
        return min(self._problems(value), key=_order, default=None)

    def _problems(self, value: Any) -> Iterator[Problem]:
        try:
            for error in self._validator.iter_errors(value):
                yield self._problem(error)
        except ValueError as error:
            # TOML has dates and times, and JSON has none.
            yield Problem((), f"{error}: a value is text, a number, true, false, a list or a table")

    def _problem(self, error: ValidationError) -> Problem:
        path = tuple(error.instance_path)
        around: Any = self._schema
        for key in error.schema_path[:-1]:
            around = around[key]
        if isinstance(error.kind, ValidationErrorKind.AdditionalProperties) and "properties" in around:
            return Problem(path, unknown(error.kind.unexpected[0], around["properties"]))
        wanted = around.get("description", "") if isinstance(around, Mapping) else ""
        return Problem(path, quoted(error.message), wanted)


def _order(problem: Problem) -> tuple[list[str], bool]:
    # A misspelt key is also one that is missing: the former tells more.
    return list(map(str, problem.path)), not problem.message.startswith("unknown key")
