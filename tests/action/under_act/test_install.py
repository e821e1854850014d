"""The installation where the runner has no uv: venv and pip, from the index, by hash."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from packaging.utils import canonicalize_name

import bnregress
from tests.action.under_act.act import ROOT, working_tree


def test_pip_installs_what_the_lock_says_where_there_is_no_uv(tmp_path: Path) -> None:
    root = working_tree(tmp_path / "action")
    programs = tmp_path / "programs"
    programs.mkdir()
    environ = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "HOME", "SSL_"))}
    environ |= {"RUNNER_TEMP": str(tmp_path), "GITHUB_OUTPUT": str(tmp_path / "outputs"), "PATH": str(programs)}
    script = root / "bnregress" / "action" / "install.py"
    subprocess.run([sys.executable, "-I", str(script)], env=environ, cwd=tmp_path, check=True)
    match = re.search(r"^(/.*/bin/python)$", (tmp_path / "outputs").read_text(encoding="utf-8"), re.MULTILINE)
    assert match is not None
    done = subprocess.run([match[1], "-I", "-m", "bnregress", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"bnregress {bnregress.__version__}\n"
    listed = subprocess.run([match[1], "-I", "-m", "pip", "freeze"], capture_output=True, text=True, check=True).stdout
    locks = [(ROOT / "requirements" / name).read_text(encoding="utf-8") for name in ("run.txt", "build.txt")]
    locked = {match[0] for text in locks for match in re.finditer(r"^[\w.-]+==[^ ;\n]+", text, re.MULTILINE)}
    installed = dict(line.split("==") for line in listed.splitlines() if not line.startswith("bnregress "))
    assert len(installed) > 5
    # pip shows a name as its author spells it.
    assert {f"{canonicalize_name(name)}=={version}" for name, version in installed.items()} <= locked
