"""`python -m bnregress.action`: one step of the action, its inputs in environment variables."""

from __future__ import annotations

import sys

from bnregress.action.step import main

if __name__ == "__main__":
    sys.exit(main())
