"""Whatever the records directory holds, each planned cell comes out exactly once and no error is taken for a pass."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bnregress.cells.identifiers import CellId
from bnregress.machine.interpreters import Interpreter
from bnregress.planning.plan import PlannedRelease
from bnregress.results.file import load_results, write_results
from bnregress.results.model import CellResult, Host, Results
from bnregress.run.collect import AttemptLog, collect_cells, explain_losses, may_run_again, release_result
from tests.run.conftest import make_release

LOG = Path("the.log")
PATHS = ("h5", "json", "clone")
CELLS = tuple(CellId(release="tf1.1.1", path=path) for path in PATHS)
PLANNED = PlannedRelease(
    release=make_release("tf1.1.1", "3.11", Path("locks")),
    interpreter=Interpreter("3.11.7", Path("python")),
    cells=CELLS,
    lock_sha256="0" * 64,
)
ATTEMPT = AttemptLog(number=1, subjects=PATHS, kind="infra", reason="The environment could not be made.")


def record(path: str, status: str = "pass", **changes: Any) -> dict[str, Any]:
    check = {"name": "mode-parity", "status": status, "reason": "Because.", "evidence": {"x": 1.5}, "repro": None}
    seconds = {"build": 1.0, "checks": 2}
    kind = "crash" if status == "error" else None
    return {
        "path": path,
        "variant": "default",
        "status": status,
        "kind": kind,
        "reason": "Because.",
        "checks": [check],
        "seconds": seconds,
        "peak_rss_bytes": 5,
    } | changes


def put(folder: Path, name: str, content: object) -> None:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / name).write_text(text, encoding="utf-8")


def collect(folder: Path, *, finished: bool = True) -> dict[str, CellResult]:
    cells, undecided = collect_cells(PLANNED, folder, [ATTEMPT], device="cpu", finished=finished)
    assert sorted([cell.id for cell in cells] + undecided) == sorted(CELLS)
    return {cell.id.path: cell for cell in cells}


def test_a_good_record_becomes_the_result(tmp_path: Path) -> None:
    put(tmp_path, "h5.json", record("h5", "regress"))
    cell = collect(tmp_path)["h5"]
    assert (cell.status, cell.kind, cell.reason, cell.peak_rss_bytes) == ("regress", None, "Because.", 5)
    assert cell.checks[0].evidence == {"x": 1.5}
    assert [attempt.outcome for attempt in cell.attempts] == ["decided"]


def test_figures_that_json_has_no_word_for_become_text(tmp_path: Path) -> None:
    check = record("h5")["checks"][0] | {"evidence": {"a": [float("nan"), {"b": float("-inf")}]}}
    put(tmp_path, "h5.json", record("h5", checks=[check]))
    assert collect(tmp_path)["h5"].checks[0].evidence == {"a": ["nan", {"b": "-inf"}]}


GARBLED = {
    "not json": "{",
    "not an object": "[]",
    "empty": "",
    "deep": "[" * 100_000,
    "about another cell": record("json"),
    "of another variant": record("h5", variant="freeze=model"),
    "unknown status": record("h5", "fine"),
    "no status": {"path": "h5", "variant": "default"},
    "kind without error": record("h5", kind="crash"),
    "error without kind": record("h5", "error", kind=None),
    "no reason": record("h5", reason=""),
    "pass without a check": record("h5", checks=[]),
    "pass over a regression": record("h5", checks=record("h5", "regress")["checks"] + record("h5")["checks"]),
    "check that is text": record("h5", checks=["pass"]),
    "negative seconds": record("h5", seconds={"build": -1, "checks": 0}),
    "memory that is text": record("h5", peak_rss_bytes="much"),
}


@pytest.mark.parametrize("content", GARBLED.values(), ids=GARBLED.keys())
def test_a_garbled_record_is_an_error_and_never_a_pass(tmp_path: Path, content: object) -> None:
    put(tmp_path, "h5.json", content)
    cell = collect(tmp_path)["h5"]
    assert (cell.status, cell.kind) == ("error", "crash")
    assert "garbled" in cell.reason


def test_what_is_not_a_plain_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "h5.json")
    (tmp_path / "json.json").mkdir()
    (tmp_path / "clone.json").symlink_to("/dev/zero")
    assert {cell.status for cell in collect(tmp_path).values()} == {"error"}


def test_no_record_after_all_is_done_is_an_error_with_the_reason_of_its_session(tmp_path: Path) -> None:
    put(tmp_path, "h5.started.json", {"pid": 5})
    cells = collect(tmp_path)
    assert (cells["h5"].kind, cells["h5"].reason) == ("crash", "It returned no record.")
    assert (cells["json"].kind, cells["json"].reason) == ("infra", ATTEMPT.reason)
    assert cells["json"].attempts[0].outcome == "not-started"


def test_no_record_in_an_interrupted_run_is_undecided(tmp_path: Path) -> None:
    put(tmp_path, "json.json", record("json"))
    put(tmp_path, "h5.started.json", {"pid": 5})
    assert set(collect(tmp_path, finished=False)) == {"json"}


@pytest.mark.parametrize(
    ("code", "out_of_memory", "kind", "word"),
    [
        (-11, False, "crash", "SIGSEGV"),
        (-9, False, "crash", "SIGKILL"),
        (-9, True, "oom", "memory"),
        (-11, True, "crash", "SIGSEGV"),
        (3, False, "crash", "exit code 3"),
        (None, False, "crash", "went down"),
        (-250, False, "crash", "signal 250"),
    ],
)
def test_a_lost_process_explains_its_cell(
    tmp_path: Path, code: int | None, out_of_memory: bool, kind: str, word: str
) -> None:
    put(tmp_path, "h5.started.json", {"pid": 5, "check": "mode-parity"})
    put(tmp_path, "worker-5.exit.json", {"pid": 5, "exitcode": code})
    explain_losses(CELLS, tmp_path, while_running=True, out_of_memory=out_of_memory, session="", log=LOG)

    cell = collect(tmp_path, finished=False)["h5"]
    assert (cell.status, cell.kind, cell.attempts[0].outcome) == ("error", kind, "lost")
    assert word in cell.reason
    assert "mode-parity" in cell.reason


@pytest.mark.parametrize(
    ("code", "out_of_memory", "again"),
    [
        (-9, False, True),
        (-15, False, True),
        (-9, True, True),
        (-11, False, False),
        (-6, True, False),
        (3, False, False),
    ],
)
def test_only_what_was_lost_to_something_outside_may_run_again(
    tmp_path: Path, code: int, out_of_memory: bool, again: bool
) -> None:
    put(tmp_path, "h5.started.json", {"pid": 5})
    put(tmp_path, "worker-5.exit.json", {"pid": 5, "exitcode": code})
    explain_losses(CELLS, tmp_path, while_running=True, out_of_memory=out_of_memory, session="", log=LOG)
    assert may_run_again(CELLS[0], tmp_path) == again
    remedy = collect(tmp_path, finished=False)["h5"].remedy
    assert ("--resume" in str(remedy)) == again
    put(tmp_path, "h5.json", record("h5"))
    assert not may_run_again(CELLS[0], tmp_path)


def test_a_full_disk_is_named_whatever_the_process_died_of(tmp_path: Path) -> None:
    log = tmp_path / "the.log"
    full = "OSError: [Errno 28] No space left on device: '/x'\nmaximum crashed workers reached: 3\n"
    put(tmp_path, "h5.started.json", {"pid": 5})
    put(tmp_path, "worker-5.exit.json", {"pid": 5, "exitcode": 1})
    for text, kind in ((f"nox > attempt 1 at 3 cells\n{full}nox > attempt 2 at 1 cells\n", "crash"), (full, "infra")):
        log.write_text(text, encoding="utf-8")
        (tmp_path / "h5.lost.json").unlink(missing_ok=True)
        explain_losses(CELLS, tmp_path, while_running=True, out_of_memory=False, session="", log=log)
        cell = collect(tmp_path, finished=False)["h5"]
        assert (cell.status, cell.kind) == ("error", kind)
        assert ("The disk is full" in cell.reason and "room" in str(cell.remedy)) == (kind == "infra")


def test_a_cell_at_work_is_lost_only_once_its_session_is_over(tmp_path: Path) -> None:
    put(tmp_path, "h5.started.json", {"pid": 5})
    explain_losses(CELLS, tmp_path, while_running=True, out_of_memory=False, session="", log=LOG)
    assert collect(tmp_path, finished=False) == {}
    explain_losses(CELLS, tmp_path, while_running=False, out_of_memory=False, session="the session crashed", log=LOG)
    assert "the session crashed" in collect(tmp_path, finished=False)["h5"].reason


def test_a_record_outweighs_a_timeout_and_a_timeout_the_loss_of_the_process(tmp_path: Path) -> None:
    for path in ("h5", "json"):
        put(tmp_path, f"{path}.started.json", {"pid": 5})
        put(tmp_path, f"{path}.timeout.json", {"kind": "timeout", "reason": "Too long."})
    put(tmp_path, "worker-5.exit.json", {"pid": 5, "exitcode": -9})
    put(tmp_path, "h5.json", record("h5"))
    explain_losses(CELLS, tmp_path, while_running=False, out_of_memory=False, session="", log=LOG)
    cells = collect(tmp_path)
    assert cells["h5"].status == "pass"
    assert (cells["json"].status, cells["json"].kind) == ("error", "timeout")


def test_an_unavailable_release_says_why_for_each_of_its_cells(tmp_path: Path) -> None:
    planned = PlannedRelease(
        release=PLANNED.release,
        interpreter=None,
        cells=CELLS,
        lock_sha256="0" * 64,
        unavailable="No Python.",
        remedy="Install it.",
    )
    cells, undecided = collect_cells(planned, tmp_path / "absent", [], device="cpu", finished=False)
    assert not undecided
    assert {(cell.status, cell.reason, cell.remedy) for cell in cells} == {("unavailable", "No Python.", "Install it.")}
    assert release_result(planned, tmp_path / "absent").python is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
statuses = st.sampled_from(["pass", "regress", "inconclusive", "error", "not-applicable", "unavailable", "other"])
records = st.builds(
    lambda path, status, changes: record(path, status) | changes,
    st.sampled_from(PATHS),
    statuses,
    st.dictionaries(st.sampled_from(list(record("h5"))), json_values, max_size=2),
)
notes = st.fixed_dictionaries(
    {}, optional={"pid": json_values, "kind": json_values, "reason": json_values, "exitcode": json_values}
)
contents = st.one_of(records.map(json.dumps), notes.map(json.dumps), json_values.map(json.dumps), st.text(max_size=20))
names = st.builds(
    "{}{}.json".format,
    st.sampled_from([*PATHS, "worker-5", "facts", "vgg16"]),
    st.sampled_from(["", ".started", ".timeout", ".lost", ".exit"]),
)


@settings(deadline=None)
@given(files=st.dictionaries(names, contents, max_size=8), finished=st.booleans(), explained=st.booleans())
def test_any_files_give_each_planned_cell_exactly_once_and_valid_results(
    files: dict[str, str], finished: bool, explained: bool
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in files.items():
            put(folder, file, content)
        if explained:
            explain_losses(CELLS, folder, while_running=not finished, out_of_memory=False, session="x", log=LOG)
        cells, undecided = collect_cells(PLANNED, folder, [ATTEMPT], device="cpu", finished=finished)
        assert sorted([cell.id for cell in cells] + undecided) == sorted(CELLS)
        assert not (finished and undecided)
        for cell in cells:
            assert cell.status != "pass" or json.loads(files[f"{cell.id.subject}.json"])["status"] == "pass"
        results = Results(
            plan="0" * 64,
            complete=not undecided,
            host=Host.here(),
            releases={"tf1.1.1": release_result(PLANNED, folder)},
            cells=tuple(cells),
            undecided=tuple(undecided),
        )
        write_results(results, folder / "results.out")
        assert load_results(folder / "results.out") == results
