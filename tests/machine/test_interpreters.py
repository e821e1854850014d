"""Finding interpreters in the places where people keep them. Version 3.99 is one that no machine has."""

from __future__ import annotations

import json
import os
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from bnregress.machine import interpreters
from bnregress.machine.interpreters import find_interpreter, how_to_install, installed_interpreters

VARIABLES = (
    "AGENT_TOOLSDIRECTORY",
    "ASDF_DATA_DIR",
    "CONDA_EXE",
    "CONDA_PREFIX",
    "MAMBA_ROOT_PREFIX",
    "MISE_DATA_DIR",
    "PYENV_ROOT",
    "RTX_DATA_DIR",
    "RUNNER_TOOL_CACHE",
    "RYE_PY_ROOT",
    "UV_PYTHON_INSTALL_DIR",
    "XDG_DATA_HOME",
)
THIS_PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home folder, an empty PATH, and none of the variables of the tools."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    installed_interpreters.cache_clear()
    yield folder
    installed_interpreters.cache_clear()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The one folder on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


def script(file: Path, *lines: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(("#!/bin/sh", *lines, "")))
    file.chmod(0o755)
    return file


def interpreter(file: Path, version: str, *, usable: bool = True, first: str = ":") -> Path:
    """A file that answers as an interpreter of that version would."""
    answer = json.dumps([str(file), [int(number) for number in version.split(".")], usable])
    return script(file, first, f"echo '{answer}'")


def test_nothing_found_is_none() -> None:
    assert find_interpreter("3.99") is None


def test_the_interpreter_that_runs_this_is_found_on_path_by_its_real_place(path: Path) -> None:
    (path / "python3").symlink_to(sys.executable)

    found = find_interpreter(THIS_PYTHON)

    assert found is not None
    assert found.executable == Path(os.path.realpath(sys.executable))
    assert found.version == ".".join(map(str, sys.version_info[:3]))


def test_a_wrapper_script_gives_the_interpreter_behind_it(path: Path) -> None:
    script(path / "python3", f'exec "{os.path.realpath(sys.executable)}" "$@"')

    found = find_interpreter(THIS_PYTHON)

    assert found is not None
    assert found.executable == Path(os.path.realpath(sys.executable))


def test_a_wrapper_around_nothing_is_not_returned(path: Path) -> None:
    script(path / "python3.99", """echo '["/nowhere/python3.99", [3, 99, 1], true]'""")

    assert find_interpreter("3.99") is None


