"""A host of its own, to be interrupted and killed: `python -m tests.run.host ROOT [--resume] [--cached] PATH...`."""

from __future__ import annotations

import sys
from pathlib import Path

from bnregress.releases.catalog import Release
from tests.run.conftest import PYTHON, World, make_release


def main(root: Path, *arguments: str) -> int:
    release: Release = make_release("tf9.9.9", PYTHON, root / "locks")
    world = World(root=root, catalog={release.id: release})
    paths = [argument for argument in arguments if not argument.startswith("--")]
    _, code = world.run(*paths, resume="--resume" in arguments, fresh="--cached" not in arguments, jobs=1)
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
