"""What is given to --python, and what a person is told where it does not do."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bnregress.checking.interpreter import find_inspected
from bnregress.errors import UsageError
from tests.checking.conftest import Check, script


def refusal(given: str | None) -> str:
    with pytest.raises(UsageError) as refused:
        find_inspected(given)
    return str(refused.value)


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert "does not exist" in refusal(str(tmp_path / "bin" / "python"))


def test_a_folder_stands_for_the_interpreter_in_it(tmp_path: Path, pretended: Callable[[str], str]) -> None:
    (tmp_path / "bin").mkdir()
    Path(pretended("")).rename(tmp_path / "bin" / "python")
    assert find_inspected(str(tmp_path)).executable == tmp_path / "bin" / "python"


def test_a_folder_without_an_interpreter_is_refused(tmp_path: Path) -> None:
    assert "without bin/python" in refusal(str(tmp_path))


def test_what_is_no_python_is_refused_with_what_it_says(tmp_path: Path) -> None:
    message = refusal(script(tmp_path, "echo 'python: command not found' >&2; exit 127\n"))
    assert "not a working Python interpreter" in message
    assert "command not found" in message


def test_a_file_that_does_not_execute_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    assert "cannot be run" in refusal(str(tmp_path / "notes.txt"))


def test_a_python_that_is_too_old_is_refused(tmp_path: Path) -> None:
    message = refusal(script(tmp_path, """echo '{"version": [3, 6, 9], "missing": []}'\n"""))
    assert "is Python 3.6.9" in message
    assert "3.7" in message


def test_an_environment_without_tensorflow_is_refused(tmp_path: Path) -> None:
    message = refusal(script(tmp_path, f'exec "{sys.executable}" -I -S "$@"\n'))
    assert "lacks tensorflow and numpy" in message
    assert "Install it there" in message


def test_our_own_environment_without_tensorflow_points_to_the_option(tmp_path: Path) -> None:
    assert "--python .venv/bin/python" in refusal(None)


def test_a_start_up_file_that_prints_does_not_hide_the_answer(
    tmp_path: Path, pretended: Callable[[str], str], check: Check
) -> None:
    python = pretended("raise ImportError('libcudart.so.10 is missing')")
    (tmp_path / "site" / "sitecustomize.py").write_text("print('welcome'); print('{}')", encoding="utf-8")
    said = check("--python", python)
    assert said.exit_code == 4
    assert "libcudart.so.10 is missing" in said.stderr


def test_our_pythonpath_does_not_reach_the_other_environment(
    tmp_path: Path, pretended: Callable[[str], str], check: Check
) -> None:
    ours = tmp_path / "ours"
    ours.mkdir()
    (ours / "tensorflow.py").write_text("raise ImportError('this is not theirs')", encoding="utf-8")
    bare = script(tmp_path, f'exec "{sys.executable}" "$@"\n')
    said = check("--python", bare, PYTHONPATH=f"{Path(__file__).parents[2]}:{ours}")
    assert said.exit_code == 2
    assert "lacks tensorflow" in said.stderr


def test_the_current_folder_does_not_answer_for_the_environment(
    tmp_path: Path, pretended: Callable[[str], str], check: Check
) -> None:
    (tmp_path / "tensorflow.py").write_text("raise ImportError('from the current folder')", encoding="utf-8")
    said = check("--python", pretended("raise ImportError('from the environment')"))
    assert "from the environment" in said.stderr


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "killed by SIGSEGV"),
        ("import os, sys; print('last words', file=sys.stderr, flush=True); os._exit(3)", "last words"),
    ],
)
def test_a_process_that_dies_is_undecided_with_what_it_said_last(
    pretended: Callable[[str], str], check: Check, ending: str, told: str
) -> None:
    said = check("--python", pretended(ending))
    assert said.exit_code == 4
    assert told in said.stderr
