"""A copy of the suite alone, for the environments: nothing else of the host can be imported there."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

from filelock import FileLock

import bnregress

_PACKAGE = Path(bnregress.__file__).parent
_SUFFIXES = frozenset({".py", ".ini", ".npz"})


def suite_sha256() -> str:
    """Return the hash over names and contents of the suite's files."""
    return _sha256(_package_files())


def stage_suite(cache: Path) -> tuple[Path, str]:
    """Copy the suite to `<cache>/suite/<sha256>/bnregress/`, unless an unaltered copy is there.

    Several processes may do so at once.

    Returns:
        the directory that belongs on the environment's `PYTHONPATH`, and the hash.
    """
    files = _package_files()
    sha256 = _sha256(files)
    staged = cache / "suite" / sha256
    staged.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(staged.with_suffix(".lock")):
        if staged.exists() and _sha256(_staged_files(staged)) != sha256:
            shutil.rmtree(staged)
        if not staged.exists():
            _copy(files, staged)
    return staged, sha256


def _package_files() -> dict[str, bytes]:
    paths = [_PACKAGE / "__init__.py", *(path for path in (_PACKAGE / "suite").rglob("*") if path.suffix in _SUFFIXES)]
    return {f"bnregress/{path.relative_to(_PACKAGE).as_posix()}": path.read_bytes() for path in paths}


def _staged_files(staged: Path) -> dict[str, bytes]:
    paths = [path for path in staged.rglob("*") if path.is_file() and path.parent.name != "__pycache__"]
    return {path.relative_to(staged).as_posix(): path.read_bytes() for path in paths}


def _sha256(files: dict[str, bytes]) -> str:
    total = hashlib.sha256()
    for name, content in sorted(files.items()):
        total.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return total.hexdigest()


def _copy(files: dict[str, bytes], staged: Path) -> None:
    # A copy that is cut short keeps another name.
    temporary = Path(tempfile.mkdtemp(prefix=".staging-", dir=staged.parent))
    try:
        for name, content in files.items():
            path = temporary / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        temporary.chmod(0o755)
        temporary.rename(staged)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
