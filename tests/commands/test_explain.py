"""What `bnregress explain` says of a name, and what `bnregress catalog` and a shell list."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from bnregress.cli import main
from bnregress.suite.paths import PATHS
from bnregress.suite.registry import Check, every_check
from bnregress.suite.variants import AXES

pytestmark = pytest.mark.usefixtures("places")
VARIANTS = [f"{axis}={value}" for axis, values in AXES.items() for value in list(values)[1:]]


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")


@pytest.mark.parametrize("name", [*every_check(), *PATHS, *VARIANTS, "default", "tf2.1.0", "tf2.1.0/h5@freeze=model"])
def test_every_name_is_explained_in_a_screen(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", name]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{name}: a")
    assert 3 <= len(lines) <= 45


@pytest.mark.parametrize("check", every_check().values(), ids=lambda check: check.name)
def test_a_script_is_shown_as_it_can_be_copied_and_nothing_names_our_own_code(
    check: Check, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert main(["explain", check.name]) == 0
    page = capsys.readouterr().out
    for line in check.code.strip().splitlines()[:10]:
        assert line in page
    assert "`bnregress." not in page
    assert ("`tolerances." in page) == ("bnregress/suite/tolerances.py" in page)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("frozen-state", ["Source: the documentation", "Tolerance: none", "assert changed == 0"]),
        ("h5", ['source.save("model.h5")', "Listed as known", "remedy:", "--path h5"]),
        ("freeze=model", ["part.trainable = False"]),
        ("tf2.1.0/h5", ["Keras 2.2.4-tf on CPython 3.7", "tf2.{0.0,0.4,1.0}/{json,h5}", "--select 'tf2.1.0/h5'"]),
        ("tf2.15.1/h5", ["No regression of it is listed as known."]),
    ],
)
def test_it_says_what_is_declared_and_what_is_known(
    name: str, told: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", name]) == 0
    page = capsys.readouterr().out
    for words in told:
        assert words in page


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("groups", ["group:default", "group:backbones"]),
        ("paths", list(PATHS)),
        ("variants", VARIANTS),
        ("checks", list(every_check())),
    ],
)
def test_the_catalog_lists_every_name(what: str, names: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", what]) == 0
    table = capsys.readouterr().out
    assert [name for name in names if name not in table] == []
    assert main(["catalog", what, "--format", "json"]) == 0
    listed = [next(iter(row.values())) for row in json.loads(capsys.readouterr().out)]
    assert [name for name in names if name not in listed] == []


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("bnregress ru", "run"),
        ("bnregress run --select tf2.1.", "tf2.1.4"),
        ("bnregress run --select group:def", "group:default"),
        ("bnregress plan --path savedm", "savedmodel-raw"),
        ("bnregress explain freeze=m", "freeze=model"),
        ("bnregress bisect --check frozen", "frozen-state"),
    ],
)
def test_a_shell_completes_names(line: str, offered: str) -> None:
    environ = {
        **os.environ, "_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line)), "COMP_TYPE": "9",
        "_ARGCOMPLETE_IFS": "\n", "_ARGCOMPLETE_STDOUT_FILENAME": "/dev/stdout",
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-m", "bnregress"], env=environ, capture_output=True, text=True, check=False)
    assert offered in done.stdout.split()
