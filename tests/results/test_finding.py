from __future__ import annotations

import os
from pathlib import Path

import pytest

from bnregress.errors import UsageError
from bnregress.results import finding
from bnregress.results.finding import find_results


def write(path: Path, text: str = "{}") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_results_of_each_artifact_are_found_and_nothing_else(tmp_path: Path) -> None:
    files = [write(tmp_path / f"shard-{number}" / "results.json") for number in (1, 2)]
    write(tmp_path / "shard-1" / "run" / "logs" / "tf2.1.0.log")
    assert find_results([tmp_path]) == tuple(files)


def test_a_file_that_is_named_is_taken(tmp_path: Path) -> None:
    assert find_results([write(tmp_path / "mine.json")]) == (tmp_path / "mine.json",)


def test_no_results_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no results\.json in .*Did every shard fail"):
        find_results([tmp_path])


def test_a_folder_that_was_never_made_has_no_results(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no results\.json in .*Did every shard fail"):
        find_results([tmp_path / "bnregress-shards"])


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.json cannot be read"):
        find_results([tmp_path / "gone.json"])


def test_a_link_is_refused(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret")
    (tmp_path / "shard").mkdir()
    (tmp_path / "shard" / "results.json").symlink_to(secret)
    with pytest.raises(UsageError, match="not a regular file"):
        find_results([tmp_path / "shard"])


def test_a_linked_folder_is_not_entered(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere" / "results.json")
    ours = write(tmp_path / "shards" / "a" / "results.json")
    (tmp_path / "shards" / "b").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert find_results([tmp_path / "shards"]) == (ours,)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "results.json")
    with pytest.raises(UsageError, match="not a regular file"):
        find_results([tmp_path])


def test_results_that_lie_too_deep_are_not_looked_for(tmp_path: Path) -> None:
    write(tmp_path / "a" / "b" / "c" / "d" / "results.json")
    with pytest.raises(UsageError, match="no results"):
        find_results([tmp_path])


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [
        ("MAX_ENTRIES", 3, "more than 3 files and folders"),
        ("MAX_FILES", 1, r"2 results files .* \(1\)"),
        ("MAX_TOTAL", 3, "larger than allowed"),
    ],
)
def test_more_than_any_run_makes_is_refused(
    limit: str, value: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        write(tmp_path / f"shard-{number}" / "results.json")
    monkeypatch.setattr(finding, limit, value)
    with pytest.raises(UsageError, match=words):
        find_results([tmp_path])
