"""What nobody foresaw ends with 4, a sentence and a log; what a place can be wrong with is said with its cause."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bnregress.cli import main
from bnregress.commands import plan

ERRORS = (
    RecursionError, MemoryError, ValueError, KeyError, TypeError, RuntimeError, AssertionError, ZeroDivisionError,
    UnicodeError, LookupError, ArithmeticError, EOFError, NotImplementedError, AttributeError, ImportError,
    StopIteration,
)  # fmt: skip
TEXT = st.text(max_size=400)
FAMILIAR = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)


pytestmark = pytest.mark.usefixtures("places")


def raising(error: Exception) -> Callable[[object], int]:
    def execute(_arguments: object) -> int:
        raise error

    return execute


@FAMILIAR
@given(kind=st.sampled_from(ERRORS), said=TEXT)
def test_an_error_that_nobody_foresaw_ends_with_4_and_a_log(
    kind: type[Exception], said: str, places: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BNREGRESS_CRASH_LOG", str(places / "log.txt"))
    monkeypatch.setattr(plan, "execute", raising(kind(said)))
    assert main(["plan"]) == 4
    message = capsys.readouterr().err
    assert message.startswith(f"bnregress: crashed ({kind.__name__}")
    assert "bug in bnregress" in message
    assert message.count("\n") == 1
    assert str(places / "log.txt") in message
    assert "Traceback (most recent call last)" in (places / "log.txt").read_text(encoding="utf-8")
    assert "in raising" not in message


@FAMILIAR
@given(number=st.sampled_from(sorted(set(errno.errorcode) - {errno.EPIPE, errno.ESHUTDOWN})))
def test_no_error_of_the_system_ends_with_1(
    number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(plan, "execute", raising(OSError(number, "said so", "/a/place")))
    assert main(["plan"]) == 4
    assert "said so" in capsys.readouterr().err


def test_the_log_lies_in_the_cache_or_where_that_cannot_be_made_in_the_temporary_folder(
    places: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(plan, "execute", raising(KeyError("x")))
    main(["plan"])
    (log,) = (places / "cache" / "crashes").iterdir()
    assert f"The log is {log}" in capsys.readouterr().err
    (places / "file").touch()
    monkeypatch.setenv("BNREGRESS_CACHE", str(places / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(places))
    main(["plan"])
    (log,) = places.glob("bnregress-crash-*/*.txt")
    assert f"The log is {log}" in capsys.readouterr().err


def test_an_installation_that_does_not_import_ends_with_4() -> None:
    code = "import sys; sys.modules['platformdirs'] = None; from bnregress.__main__ import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code, "plan"], capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert "do not import (ModuleNotFoundError" in done.stderr


VGG = ["run", "--select", "tf2.15.1", "--path", "vgg16"]


def test_a_command_that_is_ended_while_it_imports_was_interrupted() -> None:
    code = """
import os, signal, sys
from bnregress.__main__ import main

class Ends:
    def find_spec(self, name, *rest):
        if name == "bnregress.cli":
            os.kill(os.getpid(), signal.SIGTERM)

sys.meta_path.insert(0, Ends())
sys.exit(main())
"""
    done = subprocess.run([sys.executable, "-c", code, "plan"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "bnregress: interrupted\n")


FILE, LOOP, LONG, NOBODY = "file", "loop/x", "n" * 300, "~nosuch-user/x"
CASES = [
    *(["BNREGRESS_CACHE", place, VGG] for place in (FILE, LOOP, LONG, NOBODY)),
    *(["BNREGRESS_ENVIRONMENTS", place, ["plan"]] for place in (NOBODY,)),
    *(["BNREGRESS_OUT", place, ["run", "--select", "tf2.15.1"]] for place in (FILE, LOOP, LONG, NOBODY)),
    *([None, None, ["run", "--select", "tf2.15.1", "--out", place]] for place in (FILE, LOOP, LONG, "file/x")),
    *([None, None, ["report", place, "--out", "o"]] for place in (LOOP, LONG, "loop")),
    *([None, None, ["history", place]] for place in (FILE, LOOP, LONG)),
    *([None, None, ["gate", place]] for place in (LOOP, LONG)),
    *([None, None, ["known", "--known", place]] for place in (LOOP, LONG)),
    *([None, None, ["check", "--python", place]] for place in (LOOP, LONG, NOBODY)),
    *([None, None, [command, "--select", "{" * depth + "a"]] for depth in (500, 5000) for command in ("plan", "run")),
    ["BNREGRESS_SELECT", "{a," * 500 + "}" * 500, ["plan"]],
]  # fmt: skip


@pytest.mark.parametrize(("variable", "value", "arguments"), CASES)
def test_whatever_is_wrong_with_a_place_or_a_selector_is_said_with_its_cause(
    variable: str | None,
    value: str,
    arguments: list[str],
    places: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (places / "file").touch()
    (places / "loop").symlink_to("loop")
    if variable is not None:
        monkeypatch.setenv(variable, value if value.startswith(("~", "{")) else str(places / value))
    assert main([*arguments, *(["--offline"] if arguments[0] == "run" else [])]) in (2, 4)
    message = capsys.readouterr().err
    assert message.startswith("bnregress: ")
    assert "crashed" not in message
    assert "Traceback" not in message


def test_a_nul_in_a_configuration_file_is_refused(places: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (places / "pyproject.toml").write_text('[tool.bnregress]\nout = "a\\u0000b"\n', encoding="utf-8")
    assert main(["run", "--select", "tf2.15.1"]) == 2
    assert "NUL" in capsys.readouterr().err
    assert main(["run", "--select", "tf2.15.1", "--suite", "finetune", "--data", "a\0.npz"]) == 2


def test_braces_too_deep_in_a_known_file_are_refused(places: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cells = "tf2.{" * 500
    rest = 'checks = { mode-parity = "off" }\nreason = "B."\nremedy = "D."\nsource = "s"\n'
    entry = f'[[known]]\ncells = "{cells}/h5"\n{rest}'
    (places / "known.toml").write_text(entry, encoding="utf-8")
    assert main(["known", "--known", "known.toml"]) == 2
    assert "known.toml, entry 1" in capsys.readouterr().err


def test_a_run_folder_that_is_a_link_is_not_followed(places: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (places / "elsewhere").mkdir()
    (places / "elsewhere" / "plan.json").touch()
    (places / "bnregress-results").mkdir()
    (places / "bnregress-results" / "run").symlink_to(places / "elsewhere")
    assert main(["run", "--select", "tf2.15.1", "--path", "vgg16", "--offline"]) == 2
    assert "is a link" in capsys.readouterr().err
    assert (places / "elsewhere" / "plan.json").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_standard_output_is_named() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "bnregress", "plan", "--select", "tf2.15.1", "--format", "json"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 4, done.stderr
    assert "disk is full" in done.stderr
