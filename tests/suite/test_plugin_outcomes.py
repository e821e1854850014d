"""What the suite writes and says of cells that end in every way a cell can, all in one run of two workers."""

from __future__ import annotations

import signal

import pytest

from tests.suite.fakesuite import SuiteRun, make_fake_suite, strict_json

DECIDED = {
    "sound": "pass",
    "sound@freeze=model": "pass",
    "also-sound@freeze=model": "pass",
    "regresses": "regress",
    "inconclusive": "inconclusive",
    "not-a-finding": "error",
    "odd-evidence": "pass",
    "build-raises": "error",
    "build-sysexit": "error",
    "build-exhaust": "error",
    "check-raises": "error",
    "check-sysexit": "error",
    "check-exhaust": "error",
    "absent": "not-applicable",
    "sound@nonsense": "error",
    "also-sound": "pass",
    "last-sound": "pass",
}
LOST = {
    "build-exit": 1,
    "build-sigkill": -signal.SIGKILL,
    "build-sigsegv": -signal.SIGSEGV,
    "build-abort": -signal.SIGABRT,
    "check-exit": 1,
    "check-sigkill": -signal.SIGKILL,
    "check-sigsegv": -signal.SIGSEGV,
    "check-abort": -signal.SIGABRT,
}


def _mixed() -> list[str]:
    lost, decided = list(LOST), list(DECIDED)
    pairs = [subject for pair in zip(lost, decided, strict=False) for subject in pair]
    return [*pairs, *decided[len(lost) :]]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> SuiteRun:
    suite = make_fake_suite(tmp_path_factory.mktemp("outcomes"))
    return suite.run("-n", "2", "--dist", "loadgroup", "--max-worker-restart", "50", subjects=_mixed())


@pytest.mark.parametrize(("subject", "status"), DECIDED.items())
def test_a_cell_that_comes_to_its_end_has_a_record_with_its_status(
    outcome: SuiteRun, subject: str, status: str
) -> None:
    record = outcome.record(subject)
    assert record is not None, outcome.output
    assert record["status"] == status
    assert (record["kind"] is not None) == (status == "error")


@pytest.mark.parametrize(("subject", "exit_code"), LOST.items())
def test_a_cell_lost_with_its_process_has_no_record_and_the_exit_is_explained(
    outcome: SuiteRun, subject: str, exit_code: int
) -> None:
    assert outcome.record(subject) is None
    assert outcome.exit_code_of(subject) == exit_code
    assert outcome.started(subject)["check"] == ("second" if subject.startswith("check-") else None)


def test_nothing_is_decided_beside_what_was_asked_for(outcome: SuiteRun) -> None:
    names = {path.name for path in outcome.records.iterdir()}
    records = {
        name for name in names if not name.endswith((".started.json", ".txt")) and not name.startswith("worker-")
    }
    assert records == {f"{subject}.json" for subject in DECIDED} | {"facts.json"}


def test_every_file_is_strict_json(outcome: SuiteRun) -> None:
    for path in outcome.records.glob("*.json"):
        strict_json(path)


def test_a_cell_is_decided_by_one_worker_and_each_check_runs_once(outcome: SuiteRun) -> None:
    rows = outcome.trace("check")
    asked = [tuple(row[:3]) for row in rows]
    assert len(asked) == len(set(asked))
    for behaviour, variant in {(row[0], row[1]) for row in rows}:
        assert len({row[3] for row in rows if (row[0], row[1]) == (behaviour, variant)}) == 1
    assert len({row[3] for row in rows}) >= 2


def test_a_regression_is_told_by_the_reason_of_its_check(outcome: SuiteRun) -> None:
    record = outcome.record("regresses")
    assert record is not None
    assert record["reason"] == "it normalises with the batch"
    assert [(check["name"], check["status"]) for check in record["checks"]] == [
        ("first", "pass"),
        ("second", "regress"),
        ("third", "pass"),
    ]
    assert record["checks"][1]["evidence"] == {"layers": 53}
    assert "regress: it normalises with the batch" in outcome.output
    assert "test_cells.py:" not in outcome.output.split("FAILURES")[-1].split("test_cell[regresses/second]")[1][:200]


def test_a_check_that_raises_is_an_error_and_the_others_still_run(outcome: SuiteRun) -> None:
    record = outcome.record("check-raises")
    assert record is not None
    assert record["kind"] == "crash"
    assert record["reason"] == "the check second raised KeyError: 'momentum'"
    assert [check["status"] for check in record["checks"]] == ["pass", "error", "pass"]
    assert "KeyError" in record["checks"][1]["traceback"]


def test_a_path_that_raises_while_it_is_built_is_an_error_with_its_traceback(outcome: SuiteRun) -> None:
    record = outcome.record("build-raises")
    assert record is not None
    assert record["reason"] == "building the path raised ValueError: no such layer"
    assert "_build_raises" in record["traceback"]
    assert record["checks"] == []


@pytest.mark.parametrize("subject", ["build-exhaust", "check-exhaust"])
def test_memory_that_runs_out_is_told_apart(outcome: SuiteRun, subject: str) -> None:
    record = outcome.record(subject)
    assert record is not None
    assert record["kind"] == "oom"


def test_what_is_no_finding_is_an_error(outcome: SuiteRun) -> None:
    record = outcome.record("not-a-finding")
    assert record is not None
    assert "which is not a Finding" in record["reason"]


def test_a_path_that_the_release_lacks_is_not_applicable_in_every_check(outcome: SuiteRun) -> None:
    record = outcome.record("absent")
    assert record is not None
    assert record["reason"] == "this release has no such path"
    assert {check["status"] for check in record["checks"]} == {"not-applicable"}
    assert len(record["checks"]) == 3


def test_evidence_becomes_plain_json(outcome: SuiteRun) -> None:
    record = outcome.record("odd-evidence")
    assert record is not None
    assert record["checks"][1]["evidence"] == {
        "scalar": 0.5,
        "count": 3,
        "flag": True,
        "nan": "nan",
        "inf": "inf",
        "array": [[1.0, "-inf"]],
        "tuple": [1, 2.5],
        "text": "café \\udcff",
        "none": None,
        "object": "(1+2j)",
    }


def test_a_record_says_what_the_cell_cost(outcome: SuiteRun) -> None:
    record = outcome.record("sound")
    assert record is not None
    assert set(record["seconds"]) == {"build", "checks"}
    assert record["peak_rss_bytes"] > 2**20


def test_each_worker_leads_a_process_group_and_imports_the_framework_once(outcome: SuiteRun) -> None:
    imports = [int(row[0]) for row in outcome.trace("import")]
    assert len(imports) == len(set(imports)) > len(LOST)
    for pid in imports:
        worker = strict_json(outcome.records / f"worker-{pid}.json")
        assert worker["pid"] == worker["pgid"] == pid
        assert worker["framework"] == "loaded"


def test_workers_that_ended_as_told_have_no_exit_file(outcome: SuiteRun) -> None:
    assert len(list(outcome.records.glob("worker-*.exit.json"))) == len(LOST)


def test_a_crash_leaves_the_stack_it_happened_in(outcome: SuiteRun) -> None:
    stacks = (outcome.records / f"worker-{outcome.started('check-sigsegv')['pid']}.stacks.txt").read_text()
    assert "Segmentation fault" in stacks
    assert "_segfault" in stacks


def test_the_first_worker_leaves_the_facts(outcome: SuiteRun) -> None:
    assert strict_json(outcome.records / "facts.json") == {"tensorflow": "0.0.0", "python": "fake"}
