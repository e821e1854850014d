"""Stands for actions/upload-artifact and download-artifact: a folder for each artifact, none written twice."""

from __future__ import annotations

import fnmatch
import os
import shutil
import sys
from pathlib import Path

STORE = Path(os.environ["ACT_ARTIFACTS"])


def upload() -> int:
    """Copy files; those of hidden folders stay behind, and an artifact that the scenario loses never arrives."""
    name = os.environ["NAME"]
    wanted = [Path(line.strip()).resolve() for line in os.environ["PATHS"].splitlines() if line.strip()]
    found = [path for path in wanted if path.exists()]
    files = [file for path in found for file in ([path] if path.is_file() else sorted(path.rglob("*")))]
    tops = [path if path.is_dir() else path.parent for path in found]
    top = Path(os.path.commonpath(tops)) if tops else Path()
    files = [file for file in files if file.is_file() and not _hidden(file.relative_to(top))]
    if not files:
        level = os.environ["IF_NO_FILES"]
        print(f"::{'error' if level == 'error' else 'warning'}::No files were found with the provided path")
        return 1 if level == "error" else 0
    target = STORE / name
    if target.exists() and os.environ["OVERWRITE"] == "true":
        shutil.rmtree(target)
    if target.exists():
        print(f"::error::an artifact with the name {name} already exists on the workflow run")
        return 1
    if name in os.environ.get("ACT_LOSES", "").split(","):
        return 0
    for file in files:
        copy = target / file.relative_to(top)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    return 0


def download() -> int:
    """Copy one artifact into a folder, or those of a pattern into a folder each."""
    name, target = os.environ["NAME"], Path(os.environ["TARGET"] or ".")
    have = sorted(path.name for path in STORE.iterdir()) if STORE.exists() else []
    if name and name not in have:
        print(f"::error::Artifact not found for name: {name}")
        return 1
    chosen = [name] if name else fnmatch.filter(have, os.environ["PATTERN"] or "*")
    for each in chosen:
        shutil.copytree(STORE / each, target if name else target / each, dirs_exist_ok=True)
    return 0


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


if __name__ == "__main__":
    sys.exit({"upload": upload, "download": download}[sys.argv[1]]())
