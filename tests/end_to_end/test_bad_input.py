"""What is wrong on the command line is said before anything is made. No release is installed here."""

from __future__ import annotations

from pathlib import Path

import pytest

from bnregress.machine.locations import ENVIRONMENTS_VARIABLE
from tests.end_to_end.command import Command


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--select", "tf2.1.00"], 2, "Did you mean tf2.1.0"),
        (["--select", "tf3.*"], 2, "No release is named 'tf3.*'"),
        (["--select", "tf2.{1.0,99.0}"], 2, "'tf2.99.0' (from 'tf2.{1.0,99.0}')"),
        (["--select", "tf2.1.0/h6"], 2, "Did you mean h5?"),
        (["--path", "vgg-16"], 2, "Did you mean vgg16"),
        (["--path", "h6-*"], 2, "No path is named 'h6-*'"),
        (["--select", "tf2.1.0/h5", "--path", "vgg16"], 3, "there is nothing to do"),
    ],
)
def test_a_selector_that_fits_nothing_ends_the_run_before_anything_is_made(
    arguments: list[str], code: int, words: str, tmp_path: Path
) -> None:
    command = Command(root=tmp_path, variables={ENVIRONMENTS_VARIABLE: str(tmp_path / "environments")})
    asked = command.ask("run", *arguments)

    assert (asked.returncode, asked.stdout) == (code, "")
    assert words in asked.stderr
    assert len(asked.stderr.splitlines()) == 1
    assert {entry.name for entry in tmp_path.iterdir()} == {"workplace", "tmp"}
    assert list(command.workplace.iterdir()) == []
