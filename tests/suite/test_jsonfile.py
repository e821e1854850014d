from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bnregress.suite.jsonfile import create_json, write_json


def test_a_file_is_replaced_whole_and_no_other_is_left(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    write_json(path, {"long": "x" * 1000})
    write_json(path, {"short": 1})
    assert json.loads(path.read_text(encoding="utf-8")) == {"short": 1}
    assert os.listdir(tmp_path) == ["x.json"]


@pytest.mark.parametrize("links", [True, False])
def test_an_existing_file_is_not_created_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    if not links:

        def refuse(*_: str) -> None:
            raise PermissionError("this file system has no hard links")

        monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "x.json"
    assert create_json(path, {"by": 1})
    assert not create_json(path, {"by": 2})
    assert json.loads(path.read_text(encoding="utf-8")) == {"by": 1}
    assert os.listdir(tmp_path) == ["x.json"]


def test_an_object_that_lists_itself_as_itself_becomes_a_number(tmp_path: Path) -> None:
    class Extension:
        def tolist(self) -> Extension:
            return self

        def __float__(self) -> float:
            return 0.25

    path = tmp_path / "x.json"
    write_json(path, [Extension()])
    assert json.loads(path.read_text(encoding="utf-8")) == [0.25]


def test_of_several_that_create_a_file_at_once_one_succeeds(tmp_path: Path) -> None:
    for attempt in range(20):
        path = tmp_path / f"{attempt}.json"
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(lambda by, path=path: create_json(path, {"by": by}), range(4)))
        assert made.count(True) == 1
        assert json.loads(path.read_text(encoding="utf-8"))["by"] == made.index(True)
