"""Stands for actions/checkout: a real, shallow fetch, from a repository on this disk."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Fetch what the inputs name into the workspace."""
    asked = os.environ["REPOSITORY"] or os.environ["GITHUB_REPOSITORY"]
    target = Path(os.environ["GITHUB_WORKSPACE"]) / os.environ["TARGET"]
    origin, ref = os.environ["ACT_REPOSITORY"], os.environ["REF"] or os.environ["GITHUB_SHA"]
    if os.environ["TARGET"] == ".bnregress" and "ACT_BNREGRESS" in os.environ:
        # GitHub tells a called workflow its own repository and commit; act does not.
        origin, ref = os.environ["ACT_BNREGRESS"], "HEAD"
    elif asked != os.environ["GITHUB_REPOSITORY"]:
        sys.exit(f"::error::{asked} is not there")
    target.mkdir(parents=True, exist_ok=True)

    def git(*arguments: str) -> None:
        settings = ("-c", "safe.directory=*", "-c", "init.defaultBranch=main", "-c", "advice.detachedHead=false")
        subprocess.run(["git", *settings, *arguments], cwd=target, check=True)

    depth = os.environ["DEPTH"]
    git("init", "-q", ".")
    git("fetch", "-q", *(() if depth == "0" else ("--depth", depth)), f"file://{origin}", ref)
    git("checkout", "-q", "--force", "FETCH_HEAD")
    return 0


if __name__ == "__main__":
    sys.exit(main())
