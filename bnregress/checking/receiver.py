"""What the inspected process tells, believed only if it is signed, in its turn, and nothing stands beside it."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bnregress.errors import FatalError
from bnregress.suite.inspection.sender import signature

#: Events that an inspection ends with.
LAST = frozenset({"done", "model", "problem"})

#: Bytes that all events together may have.
MAX_BYTES = 256 * 2**20


class Channel:
    """The host's end of `bnregress.suite.inspection.sender`."""

    def __init__(self, file: Path, secret: str) -> None:
        """Listen to a file, which need not be there yet."""
        self._file = file
        self._secret = secret.encode("ascii")
        self._heard = 0
        self._read = 0
        self._rest = b""
        self._over = False

    def events(self) -> Iterator[dict[str, Any]]:
        """Return the events that came since the last call.

        Raises:
            FatalError: something other than the inspection wrote to the file.
        """
        *lines, self._rest = (self._rest + self._fresh()).split(b"\n")
        for line in lines:
            yield self._event(line)

    def close(self) -> None:
        """Say that nothing more may come.

        Raises:
            FatalError: a part of a line stands after the last event.
        """
        if self._over and self._rest:
            raise _doubtful()

    def _fresh(self) -> bytes:
        try:
            if self._file.is_symlink() or self._file.stat().st_size > MAX_BYTES:
                raise _doubtful()
            with self._file.open("rb") as stream:
                stream.seek(self._read)
                found = stream.read()
        except FileNotFoundError:
            if self._read:
                raise _doubtful() from None
            return b""
        self._read += len(found)
        return found

    def _event(self, line: bytes) -> dict[str, Any]:
        given, _, body = line.partition(b" ")
        expected = signature(self._secret, self._heard, body.decode("utf-8", "replace")).encode("ascii")
        if self._over or not hmac.compare_digest(given, expected):
            raise _doubtful()
        self._heard += 1
        event: dict[str, Any] = json.loads(body)
        self._over = event["event"] in LAST
        return event


def _doubtful() -> FatalError:
    return FatalError(
        "Could not decide: something in the inspected process, such as code of the model, wrote where only the"
        " inspection's result belongs, so no result can be trusted. Remove code that writes to files or descriptors"
        " that it did not open."
    )
