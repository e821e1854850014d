"""What an option's value may be: read from a command line, a variable or TOML, and described in a JSON Schema."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from bnregress.cells.shard import Shard
from bnregress.errors import UsageError, nearest
from bnregress.results import identity

#: More seconds or gigabytes than this are a slip.
MOST = 1e12

ON = ("1", "true", "yes", "on")
OFF = ("0", "false", "no", "off")

T = TypeVar("T")
Value = TypeVar("Value", covariant=True)  # noqa: PLC0105 - a name without a suffix reads better


class Kind(Protocol[Value]):
    """A kind of value. Both readers raise ValueError with what was wanted, as the end of a sentence."""

    def from_text(self, text: str) -> Value:
        """Read the value of an environment variable, or of an option of the command line."""

    def from_toml(self, value: Any) -> Value:
        """Read a value of a file."""

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the value in a file."""


@dataclass(frozen=True)
class Text:
    """One string."""

    def from_text(self, text: str) -> str:
        return text

    def from_toml(self, value: Any) -> str:
        _demand(isinstance(value, str) and value, "is not a string.")
        return str(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1}


@dataclass(frozen=True)
class Several(Generic[T]):
    """Several values of one kind. The option may be repeated on the command line; in a file one may stand alone.

    In the environment, white space is between them.
    """

    each: Kind[T]

    def from_text(self, text: str) -> tuple[T, ...]:
        return tuple(map(self.each.from_text, text.split()))

    def from_toml(self, value: Any) -> tuple[T, ...]:
        texts = [value] if isinstance(value, str) else value
        sound = isinstance(texts, list) and texts and all(isinstance(text, str) and text for text in texts)
        _demand(sound, "is not a string or a list of strings.")
        return tuple(map(self.each.from_toml, texts))

    def schema(self) -> dict[str, Any]:
        text = self.each.schema()
        return {"oneOf": [text, {"type": "array", "minItems": 1, "items": text}]}


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    words: Sequence[str]

    def from_text(self, text: str) -> str:
        return self.from_toml(text)

    def from_toml(self, value: Any) -> str:
        _demand(value in self.words, f"is not one of {', '.join(self.words)}.{nearest(str(value), self.words)}")
        return str(value)

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.words)}


@dataclass(frozen=True)
class Count:
    """A whole number above 0."""

    def from_text(self, text: str) -> int:
        return self.from_toml(int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0)

    def from_toml(self, value: Any) -> int:
        _demand(_is_number(value, int) and value > 0, "is not a whole number above 0.")
        return int(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": 1}


@dataclass(frozen=True)
class Amount:
    """A number above 0, of some unit if one is given."""

    unit: str | None = None

    def from_text(self, text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        return self.from_toml(number)

    def from_toml(self, value: Any) -> float:
        _demand(
            _is_number(value, int, float) and 0 < value < MOST,
            f"is not a number of {self.unit} above 0, or far too many." if self.unit else "is not a number above 0.",
        )
        return float(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": MOST}


@dataclass(frozen=True)
class AmountOr:
    """A number above 0, or a word that leaves it open: None."""

    word: str

    def from_text(self, text: str) -> float | None:
        try:
            return None if text == self.word else Amount().from_text(text)
        except ValueError:
            raise ValueError(f"is not a number above 0, nor {self.word}.") from None

    def from_toml(self, value: Any) -> float | None:
        return self.from_text(value) if isinstance(value, str) else Amount().from_toml(value)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [Amount().schema(), {"const": self.word}]}


@dataclass(frozen=True)
class Gigabytes:
    """A number of gigabytes above 0; the value is in bytes."""

    def from_text(self, text: str) -> int:
        return round(Amount("gigabytes").from_text(text) * 10**9)

    def from_toml(self, value: Any) -> int:
        return round(Amount("gigabytes").from_toml(value) * 10**9)

    def schema(self) -> dict[str, Any]:
        return Amount().schema()


@dataclass(frozen=True)
class Place:
    """A path, in a file one from the file's folder."""

    def from_text(self, text: str) -> Path:
        try:
            return Path(text).expanduser()
        except RuntimeError:
            raise ValueError("names a user who has no home folder here.") from None

    def from_toml(self, value: Any) -> Path:
        return self.from_text(Text().from_toml(value))

    def schema(self) -> dict[str, Any]:
        return Text().schema()


@dataclass(frozen=True)
class Side(Text):
    """The id of a release, or the path of an environment."""


@dataclass(frozen=True)
class PythonPlace(Place):
    """A path of an interpreter or of an environment, which may be anywhere on the machine."""


@dataclass(frozen=True)
class PlaceOr:
    """A path as `Place` has it, or a word that stands for itself."""

    word: str

    def from_text(self, text: str) -> Path | str:
        return text if text == self.word else Place().from_text(text)

    def from_toml(self, value: Any) -> Path | str:
        return self.from_text(Text().from_toml(value))

    def schema(self) -> dict[str, Any]:
        return Text().schema()


@dataclass(frozen=True)
class Switch:
    """On or off; on the command line it stands alone, and means on."""

    def from_text(self, text: str) -> bool:
        _demand(text.lower() in (*ON, *OFF), "is not true or false.")
        return text.lower() in ON

    def from_toml(self, value: Any) -> bool:
        _demand(isinstance(value, bool), "is not true or false.")
        return bool(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Model:
    """MODULE:CALLABLE, both dotted names of Python."""

    def from_text(self, text: str) -> str:
        names = text.split(":")
        sound = len(names) == 2 and all(part.isidentifier() for name in names for part in name.split("."))
        _demand(sound, "is not MODULE:CALLABLE, as in models:build_model.")
        return text

    def from_toml(self, value: Any) -> str:
        return self.from_text(Text().from_toml(value))

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[^:]+:[^:]+$"}


@dataclass(frozen=True)
class RunId:
    """The identity of a run."""

    def from_text(self, text: str) -> str:
        try:
            return identity.read_id(text)
        except UsageError as error:
            raise ValueError(str(error).removeprefix(repr(text)).lstrip()) from None

    def from_toml(self, value: Any) -> str:
        return self.from_text(Text().from_toml(value))

    def schema(self) -> dict[str, Any]:
        return Text().schema()


@dataclass(frozen=True)
class Part:
    """I/N, one of the parts of a plan."""

    def from_text(self, text: str) -> Shard:
        try:
            return Shard.parse(text)
        except UsageError as error:
            raise ValueError(str(error).removeprefix(repr(text)).lstrip()) from None

    def from_toml(self, value: Any) -> Shard:
        return self.from_text(Text().from_toml(value))

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-9]{1,6}/[0-9]{1,6}$"}


@dataclass(frozen=True)
class Age:
    """How long something has not been used, in seconds: 30d, 12h, or all, which is any time at all."""

    def from_text(self, text: str) -> float:
        match = re.fullmatch(r"(?P<number>[0-9]{1,6})(?P<unit>[dh])", text)
        _demand(match or text == "all", "is not an age. Write 30d, 12h or all.")
        return int(match["number"]) * {"d": 86_400.0, "h": 3_600.0}[match["unit"]] if match else -math.inf

    def from_toml(self, value: Any) -> float:
        return self.from_text(Text().from_toml(value))

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^([0-9]{1,6}[dh]|all)$"}


def _is_number(value: Any, *types: type) -> bool:
    return isinstance(value, types) and not isinstance(value, bool)


def _demand(holds: object, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
