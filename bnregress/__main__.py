"""`python -m bnregress`, and the command `bnregress`."""

from __future__ import annotations

import contextlib
import signal
import sys


def main() -> int:
    """Run the command line; an installation that does not import ends with 4, for Python's own 1 is a regression.

    SIGTERM is an interrupt from the start on: importing takes a moment, and may be ended too.
    """
    with contextlib.suppress(ValueError, OSError):
        if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _interrupt)
    try:
        from bnregress.cli import main as command_line  # noqa: PLC0415

        return command_line()
    except KeyboardInterrupt:
        print("bnregress: interrupted", file=sys.stderr)
        return 130
    except Exception as error:  # noqa: BLE001
        said = f"its own modules do not import ({type(error).__name__}: {error}). Install bnregress again, whole."
        print(f"bnregress: {said}", file=sys.stderr)
        return 4


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
