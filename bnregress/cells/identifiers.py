"""Cell ids: `RELEASE/PATH` or `RELEASE/PATH@VARIANT`, as people write and read them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bnregress.errors import UsageError

DEFAULT_VARIANT = "default"

_CELL = re.compile(
    r"(?P<release>[a-z0-9][a-z0-9.+-]*)/(?P<path>[a-z0-9][a-z0-9.=+-]*)(?:@(?P<variant>[a-z0-9][a-z0-9.,=+-]*))?"
)


@dataclass(frozen=True, order=True, kw_only=True)
class CellId:
    """One release, loading path and variant."""

    release: str
    path: str
    variant: str = DEFAULT_VARIANT

    @classmethod
    def parse(cls, text: str) -> CellId:
        """Read an id such as `tf2.1.0/h5@freeze=model`.

        Raises:
            UsageError: the text is not a cell id.
        """
        match = _CELL.fullmatch(text)
        if match is None:
            raise UsageError(
                f"{text!r} is not a cell id. Write RELEASE/PATH or RELEASE/PATH@VARIANT, as in tf2.1.0/h5."
            )
        return cls(release=match["release"], path=match["path"], variant=match["variant"] or DEFAULT_VARIANT)

    @property
    def subject(self) -> str:
        """The id less its release: `PATH` or `PATH@VARIANT`, the name the suite knows the cell by."""
        return self.path if self.variant == DEFAULT_VARIANT else f"{self.path}@{self.variant}"

    def __str__(self) -> str:
        return f"{self.release}/{self.subject}"
