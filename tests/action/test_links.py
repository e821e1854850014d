"""Nothing is written, read back or uploaded through a link that leaves the folder of a step."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bnregress.action.inputs import variable
from bnregress.action.links import remove_leaving
from bnregress.action.step import main
from bnregress.results.file import WRITTEN, write_results
from tests.results.shards import make_results

NAMES = (*WRITTEN, "gate.md", "bisect.md", "run", ".bnregress.lock", "curves/a.svg", "run/logs/x.log")
TARGETS = ("../precious", "/precious", "nowhere", "loop", "results.json", ".", "..")
FAMILIAR = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)


def linked(root: Path, links: dict[str, str]) -> Path:
    """A checkout: a folder of results with links in it, and a file beside it."""
    out = root / "workspace" / "bnregress-results"
    out.mkdir(parents=True)
    (root / "workspace" / "precious").write_text("precious", encoding="utf-8")
    (root / "precious").write_text("precious", encoding="utf-8")
    for name, target in links.items():
        path = out / name
        parents = [out / parent for parent in Path(name).parents if parent != Path()]
        if path.is_symlink() or path.exists() or any(parent.is_symlink() for parent in parents):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(name if target == "loop" else f"{root}/precious" if target.startswith("/") else target)
    return out


def untouched(root: Path) -> bool:
    return all(
        path.read_text(encoding="utf-8") == "precious" for path in (root / "precious", root / "workspace" / "precious")
    )


@FAMILIAR
@given(links=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(TARGETS)))
def test_no_link_that_leaves_is_left(links: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("links")
    out = linked(root, links)
    remove_leaving(out)
    assert untouched(root)
    for path in out.rglob("*"):
        assert path.resolve(strict=True).is_relative_to(out.resolve())


def test_a_folder_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert remove_leaving(tmp_path / "missing") == []


#: Leaves links of its own, as a package may; and answers, as `gate` and `bisect` do.
STUB = """#!/bin/sh
ln -s {root}/precious {out}/run-link 2>/dev/null
mkdir -p {out}/run/logs
ln -s {root}/precious {out}/run/logs/tf.log 2>/dev/null
echo '{{"sections": []}}'
exit 4
"""


@settings(parent=FAMILIAR, max_examples=5)
@given(
    links=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(TARGETS)),
    command=st.sampled_from(["run", "gate", "bisect", "report"]),
)
def test_a_step_writes_and_reads_through_none(
    links: dict[str, str], command: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path_factory.mktemp("links")
    out = linked(root, links)
    workspace = root / "workspace"
    given = workspace / "given"
    given.mkdir()
    write_results(make_results({"tf2.1.0/h5": "pass"}), given / "results.json")
    stub = root / "stub"
    stub.write_text(STUB.format(root=root, out=out), encoding="utf-8")
    stub.chmod(0o755)
    inputs = {"command": command}
    if command in ("gate", "report"):
        inputs |= {"results": "given", "run-id": "any"}
    if command == "bisect":
        inputs |= {"path": "h5", "from": "tf2.0.0", "to": "tf2.1.0"}
    places = {"GITHUB_WORKSPACE": str(workspace), "RUNNER_TEMP": str(root), "PATH": "/usr/bin:/bin"}
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", str(stub))
        patched.setenv("GITHUB_OUTPUT", str(root / "outputs"))
        patched.setenv("GITHUB_STEP_SUMMARY", str(root / "summary"))
        patched.chdir(workspace)
        code = main({**{variable(name): text for name, text in inputs.items()}, **places})
    assert code in (2, 4)
    assert untouched(root)
    assert "precious" not in (root / "summary").read_text(encoding="utf-8") if (root / "summary").exists() else True
    if code != 2:
        for path in out.rglob("*"):
            assert path.resolve(strict=True).is_relative_to(out.resolve())
