"""Errors that end a command, each with its exit code, and the exit codes themselves."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from enum import IntEnum


class ExitCode(IntEnum):
    """What the exit code of every bnregress command means."""

    EXPECTED = 0
    REGRESSION = 1
    USAGE = 2
    NOTHING_TO_DO = 3
    UNDECIDED = 4
    INTERRUPTED = 130


class FatalError(Exception):
    """A command cannot continue; the message tells what happened, why, and what to do next."""

    exit_code = ExitCode.UNDECIDED


class UsageError(FatalError):
    """A command line, a configuration or an input file is wrong; no work was started."""

    exit_code = ExitCode.USAGE


class NothingToDoError(FatalError):
    """The plan is empty: an empty result is never a success."""

    exit_code = ExitCode.NOTHING_TO_DO


def nearest(name: str, known: Iterable[str], limit: int = 3) -> str:
    """End an error message with the known names closest to `name`; a version comes before names that only look alike.

    Returns:
        `" Did you mean A, B?"`, or the empty string if nothing is close.
    """
    names = list(known)
    versions = [each for each in names if each.startswith(f"{name}.")] if name[-1:].isdigit() else []
    if len(versions) > 1:
        shown = ", ".join(versions[:limit])
        return f" Did you mean {shown}{', …' if len(versions) > limit else ''}, or '{name}.*' for all of them?"
    matches = versions or difflib.get_close_matches(name, names, n=limit, cutoff=0.5)
    return f" Did you mean {', '.join(matches)}?" if matches else ""
