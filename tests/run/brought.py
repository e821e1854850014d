"""Environments of the kinds that people bring, with a TensorFlow that is not one; the suite in them is one of fakes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TENSORFLOW = """
__version__ = "9.9.9"


class keras:
    __version__ = "8.8.8"


class test:
    @staticmethod
    def is_built_with_cuda():
        return False
"""


def packages(site: Path, tensorflow: str = TENSORFLOW) -> Path:
    """Put TensorFlow and NumPy into a folder of packages, with their metadata."""
    site.mkdir(parents=True, exist_ok=True)
    for name, version, text in (("tensorflow", "9.9.9", tensorflow), ("numpy", "1.2.3", "__version__ = '1.2.3'\n")):
        (site / name).mkdir()
        (site / name / "__init__.py").write_text(text, encoding="utf-8")
        installed(site, name, version)
    return site


def installed(site: Path, name: str, version: str) -> None:
    """Say in a folder of packages that one is installed."""
    metadata = site / f"{name}-{version}.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")


def virtual(root: Path, *options: str) -> Path:
    """Make a virtual environment, and return its folder of packages, which is empty."""
    # Of the real interpreter: a virtual environment of a virtual one would see neither's packages.
    python = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    subprocess.run([python, "-m", "venv", "--without-pip", *options, root], check=True)
    return next(root.glob("lib/python*/site-packages"))


def script(file: Path, text: str) -> Path:
    """Write a shell script that people can start."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{text}", encoding="utf-8")
    file.chmod(0o755)
    return file
