"""The command `bnregress`: reads the command line, hands over to a command, ends with its exit code."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import bnregress
from bnregress.commands import bisect, cache, catalog, check, gate, history, known, plan, report, run
from bnregress.commands.breakage import broke_off, refusal
from bnregress.commands.configuration.sources import configure
from bnregress.commands.parser import Parser, refuse_nul
from bnregress.errors import ExitCode, FatalError
from bnregress.reports.screen import silence_stdout

DESCRIPTION = "Does a frozen BatchNorm stay frozen in your TensorFlow? Tries loading paths in real releases of it."
EPILOG = """\
examples:
  bnregress plan                                 what a plain run would do here
  bnregress run                                  run it: every release of the group `default`
  bnregress run --select 'tf2.{0,1}.*'           some releases
  bnregress run --select tf2.1.0 --path h5       one cell
  bnregress check --python .venv/bin/python      your own TensorFlow
  bnregress gate --from tf2.15.1 --to tf2.21.0   is an upgrade safe
  bnregress bisect --path h5 --from tf2.1.0 --to tf2.3.4   the release to blame

exit codes:
  0  as expected            3  nothing to do
  1  a regression           4  could not decide, and nothing regressed
  2  wrong usage            130  interrupted
"""


def build_parser() -> Parser:
    """Return the parser of the whole command line."""
    parser = Parser(
        prog="bnregress", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"bnregress {bnregress.__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", dest="command", required=True)
    for command in (plan, run, report, gate, bisect, known, check, history, catalog, cache):
        command.add_parser(subparsers)
    return parser


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
        silence_stdout()
        return int(ExitCode.UNDECIDED)
    except Exception as error:  # noqa: BLE001
        # Python's own exit code for a traceback is 1, which would mean a regression.
        told = refusal(error) if isinstance(error, OSError) else None
        return _fail(told or broke_off(error, arguments), ExitCode.UNDECIDED)


def _run(arguments: Sequence[str] | None) -> int:
    parsed = build_parser().parse_args(arguments)
    configure(parsed, build_parser().names_given(arguments), os.environ, Path.cwd())
    refuse_nul(parsed)
    code = int(parsed.execute(parsed))
    # A full disk behind standard output is told here, and not by Python as it ends.
    sys.stdout.flush()
    return code


def _fail(message: str, code: ExitCode) -> int:
    print(f"bnregress: {message}", file=sys.stderr)
    return int(code)
