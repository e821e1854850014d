"""`bnregress report` on files as another job left them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bnregress.cli import main
from bnregress.results.file import load_results, write_results
from bnregress.results.merging import Source
from tests.results.shards import in_two, make_results, written


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert main([str(argument) for argument in arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    return captured.err


def test_files_and_a_folder_of_artifacts_give_the_same_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = written(in_two(), tmp_path / "artifacts")
    assert main(["report", *map(str, reversed(files)), "--out", str(tmp_path / "one")]) == 1
    assert main(["report", str(tmp_path / "artifacts"), "--expect-shards", "2", "--out", str(tmp_path / "two")]) == 1
    one, two = ((tmp_path / name / "results.json").read_bytes() for name in ("one", "two"))
    assert one == two
    assert "regress" in (tmp_path / "one" / "summary.md").read_text(encoding="utf-8").lower()
    assert "tf1.15.5" in capsys.readouterr().out


def test_remedies_are_looked_for_among_the_cells_of_all_shards(tmp_path: Path) -> None:
    main(["report", *map(str, written(in_two(), tmp_path / "shards")), "--out", str(tmp_path / "out")])
    regressed = [cell for cell in load_results(tmp_path / "out" / "results.json").cells if cell.status == "regress"]
    assert "tf2.1.0" in str(regressed[0].remedy)


def test_missing_shards_are_an_error_or_named_and_incomplete(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = written(in_two(), tmp_path / "shards")
    message = refused(capsys, "report", files[1], "--out", tmp_path / "out")
    assert "Shard 1/2 is missing" in message
    assert not (tmp_path / "out").exists()
    (tmp_path / "plan.json").write_text(json.dumps(plan_of(in_two())), encoding="utf-8")
    plan = ["--plan", str(tmp_path / "plan.json")]
    assert main(["report", str(files[1]), "--allow-missing", *plan, "--out", str(tmp_path / "out")]) == 4
    merged = load_results(tmp_path / "out" / "results.json")
    assert [str(id) for id in merged.undecided] == ["tf1.15.5/tf-keras-applications", "tf2.1.0/tf-keras-applications"]
    captured = capsys.readouterr()
    assert "2 of 4 cells decided" in captured.out
    assert captured.err.splitlines() == [
        "not decided: tf1.15.5: tf-keras-applications",
        "not decided: tf2.1.0: tf-keras-applications",
    ]


def plan_of(sources: list[Source]) -> dict[str, object]:
    """The plan of shards, as `bnregress plan --format json` prints it, less what a report does not read."""
    places = {place: cell for each in sources for cell, place in (each.results.places or {}).items()}
    cells = [str(places[place]) for place in sorted(places)]
    return {"hash": sources[0].results.plan, "releases": [{"cells": cells}]}


def test_without_the_plan_a_missing_shard_leaves_the_results_incomplete(tmp_path: Path) -> None:
    files = written(in_two(), tmp_path / "shards")
    assert main(["report", str(files[1]), "--allow-missing", "--out", str(tmp_path / "out")]) == 4
    assert not load_results(tmp_path / "out" / "results.json").complete


def test_a_report_needs_a_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--out DIR" in refused(capsys, "report", *written(in_two(), tmp_path / "shards"))


def test_only_empty_shards_are_no_success(tmp_path: Path) -> None:
    (source,) = written(in_two()[:1], tmp_path / "shards")
    value = json.loads(source.read_bytes())
    value |= {"cells": [], "places": {}, "complete": True, "shard": {"index": 2, "count": 2}}
    source.write_text(json.dumps(value), encoding="utf-8")
    assert main(["report", str(source), "--allow-missing", "--out", str(tmp_path / "out")]) == 4


def test_a_shard_is_not_written_over_and_a_run_may_be_rendered_where_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = written(in_two(), tmp_path / "shards")
    before = files[0].read_bytes()
    assert "overwritten" in refused(capsys, "report", *files, "--out", files[0].parent)
    assert files[0].read_bytes() == before
    main(["report", *map(str, files), "--out", str(tmp_path / "out")])
    whole = (tmp_path / "out" / "results.json").read_bytes()
    assert main(["report", str(tmp_path / "out"), "--out", str(tmp_path / "out")]) == 1
    assert (tmp_path / "out" / "results.json").read_bytes() == whole


def test_artifacts_that_are_links_or_pipes_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "results.json").symlink_to("/etc/passwd")
    assert "a link, or not a regular file" in refused(capsys, "report", tmp_path / "link", "--out", tmp_path / "out")
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in refused(capsys, "report", tmp_path / "pipe", "--out", tmp_path / "out")
    (tmp_path / "outside" / "shard").mkdir(parents=True)
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts" / "shard").symlink_to(tmp_path / "outside" / "shard", target_is_directory=True)
    written(in_two()[:1], tmp_path / "outside" / "shard")
    assert "There is no results.json" in refused(capsys, "report", tmp_path / "artifacts", "--out", tmp_path / "out")


def test_the_name_of_an_artifact_cannot_forge_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "artifacts" / "a\n::error::forged\x1b[2J"
    folder.mkdir(parents=True)
    (folder / "results.json").write_text("{", encoding="utf-8")
    message = refused(capsys, "report", tmp_path / "artifacts", "--out", tmp_path / "out")
    assert len(message.splitlines()) == 1
    assert "\x1b" not in message


def test_an_artifact_that_is_too_large_is_not_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(3):
        file = tmp_path / "artifacts" / str(number) / "results.json"
        file.parent.mkdir(parents=True)
        file.touch()
        os.truncate(file, 200 * 2**20)
    assert "larger than allowed" in refused(capsys, "report", tmp_path / "artifacts", "--out", tmp_path / "out")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"max_abs": 1.5', '"max_abs": NaN', "NaN is not a JSON number"),
        ('"max_abs": 1.5', '"max_abs": 1e999', "1e999 is too large a number"),
        ('"max_abs": 1.5', f'"max_abs": 1{"0" * 400}', "too large a number"),
        ('"max_abs": 1.5', '"max_abs": 1, "max_abs": 2', "'max_abs' is there 2 times"),
        ('"reason": "Of', r'"reason": "\ud800', "not a JSON file"),
        ('"index": 1', '"index": 3', "no shard 3 of 2"),
        ('"tf1.15.5/tf-keras-applications"', '"../../etc/passwd"', "does not match"),
        ('tf-keras-applications"', 'tf-keras-applications\\n"', "does not match"),
        ('"schema": "bnregress/results/1"', '"schema": "bnregress/results/2"', r"$.schema"),
    ],
)
def test_hostile_values_are_refused_with_the_file(
    old: str, new: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = written(in_two(), tmp_path / "shards")
    check = {"name": "c", "status": "pass", "reason": "r", "evidence": {"max_abs": 1.5}, "repro": None}
    text = files[0].read_text(encoding="utf-8").replace('"checks": []', f'"checks": [{json.dumps(check)}]', 1)
    assert old in text
    files[0].write_text(text.replace(old, new), encoding="utf-8")
    said = refused(capsys, "report", *files, "--out", tmp_path / "out")
    assert message in said
    assert str(files[0]) in said


def test_a_run_that_is_no_shard_is_rendered_alone(tmp_path: Path) -> None:
    write_results(make_results({"tf2.1.0/h5": "pass"}), tmp_path / "results.json")
    assert main(["report", str(tmp_path / "results.json"), "--out", str(tmp_path / "out")]) == 0