def test_a_failing_shim_first_on_path_is_skipped(tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shim = script(tmp_path / "root" / "shims" / "python3.99", 'echo "python3.99: command not found" >&2', "exit 127")
    monkeypatch.setenv("PATH", os.pathsep.join([str(shim.parent), str(path)]))
    real = interpreter(path / "python3.99", "3.99.1")

    found = find_interpreter("3.99")

    assert found is not None
    assert found.executable == real


def test_what_a_shim_stands_for_is_found_beside_it_and_the_shim_is_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "root"
    was_run = tmp_path / "was-run"
    interpreter(root / "shims" / "python3.99", "3.99.9", first=f"echo yes > '{was_run}'")
    real = interpreter(root / "versions" / "3.99.1" / "bin" / "python", "3.99.1")
    monkeypatch.setenv("PATH", str(root / "shims"))

    found = find_interpreter("3.99")

    assert found is not None
    assert found.executable == real
    assert not was_run.exists()


@pytest.mark.parametrize(
    ("variable", "place"),
    [
        pytest.param("RUNNER_TOOL_CACHE", "Python/3.99.1/x64/bin/python", id="hosted tool cache"),
        pytest.param("AGENT_TOOLSDIRECTORY", "Python/3.99.1/x64/bin/python", id="tool cache of another agent"),
        pytest.param("PYENV_ROOT", "versions/3.99.1/bin/python", id="pyenv"),
        pytest.param("ASDF_DATA_DIR", "installs/python/3.99.1/bin/python", id="asdf"),
        pytest.param("MISE_DATA_DIR", "installs/python/3.99.1/bin/python", id="mise"),
        pytest.param("UV_PYTHON_INSTALL_DIR", "cpython-3.99.1-linux-x86_64-gnu/bin/python3", id="uv"),
        pytest.param("CONDA_PREFIX", "bin/python", id="active conda environment"),
        pytest.param("MAMBA_ROOT_PREFIX", "envs/old/bin/python", id="mamba environment"),
    ],
)
def test_a_place_named_by_a_variable_is_searched(
    variable: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = interpreter(tmp_path / "root" / place, "3.99.1")
    monkeypatch.setenv(variable, str(tmp_path / "root"))

    found = find_interpreter("3.99")

    assert found is not None
    assert found.executable == real


@pytest.mark.parametrize(
    "place",
    [
        ".pyenv/versions/3.99.1/bin/python",
        ".asdf/installs/python/3.99.1/bin/python",
        ".local/share/mise/installs/python/3.99.1/bin/python",
        ".local/share/rtx/installs/python/3.99.1/bin/python",
        ".local/share/uv/python/cpython-3.99.1-linux-x86_64-gnu/bin/python3",
        "miniconda3/bin/python",
        "miniforge3/envs/old/bin/python",
    ],
)
def test_the_usual_places_in_a_home_folder_are_searched(place: str, home: Path) -> None:
    real = interpreter(home / place, "3.99.1")

    found = find_interpreter("3.99")

    assert found is not None
    assert found.executable == real


def test_an_environment_that_conda_has_listed_is_found(tmp_path: Path, home: Path) -> None:
    real = interpreter(tmp_path / "elsewhere" / "bin" / "python", "3.99.1")
    (home / ".conda").mkdir()
    (home / ".conda" / "environments.txt").write_text(f"{tmp_path / 'gone'}\n{tmp_path / 'elsewhere'}\n")

    found = find_interpreter("3.99")

    assert found is not None
    assert found.executable == real


def test_the_newest_patch_wins_by_number(home: Path, path: Path) -> None:
    interpreter(path / "python3.99", "3.99.9")
    newest = interpreter(home / ".pyenv" / "versions" / "3.99.16" / "bin" / "python", "3.99.16")
    interpreter(home / "miniconda3" / "bin" / "python", "3.99.2")

    found = find_interpreter("3.99")

    assert found == interpreters.Interpreter("3.99.16", newest)


def test_one_that_is_not_to_be_used_does_not_hide_one_that_is(home: Path, path: Path) -> None:
    interpreter(path / "python3.99", "3.99.9", usable=False)
    real = interpreter(home / ".pyenv" / "versions" / "3.99.1" / "bin" / "python", "3.99.1")

    found = find_interpreter("3.99")

    assert found is not None
    assert found.executable == real


@pytest.mark.parametrize("answer", ["hello", "{}", "[]", "[1, 2, 3]", '["python", "3.99.1"]', ""])
def test_one_that_answers_nonsense_is_skipped(answer: str, path: Path) -> None:
    script(path / "python3.99", f"echo '{answer}'")

    assert find_interpreter("3.99") is None


def test_one_that_hangs_is_skipped(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreters, "_PROOF_SECONDS", 0.2)
    interpreter(path / "python3.99", "3.99.1", first="/bin/sleep 3")

    assert find_interpreter("3.99") is None


def test_a_broken_link_and_a_file_that_cannot_be_run_are_skipped(path: Path, home: Path) -> None:
    (path / "python3.99").symlink_to(path / "nowhere")
    interpreter(home / ".pyenv" / "versions" / "3.99.1" / "bin" / "python", "3.99.1").chmod(0o644)

    assert find_interpreter("3.99") is None


def test_a_real_interpreter_goes_before_a_newer_copy_in_a_virtual_environment(tmp_path: Path, path: Path) -> None:
    copy = interpreter(tmp_path / "venv" / "bin" / "python3.99", "3.99.9")
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    (path / "python3").symlink_to(copy)
    real = interpreter(path / "python3.99", "3.99.1")

    found = find_interpreter("3.99")

    assert found is not None
    assert found.executable == real


def test_a_copy_in_a_virtual_environment_is_better_than_nothing(tmp_path: Path, path: Path) -> None:
    copy = interpreter(tmp_path / "venv" / "bin" / "python3.99", "3.99.9")
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    (path / "python3").symlink_to(copy)

    found = find_interpreter("3.99")

    assert found is not None
    assert found.executable == copy


def test_the_python_of_a_virtual_environment_resolves_to_the_one_it_was_made_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv.create(tmp_path / "venv", symlinks=True, with_pip=False)
    monkeypatch.setenv("PATH", str(tmp_path / "venv" / "bin"))

    found = find_interpreter(THIS_PYTHON)

    assert found is not None
    assert found.executable == Path(os.path.realpath(sys.executable))


def test_the_machine_is_searched_once(path: Path) -> None:
    assert find_interpreter("3.99") is None
    interpreter(path / "python3.99", "3.99.1")

    assert find_interpreter("3.99") is None
    installed_interpreters.cache_clear()
    assert find_interpreter("3.99") is not None


def test_the_remedy_names_uv_where_uv_has_that_version() -> None:
    remedy = how_to_install("3.10")

    assert "uv python install 3.10" in remedy
    assert "pyenv install 3.10" in remedy
    assert "python=3.10" in remedy


def test_the_remedy_for_3_7_does_not_offer_what_uv_cannot_do() -> None:
    remedy = how_to_install("3.7")

    assert "pyenv install 3.7" in remedy
    assert "uv python install" not in remedy
    for source in ("conda", "deadsnakes"):
        assert source in remedy
