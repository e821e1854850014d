"""`python -m bnregress`."""

from __future__ import annotations

import sys

from bnregress.cli import main

if __name__ == "__main__":
    sys.exit(main())
