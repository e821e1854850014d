"""Small builds of packages: wheels, and source trees whose backend needs nothing from an index."""

from __future__ import annotations

import zipfile
from pathlib import Path

_BACKEND = """
import pathlib, zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    pathlib.Path("written-by-the-build").write_text("")
    name = "{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder) / name, "w") as wheel:
        for file, text in {files!r}.items():
            wheel.writestr(file, text)
    return name
"""


def files(name: str, version: str, requires: tuple[str, ...] = (), text: str = "") -> dict[str, str]:
    """Return the files of a wheel."""
    info = f"{name}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {each}\n" for each in requires)
    return {
        f"{name}/__init__.py": f"__version__ = {version!r}\n{text}",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }


def wheel(folder: Path, name: str, version: str, requires: tuple[str, ...] = (), text: str = "") -> Path:
    """Write a wheel."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, content in files(name, version, requires, text).items():
            archive.writestr(file, content)
    return path


def source(folder: Path, name: str, version: str) -> Path:
    """Write a source tree that builds such a wheel, and leaves something behind where it does."""
    folder.mkdir(parents=True)
    backend = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    (folder / "pyproject.toml").write_text(backend, encoding="utf-8")
    text = _BACKEND.format(name=name, version=version, files=files(name, version))
    (folder / "backend.py").write_text(text, encoding="utf-8")
    return folder
