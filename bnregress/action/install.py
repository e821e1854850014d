"""Installs the action's own version of bnregress in an environment of its own, for the steps that follow.

Runs on the runner's own Python before anything is installed, hence on the standard library alone, and as a file:
`python3 -I install.py`. What it installs is the checkout of the action that this file is in, and for it the
locked requirements with their hashes.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

FLOOR = (3, 10)
ROOT = Path(__file__).resolve().parents[2]
#: What bnregress runs on, and what builds its wheel; both with hashes.
LOCKS = ("requirements/run.txt", "requirements/build.txt")
#: Written last, so that an environment without it is a part of one.
SEAL = "bnregress-action"


def main() -> int:
    """Make the environment, unless an earlier step of the job did, and write its Python to the step's outputs."""
    if sys.version_info < FLOOR:
        found = ".".join(map(str, sys.version_info[:3]))
        print(
            f"::error title=bnregress::The python3 of this runner is {found}, and bnregress needs"
            f" {'.'.join(map(str, FLOOR))} or newer. Add a step with actions/setup-python before this one."
        )
        return 2
    # Of the same checkout, and only now: an older Python cannot read it.
    sys.path.insert(0, str(ROOT))
    from bnregress.action import github  # noqa: PLC0415
    from bnregress.reading.workflow import Annotation  # noqa: PLC0415

    home = github.temporary_folder() / f"bnregress-{fingerprint(ROOT)}"
    python = home / "bin" / "python"
    try:
        if not (home / SEAL).is_file():
            with github.commands_stopped():
                make(home, python)
    except (OSError, subprocess.CalledProcessError) as error:
        reason = f"bnregress could not be installed: {error}. The log above says why; can this runner reach the index?"
        github.annotate([Annotation(level="error", title="bnregress", message=reason)])
        return 4
    except Exception as error:  # noqa: BLE001 (a traceback would end with 1, which means a regression)
        reason = f"bnregress could not be installed: {type(error).__name__}: {error}."
        github.annotate([Annotation(level="error", title="bnregress", message=reason)])
        return 4
    github.write_outputs({"python": str(python)})
    return 0


def fingerprint(root: Path) -> str:
    """Return a hash of where the checkout is, of its locks, its sources and the Python that runs this."""
    total = hashlib.sha256(f"{root}\0{sys.version}\0".encode())
    sources = sorted(path for path in (root / "bnregress").rglob("*") if path.is_file() and path.suffix != ".pyc")
    for path in [root / "pyproject.toml", *(root / lock for lock in LOCKS), *sources]:
        total.update(f"{path.relative_to(root)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]


def make(home: Path, python: Path) -> None:
    """Make the environment anew: with uv where the runner has it, with venv and pip if not."""
    shutil.rmtree(home, ignore_errors=True)
    locks = [part for lock in LOCKS for part in ("-r", str(ROOT / lock))]
    uv = shutil.which("uv")
    if uv:
        call(uv, "venv", "--quiet", "--no-project", "--python", sys.executable, str(home))
        install: tuple[str, ...] = (uv, "pip", "install", "--quiet", "--python", str(python))
    else:
        call(sys.executable, "-I", "-m", "venv", str(home))
        install = (str(python), "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    call(*install, "--only-binary", ":all:", "--require-hashes", *locks)
    # Built with what the lock brought: nothing is fetched for it, so there is nothing to check a hash of.
    call(*install, "--no-deps", "--no-index", "--no-build-isolation", str(ROOT))
    (home / SEAL).write_text("", encoding="utf-8")


def call(*command: str) -> None:
    """Run a command; CalledProcessError if it fails."""
    print("bnregress:", " ".join(command), flush=True)
    subprocess.run(command, stdin=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    sys.exit(main())
