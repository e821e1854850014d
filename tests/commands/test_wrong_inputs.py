"""Wrong inputs that people gave, each with the answer that helps: it exits 2, before any work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bnregress.cli import main
from bnregress.results.file import write_results
from tests.judging.gate.conftest import cell, results

pytestmark = pytest.mark.usefixtures("places")


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The answer to a command that is refused."""
    try:
        code = main(arguments)
    except SystemExit as left:
        code = int(left.code or 0)
    assert code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "answers"),
    [
        (["plan", "--select", "tf2.1"], ["tf2.1.0, tf2.1.1", "'tf2.1.*'", "`bnregress catalog` lists"]),
        (["plan", "--select", "tf2.1/h5"], ["No release is named 'tf2.1'", "'tf2.1.*'"]),
        (["plan", "--select", "tf2.1.0/h6"], ["Did you mean h5"]),
        (["plan", "--path", "resnet"], ["Did you mean tf-keras-applications,", "`bnregress catalog paths` lists"]),
        (["plan", "--path", "mobilenet"], ["Did you mean tf-keras-applications.mobilenetv2"]),
        (["run", "--path", "h5,clone"], ["Write '{h5,clone}'"]),
        (["plan", "--select", "tf2.{1.0,21.0"], ["A brace in 'tf2.{1.0,21.0' is not closed"]),
        (["plan", "--select", "tf2.1.0}"], ["A brace", "is not opened"]),
        (["plan", "--select", "tf2.[01"], ["A bracket", "is not closed"]),
        (["plan", "--select", "group:defualt"], ["Did you mean default?", "`bnregress catalog groups` lists"]),
        (
            ["bisect", "--check", "nosuch", "--path", "h5", "--from", "tf2.1.0", "--to", "tf2.3.4"],
            ["No check is named 'nosuch'", "`bnregress catalog checks` lists"],
        ),
        (
            ["run", "--selct", "x"],
            ["usage: bnregress run", "unrecognized arguments: --selct", "Did you mean --select?"],
        ),
        (["check", "--python", "/bin/ls"], ["/bin/ls is not a Python. Give --python"]),
        (["run", "--environment", "/bin/ls"], ["/bin/ls is not a Python. Give --environment"]),
        (["gate", "--from", "tf2.1.0", "--to", "tf2.15.1", "--model", "nomod:x"], ["There is no module nomod"]),
        (["explain", "nosuch"], ["No check, path or variant is named 'nosuch'"]),
        (["explain", "tf2.1"], ["'tf2.1.*'"]),
        (["explain", "freeze=modle"], ["Did you mean freeze=model"]),
        (["catalog", "pahts"], ["Did you mean paths?"]),
        (["catalog", "paths", "--check"], ["--check looks for releases"]),
    ],
)
def test_a_wrong_name_is_answered_with_what_was_meant(
    arguments: list[str], answers: list[str], places: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = said(capsys, *arguments)
    for answer in answers:
        assert answer in message
    assert "import json" not in message
    assert len(message) < 2500
    assert not (places / "environments").exists()
    assert not (places / "bnregress-results").exists()


def test_the_only_key_of_a_file_of_known_regressions_is_named(places: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_results(results(cell("tf2.1.0/h5", "pass")), places / "results.json")
    (places / "known.toml").write_text("[[regression]]\na = 1\n")
    message = said(capsys, "gate", "results.json", "--known", "known.toml")
    assert "unknown key 'regression'" in message
    assert "The only key is `known`, as in `[[known]]`." in message


@pytest.mark.parametrize(
    ("content", "looks"),
    [
        ({}, "does not say the schema"),
        ([], "holds no JSON object"),
        ({"schemaVersion": 1, "label": "frozen"}, "is a badge"),
        ({"answer": "safe", "sentence": "x"}, "is the decision of a gate"),
        ({"hash": "ab", "releases": []}, "is a plan"),
    ],
)
def test_another_json_file_is_told_from_results(
    content: object, looks: str, places: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (places / "other.json").write_text(json.dumps(content))
    message = said(capsys, "gate", "other.json")
    assert f"other.json is not a file of results: it {looks}" in message
    assert "Give the results.json that `bnregress run` wrote" in message


def test_a_gate_over_results_that_decide_nothing_cannot_tell(places: Path, capsys: pytest.CaptureFixture[str]) -> None:
    absent = cell("tf2.1.0/savedmodel", "not-applicable")
    write_results(results(absent), places / "results.json")
    assert main(["gate", "results.json"]) == 4
    assert capsys.readouterr().out.startswith("cannot tell:")


def test_history_takes_results_by_whatever_name(places: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (places / "stored").mkdir()
    write_results(results(cell("tf2.1.0/h5", "pass")), places / "stored" / "2026-11-24-results.json")
    assert main(["history", "stored"]) == 0
    assert "1 run" in capsys.readouterr().out


def test_an_annotation_has_its_remedy_on_a_line_of_its_own(places: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = replace(cell("tf2.1.0/h5", "regress"), reason="it moved", remedy="Use clone.")
    write_results(results(broken), places / "results.json")
    main(["gate", "results.json", "--known", "none", "--format", "github"])
    assert "it moved%0ARemedy: " in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["plan", "--path", "resnet"],
        ["plan", "--select", "tf2.1"],
        ["run", "--selct", "x"],
        ["bisect", "--path", "nosuch", "--from", "tf2.1.0", "--to", "tf2.3.4"],
        ["gate", "nosuch.json"],
        ["gate"],
        ["gate", "--from", "tf9", "--to", "tf2.15.1"],
        ["gate", "--from-tree", "/nosuch", "--to-tree", "/nosuch"],
        ["gate", "--from", "tf2.1.0", "--to", "/nosuch"],
        ["bisect", "--path", "h5", "--from", "tf2.1.0", "--to", "tf2.1.0"],
        ["bisect", "--path", "h5", "--from", "a", "--to", "b", "--repository", "/nosuch"],
        ["check", "--python", "/nosuch"],
        ["check", "--python", "/bin/ls"],
        ["check", "--environment", "/nosuch"],
        ["check", "--quick", "models:build"],
        ["explain", "nosuch"],
        ["history", "/nosuch"],
        ["report", "/nosuch", "--out", "there"],
        ["findings", "/nosuch", "--out", "there"],
        ["known", "--update", "nosuch.json"],
        ["known", "--known", "nosuch.toml"],
        ["plan", "--environment", "/nosuch"],
        ["run", "--environment", "/nosuch"],
        ["run", "--environment", "/nosuch", "--select", "tf2.1.0"],
        ["run", "--with", "keras=/nosuch"],
        ["run", "--with", "keras=/nosuch", "--select", "tf2.21.0"],
        ["run", "--resume"],
        ["run", "--data", "shapes"],
        ["run", "--model", "nomod:x"],
    ],
)
def test_what_answers_at_once_imports_nothing_that_takes_long(arguments: list[str], places: Path) -> None:
    heavy = ("numpy", "rich", "jsonschema", "nox", "jinja2", "pip", "PIL", "h5py")
    script = (
        "import sys\nfrom bnregress.cli import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n    pass\n"
        f"print(*(name for name in {heavy!r} if name in sys.modules), file=sys.stdout)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=places, capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.splitlines()[-1].strip() == "", done.stdout
    assert not done.stderr or done.stderr.startswith(("bnregress: ", "usage: ")), done.stderr


def test_numpy_stands_in_for_itself_once_it_is_used() -> None:
    script = (
        "from bnregress.commands.refusing import with_numpy_later\nimport sys\n"
        "with_numpy_later('bnregress.suite.probes')\nassert 'numpy' not in sys.modules\n"
        "from bnregress.suite import probes\nprint(probes.images(2).shape)\n"
        "import numpy\nassert numpy.__version__ and numpy.linalg.norm([3, 4]) == 5\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "(2, 32, 32, 3)\n"
