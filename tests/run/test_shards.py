"""Shards that are run by the engine, and the matrix that a workflow starts them from."""

from __future__ import annotations

import json

import pytest

from bnregress.cells.shard import Shard
from bnregress.cli import main
from bnregress.errors import ExitCode, UsageError
from bnregress.results.file import load_results
from tests.run.conftest import World

ONLY = ("tf9.9.9",)


def test_a_shard_decides_its_part_under_the_hash_of_the_whole_plan(shared_world: World) -> None:
    whole, _ = shared_world.run("sound", "also-sound", select=ONLY)
    for index in (1, 2):
        results, code = shared_world.run("sound", "also-sound", select=ONLY, shard=Shard(index, 2))
        assert code == ExitCode.EXPECTED
        assert len(results.cells) == 1
        assert results.plan == whole.plan
        order = [cell.id for cell in whole.cells]
        assert results.places == {cell.id: order.index(cell.id) for cell in results.cells}
        written = json.loads((shared_world.out / "results.json").read_bytes())
        assert written["shard"] == {"index": index, "count": 2}
        assert load_results(shared_world.out / "results.json") == results
    assert whole.shard is None


def test_a_surplus_shard_ends_with_a_valid_empty_result_that_is_no_success(shared_world: World) -> None:
    results, code = shared_world.run("sound", select=ONLY, shard=Shard(2, 2))
    assert code == ExitCode.NOTHING_TO_DO
    assert results.cells == ()
    assert load_results(shared_world.out / "results.json") == results


def test_another_shard_cannot_be_resumed(shared_world: World) -> None:
    shared_world.run("sound", "also-sound", select=ONLY, shard=Shard(1, 2))
    with pytest.raises(UsageError, match="it was shard 1/2"):
        shared_world.run("sound", "also-sound", select=ONLY, shard=Shard(2, 2), resume=True)
    _, code = shared_world.run("sound", "also-sound", select=ONLY, shard=Shard(1, 2), resume=True)
    assert code == ExitCode.EXPECTED


def test_the_matrix_is_one_line_that_a_workflow_can_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--select", "tf2.{0,1}.0", "--path", "h5", "--shards", "9", "--format", "github"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    jobs = json.loads(out)["include"]
    assert [job["shard"] for job in jobs] == ["1/2", "2/2"]
    assert jobs[0] == {
        "shard": "1/2",
        "index": 1,
        "count": 2,
        "releases": "tf2.0.0",
        "cells": 1,
        "minutes": jobs[0]["minutes"],
        "device": "cpu",
    }


def test_a_matrix_that_github_would_refuse_is_refused_when_planned(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--shards", "257", "--format", "github"]) == 2
    assert "at most 256" in capsys.readouterr().err


def test_an_empty_plan_has_no_matrix(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["plan", "--select", "tf2.1.0/h5", "--path", "json", "--shards", "2", "--format", "github"]
    assert main(arguments) == 3
    assert capsys.readouterr().out == ""


def test_the_table_and_the_json_show_the_shards(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ["plan", "--select", "tf2.{0,1}.0", "--shards", "2"]
    main(chosen)
    assert "2 shards" in capsys.readouterr().out
    main([*chosen, "--format", "json"])
    shards = json.loads(capsys.readouterr().out)["shards"]
    assert [shard["index"] for shard in shards] == [1, 2]
    assert all(cell.startswith("tf2.") for shard in shards for cell in shard["cells"])
