"""Making locks: what does not need the index."""

from __future__ import annotations

from pathlib import Path

import pytest

from bnregress.errors import UsageError
from bnregress.machine.interpreters import Interpreter
from bnregress.releases.catalog import load_catalog, read_catalog
from bnregress.releases.locking import main, write_locks


def no_interpreter(python: str) -> None:
    return None


def test_a_release_without_an_interpreter_is_told_with_the_remedy_and_the_next_is_tried() -> None:
    failures = write_locks(read_catalog(), ["tf2.1.0", "tf2.15.1"], find=no_interpreter)

    assert ["tf2.1.0" in failures[0], "tf2.15.1" in failures[1]] == [True, True]
    assert "no CPython 3.7 here" in failures[0]
    assert "pyenv install 3.7" in failures[0]
    assert "uv python install 3.11" in failures[1]


def test_a_release_that_uv_cannot_resolve_is_told_with_what_uv_says(tmp_path: Path) -> None:
    broken = Interpreter("3.11.0", tmp_path / "python3.11")

    failures = write_locks(read_catalog(), ["tf2.15.1"], find=lambda python: broken)

    assert len(failures) == 1 + len(load_catalog()["tf2.15.1"].other_pythons)
    assert all(each.startswith("tf2.15.1 on CPython 3.") for each in failures)
    assert "python3.11" in failures[0]


def test_an_unknown_release_is_told_with_the_nearest_before_any_lock_is_made() -> None:
    def fail(python: str) -> Interpreter | None:
        raise AssertionError("an interpreter was looked for")

    with pytest.raises(UsageError, match=r"no release 'tf2\.1\.9'. Did you mean"):
        write_locks(read_catalog(), ["tf2.1.0", "tf2.1.9"], find=fail)


def test_the_command_exits_with_the_code_of_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tf9"]) == 2
    assert "There is no release 'tf9'" in capsys.readouterr().err
