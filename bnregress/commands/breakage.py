"""What becomes of an error that nobody foresaw: exit code 4, a sentence, and a log that can be sent on."""

from __future__ import annotations

import contextlib
import errno
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path

import bnregress
from bnregress.errors import FatalError
from bnregress.machine.locations import cache_dir
from bnregress.reading.text import clip, one_line

#: Names the file that takes the log, so that whoever started the command can tell that it broke off.
LOG_VARIABLE = "BNREGRESS_CRASH_LOG"

#: What the system refuses for reasons that a person can mend, each with the next step; any other OSError is a bug.
_REFUSALS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "The disk is full: free some space there"),
    errno.EROFS: "Nothing can be written there: choose another folder",
    **dict.fromkeys((errno.EACCES, errno.EPERM), "Allow writing there"),
    **dict.fromkeys((errno.ENOTDIR, errno.EEXIST), "A file stands where a folder must be: choose another folder"),
    errno.EISDIR: "A folder stands where a file must be: choose another name",
    errno.ELOOP: "A link there leads back to itself: remove it, or choose another folder",
    errno.ENAMETOOLONG: "Choose a shorter name",
    **dict.fromkeys((errno.EIO, errno.ESTALE, errno.ENXIO), "The disk does not respond: check it"),
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), "Too many files are open: raise the limit (`ulimit -n`)"),
    **dict.fromkeys((errno.ENOMEM, errno.EAGAIN), "The machine is out of memory or processes: free some"),
}
#: Characters of an error that the sentence repeats.
_SAID = 300


def refusal(error: OSError) -> str | None:
    """Return what the system refused and how to mend that; None if no person can."""
    step = _REFUSALS.get(error.errno or 0)
    if step is None:
        return None
    return f"{one_line(clip(str(error), _SAID))}. {step}, then run again."


def broke_off(error: BaseException, arguments: Sequence[str] | None) -> str:
    """Keep the traceback in a log, and return the sentence for a person."""
    what = one_line(clip(f"{type(error).__name__}: {error}", _SAID))
    text = _log(error, sys.argv[1:] if arguments is None else arguments)
    for path in _places():
        with contextlib.suppress(OSError, ValueError):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", errors="backslashreplace")
            where = f"The log is {path}"
            break
    else:
        where = f"No log could be written, so here it is:\n{text}"
    return (
        f"crashed ({what}). This is a bug in bnregress and says nothing about TensorFlow or your model."
        f" Open an issue in bnregress's repository with the log and the command. {where}"
    )


def _log(error: BaseException, arguments: Sequence[str]) -> str:
    head = [
        f"bnregress {bnregress.__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"arguments: {clip(repr(list(arguments)), 5_000)}",
    ]
    return "\n".join([*head, "", *map(str.rstrip, traceback.format_exception(error)), ""])


def _places() -> Iterator[Path]:
    if named := os.environ.get(LOG_VARIABLE):
        yield Path(named)
    name = f"{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}-{os.getpid()}.txt"
    # Where caches are may be the very thing that is wrong.
    with contextlib.suppress(FatalError):
        yield cache_dir() / "crashes" / name
    with contextlib.suppress(OSError):
        yield Path(tempfile.mkdtemp(prefix="bnregress-crash-")) / name
