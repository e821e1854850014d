"""What an option's value may be: read from an environment variable or from TOML, and described in a JSON Schema."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bnregress.errors import nearest

#: More seconds or gigabytes than this are a slip.
MOST = 1e12

ON = ("1", "true", "yes", "on")
OFF = ("0", "false", "no", "off")


class Kind(Protocol):
    """A kind of value. Both readers raise ValueError with what was wanted, as the end of a sentence."""

    def from_text(self, text: str) -> Any:
        """Read the value of an environment variable."""

    def from_toml(self, value: Any) -> Any:
        """Read a value of a file."""

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the value in a file."""


@dataclass(frozen=True)
class Texts:
    """Several strings; one may stand alone. In the environment, white space is between them."""

    def from_text(self, text: str) -> list[str]:
        return text.split()

    def from_toml(self, value: Any) -> list[str]:
        texts = [value] if isinstance(value, str) else value
        sound = isinstance(texts, list) and texts and all(isinstance(each, str) and each for each in texts)
        _demand(sound, "is not a string or a list of strings.")
        return list(texts)

    def schema(self) -> dict[str, Any]:
        text = {"type": "string", "minLength": 1}
        return {"oneOf": [text, {"type": "array", "minItems": 1, "items": text}]}


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
class Choice:
    """One of a few words."""

    words: Sequence[str]

    def from_text(self, text: str) -> str:
        return self.from_toml(text)

    def from_toml(self, value: Any) -> str:
        _demand(value in self.words, f"is none of {', '.join(self.words)}.{nearest(str(value), self.words)}")
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
    """A number above 0, of some unit where one is given; of a unit of bytes the value is a whole number of these."""

    unit: str | None
    bytes_each: int | None = None

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
        return float(value) if self.bytes_each is None else round(value * self.bytes_each)

    def schema(self) -> dict[str, Any]:
        return {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": MOST}


@dataclass(frozen=True)
class Place:
    """A path, in a file one from the file's folder; or a word that stands for itself."""

    or_word: str | None = None

    def from_text(self, text: str) -> Path | str:
        if text == self.or_word:
            return text
        try:
            return Path(text).expanduser()
        except RuntimeError:
            raise ValueError("names a user who has no home here.") from None

    def from_toml(self, value: Any) -> Path | str:
        return self.from_text(Text().from_toml(value))

    def schema(self) -> dict[str, Any]:
        return Text().schema()


@dataclass(frozen=True)
class Switch:
    """On or off."""

    def from_text(self, text: str) -> bool:
        _demand(text.lower() in (*ON, *OFF), "is not true or false.")
        return text.lower() in ON

    def from_toml(self, value: Any) -> bool:
        _demand(isinstance(value, bool), "is not true or false.")
        return bool(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


def _is_number(value: Any, *types: type) -> bool:
    return isinstance(value, types) and not isinstance(value, bool)


def _demand(holds: object, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
