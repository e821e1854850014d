"""The repository's own noxfile installs from the index that pip is set up with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.releases.fakeindex import serve

ROOT = Path(__file__).resolve().parents[2]


def test_the_noxfile_takes_what_it_installs_from_the_index_of_pip(tmp_path: Path) -> None:
    for name in ("noxfile.py", "pyproject.toml", "requirements/run.txt", "bnregress/machine/pip_settings.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "requirements" / "run.txt").write_text(f"only-there==1.0 --hash=sha256:{'0' * 64}\n", encoding="utf-8")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_"))}
    environ |= {"HOME": str(tmp_path / "home"), "UV_CACHE_DIR": str(tmp_path / "cache"), "NO_PROXY": "127.0.0.1"}
    config = tmp_path / "home" / ".config" / "pip" / "pip.conf"
    config.parent.mkdir(parents=True)
    with serve() as index:
        index.add("only-there", "1.0")
        config.write_text(f"[global]\nindex-url = {index.address}\n", encoding="utf-8")
        command = [sys.executable, "-m", "nox", "-s", "regress"]
        done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)

    # It was found there, and is not what the lock names.
    assert done.returncode != 0
    assert "Hash mismatch for `only-there==1.0`" in done.stderr, done.stderr


def test_the_settings_can_be_read_before_anything_is_installed() -> None:
    code = "import os, runpy; print(runpy.run_path('bnregress/machine/pip_settings.py')['for_uv'](os.environ))"
    environ = {"PIP_PROXY": "http://proxy:3128", "HOME": "/nowhere", "PIP_CERT": "/c.pem", "PIP_INDEX_URL": "i"}
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], cwd=ROOT, env=environ, capture_output=True, check=True
    )

    assert done.stdout.decode().strip() == str(
        {"UV_DEFAULT_INDEX": "i", "SSL_CERT_FILE": "/c.pem", "ALL_PROXY": "http://proxy:3128"}
    )
