"""The command `bnregress`: reads the command line, hands over to a command, ends with its exit code."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bnregress.commands.breakage import broke_off, refusal
from bnregress.commands.configuration.sources import arguments_of
from bnregress.commands.declared import COMMANDS, KEYS
from bnregress.commands.parser import build_parser
from bnregress.commands.refusing import refuse
from bnregress.errors import ExitCode, FatalError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; what a person can mend is said in words on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Whatever a reason holds, an old terminal must not end the run with an encoding error.
            stream.reconfigure(errors="backslashreplace")
    try:
        return _run(arguments)
    except FatalError as error:
        return _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _fail("interrupted", ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # What prints is imported by the commands that print, so that a refused one answers sooner.
        from bnregress.reports.screen import silence_stdout  # noqa: PLC0415

        silence_stdout()
        return int(ExitCode.UNDECIDED)
    except Exception as error:  # noqa: BLE001
        # Python's own exit code for a traceback is 1, which would mean a regression.
        told = refusal(error) if isinstance(error, OSError) else None
        return _fail(told or broke_off(error, arguments), ExitCode.UNDECIDED)


def _run(arguments: Sequence[str] | None) -> int:
    parser = build_parser()
    if "_ARGCOMPLETE" in os.environ:
        # Imported where a shell asks alone: it is of no use to a command.
        from bnregress.commands.completion import complete  # noqa: PLC0415

        complete(parser)
    typed = vars(parser.parse_args(arguments))
    command = COMMANDS[typed.pop("command")]
    given = arguments_of(command.arguments, typed, KEYS, os.environ, Path.cwd())
    refuse(command.name, given)
    code = int(importlib.import_module(f"bnregress.commands.{command.name}").execute(given))
    # A full disk behind standard output is told here, and not by Python as it ends.
    sys.stdout.flush()
    return code


def _fail(message: str, code: ExitCode) -> int:
    print(f"bnregress: {message}", file=sys.stderr)
    return int(code)
