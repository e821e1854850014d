"""`python -m bnregress`, and the command `bnregress`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; an installation that does not import ends with 4, for Python's own 1 is a regression."""
    try:
        from bnregress.cli import main as command_line  # noqa: PLC0415
    except Exception as error:  # noqa: BLE001
        said = f"its own modules do not import ({type(error).__name__}: {error}). Install bnregress again, whole."
        print(f"bnregress: {said}", file=sys.stderr)
        return 4
    return command_line()


if __name__ == "__main__":
    sys.exit(main())
