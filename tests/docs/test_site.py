"""The site as `nox -s docs` builds it: strict about links, and nothing in it comes from elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT

pytest.importorskip("mkdocs", reason="the group docs is not installed; `nox -s docs` runs this")


def build(site: Path, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The documentation alone, to be spoilt."""
    for name in ("docs", "bnregress"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("mkdocs.yml", "README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    return tmp_path


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[there](nowhere.md)", "nowhere.md"),
        ("[there](gate.md#nowhere)", "#nowhere"),
        ("[there](../examples/nowhere.sh)", "nowhere.sh"),
        ('<img src="https://elsewhere.example/a.png" alt="">', "elsewhere.example"),
        ('<script src="//elsewhere.example/a.js"></script>', "elsewhere.example"),
        ('<p style="background: url(https://elsewhere.example/a)">a</p>', "elsewhere.example"),
        ("[there](https:///path)", "https:///path"),
    ],
)
def test_a_page_with_a_dead_link_or_with_something_from_elsewhere_is_not_built(
    copy: Path, line: str, said: str
) -> None:
    with (copy / "docs" / "cache.md").open("a", encoding="utf-8") as page:
        page.write(f"\n{line}\n")
    finished = build(copy / "site", copy)
    assert finished.returncode != 0
    assert said in finished.stderr + finished.stdout


def test_files_of_the_repository_that_pages_link_to_are_in_the_site(tmp_path: Path) -> None:
    finished = build(tmp_path / "site")
    assert finished.returncode == 0, finished.stderr
    script = tmp_path / "site" / "repository" / "examples" / "shards.sh"
    assert script.read_bytes() == (ROOT / "examples" / "shards.sh").read_bytes()
    assert 'href="repository/examples/shards.sh"' in (tmp_path / "site" / "sharding.html").read_text(encoding="utf-8")
