"""A gate's step from end to end: one answer gives the exit code, the outputs, the annotations and the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bnregress.action.inputs import variable
from bnregress.action.step import main
from bnregress.results.file import write_results
from tests.judging.gate.conftest import cell, results


def step(root: Path, monkeypatch: pytest.MonkeyPatch, **texts: str) -> tuple[int, dict[str, str]]:
    monkeypatch.chdir(root)
    monkeypatch.setenv("GITHUB_OUTPUT", str(root / "outputs"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(root / "summary"))
    inputs = {"command": "gate", "results": "results.json", "known": "none", **texts}
    places = {"GITHUB_WORKSPACE": str(root), "RUNNER_TEMP": str(root), "HOME": str(root)}
    code = main({**places, **{variable(name.replace("_", "-")): text for name, text in inputs.items()}})
    text = (root / "outputs").read_text(encoding="utf-8")
    return code, dict(re.findall(r"^([a-z-]+)<<bnregress-[0-9a-f]{32}\n(.*)\nbnregress-", text, re.MULTILINE))


@pytest.mark.parametrize(("fail_on", "code", "level"), [("regression", 1, "error"), ("never", 0, "warning")])
def test_a_gate_says_everywhere_the_same(
    fail_on: str,
    code: int,
    level: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    run = results(
        cell("tf2.1.0/h5@wrap=chain", "regress", reason="It broke\n::error::forged"), cell("tf2.1.0/json", "pass")
    )
    write_results(run, tmp_path / "results.json")
    ended, outputs = step(tmp_path, monkeypatch, fail_on=fail_on)
    assert ended == code
    assert (outputs["regressions"], outputs["cells"]) == ("1", "2")
    assert (outputs["broken-path"], outputs["broken-variant"]) == ("h5", "wrap=chain")
    page = Path(outputs["report-path"]).read_text(encoding="utf-8")
    assert "## New regressions (1)" in page
    assert page in (tmp_path / "summary").read_text(encoding="utf-8")
    out = capfd.readouterr().out
    said = [line for line in out.splitlines() if line.startswith(("::error ", "::warning ", "::notice "))]
    assert [line.partition("::It broke")[0] for line in said] == [
        f"::{level} title=New regressions%3A tf2.1.0/h5@wrap=chain"
    ]
    stopped = re.search(r"::stop-commands::([0-9a-f]+)\n\*\*", out)
    assert stopped, "the page is printed where GitHub obeys nothing"


def test_a_gate_without_results_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "results.json").write_text("{}", encoding="utf-8")
    code, outputs = step(tmp_path, monkeypatch)
    assert (code, outputs) == (2, {"result": "usage"})
    assert capfd.readouterr().out.count("::error title=bnregress::") == 1


def test_a_model_beside_results_is_refused_for_nothing_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write_results(results(cell("tf2.1.0/json", "pass")), tmp_path / "results.json")
    code, outputs = step(tmp_path, monkeypatch, model="models:build")
    assert (code, outputs) == (2, {"result": "usage"})
    assert "--model" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("before", "after", "code", "word"),
    [
        ("tensorflow==2.15.1", "tensorflow==2.15.1", 0, "unchanged"),
        ("tensorflow==2.15.1\nkeras==2.15.0", "tensorflow==2.15.1\nkeras==3.4.1", 4, "undecided"),
        ("tensorflow==2.15.1", "tensorflow==2.15.1\ntf_keras==2.15.1", 4, "undecided"),
    ],
)
def test_nothing_to_gate_is_said_only_of_equal_pins(
    before: str,
    after: str,
    code: int,
    word: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, text in (("before", before), ("after", after)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "requirements.txt").write_text(text, encoding="utf-8")
    ended, outputs = step(tmp_path, monkeypatch, results="", from_tree="before", to_tree="after")
    assert (ended, outputs["result"]) == (code, word)
    summary = (tmp_path / "summary").read_text(encoding="utf-8")
    assert ("Nothing to gate" in summary) == (not code)


def test_one_end_of_an_upgrade_is_refused_beside_results_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_results(results(cell("tf2.1.0/json", "pass")), tmp_path / "results.json")
    assert step(tmp_path, monkeypatch, from_tree=".") == (2, {"result": "usage"})
