"""Entries of the cache: what is stored is what is loaded, by everything that a verdict depends on and nothing less."""

from __future__ import annotations

import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.cells.identifiers import CellId
from bnregress.cli import main
from bnregress.machine.gpus import Gpu
from bnregress.machine.interpreters import Interpreter
from bnregress.planning.placement import Placement
from bnregress.planning.plan import Plan
from bnregress.run.records import GarbledError
from bnregress.run.verdict_cache import CachedVerdict, VerdictCache, is_kept, key_of
from tests.planning.plans import make_plan

CELL = CellId(release="tf2.1.0", path="h5")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def record(status: str = "pass", **evidence: Any) -> dict[str, Any]:
    check = {"name": "mode-parity", "status": status, "reason": "r", "evidence": evidence, "repro": None}
    return {
        "path": CELL.path,
        "variant": "default",
        "status": status,
        "kind": "crash" if status == "error" else None,
        "reason": "Because.",
        "checks": [check],
        "seconds": {"build": 1.0, "checks": 2.0},
        "peak_rss_bytes": 7,
    }


def key(plan: Plan | None = None) -> dict[str, Any]:
    plan = plan or make_plan({"tf2.1.0": ["h5"]})
    found = key_of(plan, plan.release("tf2.1.0"), CELL)
    assert found is not None
    return found


@given(st.dictionaries(st.text(), JSON, max_size=4), st.none() | st.dictionaries(st.text(), JSON, max_size=3))
def test_what_is_stored_is_what_is_loaded(evidence: dict[str, Any], facts: dict[str, Any] | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cache = VerdictCache(Path(folder))
        assert cache.load(key(), CELL) is None
        entry = CachedVerdict(record=record(evidence=evidence), facts=facts)
        cache.store(key(), entry)
        assert cache.load(key(), CELL) == entry
        assert cache.contents().damaged == 0


def test_the_key_depends_on_all_that_a_verdict_depends_on() -> None:
    plan = make_plan({"tf2.1.0": ["h5", "json"]})
    (release,) = plan.releases
    gpu = Gpu(uuid="GPU-1", name="Tesla T4", capability="7.5")
    others = [
        replace(plan, releases=(replace(release, placement=Placement(device="gpu")),)),
        replace(plan, releases=(replace(release, placement=Placement(device="gpu", gpus=(gpu,), driver="550.54")),)),
        replace(plan, releases=(replace(release, placement=Placement(device="gpu", gpus=(gpu,), driver="560.28")),)),
        replace(plan, suite_sha256="6" * 64),
        replace(plan, releases=(replace(release, lock_sha256="2" * 64),)),
        replace(plan, releases=(replace(release, interpreter=Interpreter("3.7.17", Path("/opt/python3.7"))),)),
    ]
    keys = [key(plan), *map(key, others), key_of(plan, release, CellId(release="tf2.1.0", path="json"))]
    assert len({repr(each) for each in keys}) == 8


def test_the_key_does_not_depend_on_what_else_is_planned_or_where_the_interpreter_is() -> None:
    plan = make_plan({"tf2.1.0": ["h5", "json"], "tf2.2.3": ["h5"]})
    (release, _) = plan.releases
    elsewhere = replace(release, interpreter=Interpreter("3.7.16", Path("/elsewhere")))
    assert key(plan) == key() == key(replace(plan, releases=(elsewhere,)))


def test_without_an_interpreter_there_is_no_key() -> None:
    plan = make_plan({"tf2.1.0": ["h5"]}, available=False)
    assert key_of(plan, plan.release("tf2.1.0"), CELL) is None


def test_a_cell_that_depends_on_another_release_has_no_key() -> None:
    plan = make_plan({"tf2.1.0": ["h5-from=tf2.0.0"]})
    assert key_of(plan, plan.release("tf2.1.0"), plan.cells[0]) is None


@pytest.mark.parametrize(
    ("status", "kept"), [("pass", True), ("regress", True), ("inconclusive", True), ("error", False), ("odd", False)]
)
def test_errors_are_never_kept(status: str, kept: bool) -> None:
    assert is_kept(record(status), CELL) == kept


def test_what_came_from_the_cache_or_is_of_another_cell_is_not_kept() -> None:
    assert not is_kept(record() | {"cached": True}, CELL)
    assert not is_kept(record(), CellId(release="tf2.1.0", path="json"))


def test_an_error_in_the_cache_is_dropped(tmp_path: Path) -> None:
    cache = VerdictCache(tmp_path)
    cache.store(key(), CachedVerdict(record=record("error"), facts=None))
    with pytest.raises(GarbledError):
        cache.load(key(), CELL)
    assert cache.load(key(), CELL) is None


def test_many_may_write_and_read_one_entry_at_once(tmp_path: Path) -> None:
    cache = VerdictCache(tmp_path)

    def write_and_read(number: int) -> bool:
        cache.store(key(), CachedVerdict(record=record(number=number), facts=None))
        return cache.load(key(), CELL) is not None

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(write_and_read, range(200)))
    assert cache.contents().entries == 1


def test_pruning_takes_what_was_not_used_and_what_is_damaged(tmp_path: Path) -> None:
    cache = VerdictCache(tmp_path)
    old, used, damaged = (make_plan({"tf2.1.0": ["h5"]}), *(make_plan({"tf2.1.0": ["h5"]}) for _ in range(2)))
    keys = [key(replace(plan, suite_sha256=str(index) * 64)) for index, plan in enumerate((old, used, damaged))]
    for each in keys:
        cache.store(each, CachedVerdict(record=record(), facts=None))
    long_ago = time.time() - 10 * 86_400
    for path in cache.root.glob("*/*.json"):
        os.utime(path, (long_ago, long_ago))
    cache.load(keys[1], CELL)
    cache._path(keys[2]).write_text("{", encoding="utf-8")
    leftover = cache._path(keys[1]).with_name(".leftover.tmp")
    leftover.write_text("half", encoding="utf-8")
    os.utime(leftover, (long_ago, long_ago))

    assert cache.contents().damaged == 1
    assert cache.prune(86_400) == 2
    assert cache.contents().entries == 1
    assert not leftover.exists()
    assert cache.load(keys[1], CELL) is not None


def test_the_command_looks_and_prunes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BNREGRESS_CACHE", str(tmp_path))
    assert main(["cache"]) == 0
    assert "0 verdicts kept" in capsys.readouterr().out
    VerdictCache(tmp_path).store(key(), CachedVerdict(record=record(), facts=None))
    main(["cache", "--prune", "1d"])
    assert "0 verdicts removed\n1 verdict kept" in capsys.readouterr().out
    main(["cache", "--prune", "all"])
    assert "1 verdict removed\n0 verdicts kept" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", ["soon", "-1d", "1", "1w", ""])
def test_an_age_that_is_none_is_wrong_usage(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["cache", f"--prune={wrong}"])
    assert left.value.code == 2
