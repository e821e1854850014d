"""results.json: what is written is what is read, and what does not fit is refused with its place."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bnregress.cells.identifiers import CellId
from bnregress.errors import ExitCode, UsageError
from bnregress.results.file import load_results, results_schema, write_results
from bnregress.results.model import (
    DRIFTS,
    FAIL_ON,
    Attempt,
    CellResult,
    CheckResult,
    Host,
    Known,
    Policy,
    ReleaseResult,
    Results,
    earliest_start,
    exit_code,
    timestamp,
)

STATUSES = ("pass", "regress", "inconclusive", "error", "not-applicable", "unavailable")


def cell(status: str = "regress", path: str = "h5", **changes: Any) -> CellResult:
    values: dict[str, Any] = {
        "id": CellId(release="tf2.1.0", path=path),
        "device": "cpu",
        "status": status,
        "kind": "crash" if status == "error" else None,
        "reason": "Because.",
        "remedy": "Do.",
        "checks": (
            CheckResult(name="mode-parity", status="regress", reason="r", evidence={"max_abs": 1.5}, repro="x"),
        ),
        "seconds": {"build": 1.0, "checks": 0.5},
        "peak_rss_bytes": 7,
        "attempts": (Attempt(number=1, outcome="decided"),),
    }
    return CellResult(**values | changes)


def results(*cells: CellResult, complete: bool = True, undecided: tuple[CellId, ...] = ()) -> Results:
    release = ReleaseResult(
        tensorflow="2.1.0",
        keras="2.2.4-tf",
        python="3.7.16",
        lock_sha256="1" * 64,
        packages={"numpy": "1.18"},
        device={"kind": "cpu", "name": "x"},
    )
    return Results(
        plan="0" * 64,
        complete=complete,
        host=Host.here(),
        releases={"tf2.1.0": release},
        cells=cells,
        undecided=undecided,
    )


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    written = results(
        cell(id=CellId(release="tf2.1.0", path="h5", variant="freeze=model,wrap=functional")),
        cell("error"),
        complete=False,
        undecided=(CellId(release="tf2.1.0", path="json"),),
    )
    write_results(written, tmp_path / "results.json")
    assert load_results(tmp_path / "results.json") == written
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]


def test_a_file_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    """It had the cells of the whole plan in every shard, and no identity."""
    write_results(results(cell()), tmp_path / "results.json")
    value = json.loads((tmp_path / "results.json").read_bytes())
    for name in ("run", "asked", "places"):
        value.pop(name, None)
    (tmp_path / "results.json").write_text(json.dumps(value | {"planned": None}), encoding="utf-8")
    assert load_results(tmp_path / "results.json").cells == (cell(),)


def test_the_file_has_the_shape_of_the_contract(tmp_path: Path) -> None:
    write_results(results(cell()), tmp_path / "results.json")
    value = json.loads((tmp_path / "results.json").read_bytes())
    assert (value["schema"], value["cells"][0]["id"], value["cells"][0]["variant"]) == (
        "bnregress/results/1",
        "tf2.1.0/h5",
        "default",
    )
    assert value["releases"]["tf2.1.0"]["python"] == "3.7.16"


def test_results_that_do_not_fit_are_not_written_over_good_ones(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write_results(results(cell()), path)
    before = path.read_bytes()
    for bad in (
        cell("pass", kind="crash"),
        cell(status="fine"),
        cell(checks=(CheckResult(name="c", status="pass", reason="r", evidence={"x": float("nan")}),)),
    ):
        with pytest.raises(ValueError):
            write_results(results(bad), path)
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(results_schema())


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    value = results(cell()).to_json()
    change(value)
    return json.dumps(value)


BAD = {
    "not json": ("{", "not a JSON file"),
    "empty": ("", "not a JSON file"),
    "bytes": ("\x00\x01", "not a JSON file"),
    "NaN": (
        changed(lambda v: v["cells"][0]["checks"][0].update(evidence={"x": float("nan")})),
        "NaN is not a JSON number",
    ),
    "array": ("[]", "holds no JSON object"),
    "deep": ("[" * 200_000 + "]" * 200_000, "nested deeper"),
    "deep evidence": (
        changed(lambda v: v["cells"][0]["checks"][0].update(evidence={"x": json.loads("[" * 100 + "]" * 100)})),
        "nested deeper",
    ),
    "another schema": (changed(lambda v: v.update(schema="bnregress/results/2")), r"at \$.schema"),
    "unknown field": (changed(lambda v: v["cells"][0].update(extra=1)), r"at \$.cells\[0\].*extra"),
    "missing field": (changed(lambda v: v["cells"][0].pop("reason")), "reason"),
    "unknown status": (changed(lambda v: v["cells"][0].update(status="ok")), r"at \$.cells\[0\].status"),
    "error without kind": (changed(lambda v: v["cells"][0].update(status="error")), r"at \$.cells\[0\].kind"),
    "kind without error": (changed(lambda v: v["cells"][0].update(kind="oom")), r"at \$.cells\[0\].kind"),
    "id of another cell": (changed(lambda v: v["cells"][0].update(path="json")), "not the id of its release"),
    "unknown release": (changed(lambda v: v.update(releases={})), "not among the releases"),
    "cell twice": (changed(lambda v: v["cells"].append(v["cells"][0])), "listed 2 times"),
    "decided and undecided": (changed(lambda v: v.update(complete=False, undecided=["tf2.1.0/h5"])), "listed 2 times"),
    "complete with undecided": (changed(lambda v: v.update(undecided=["tf2.1.0/json"])), "complete results"),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD.keys())
def test_a_file_that_does_not_fit_is_refused_with_the_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message) as caught:
        load_results(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.json", tmp_path):
        with pytest.raises(UsageError, match="cannot be read"):
            load_results(path)


@pytest.mark.parametrize(
    ("statuses", "complete", "code"),
    [
        (["pass", "not-applicable"], True, ExitCode.EXPECTED),
        (["pass", "regress", "error", "inconclusive"], True, ExitCode.REGRESSION),
        (["regress"], False, ExitCode.REGRESSION),
        (["pass", "error"], True, ExitCode.UNDECIDED),
        (["pass", "inconclusive"], True, ExitCode.UNDECIDED),
        (["pass"], False, ExitCode.UNDECIDED),
        (["pass", "unavailable"], True, ExitCode.UNDECIDED),
        (["unavailable", "not-applicable"], True, ExitCode.UNDECIDED),
        (["not-applicable"], True, ExitCode.NOTHING_TO_DO),
        ([], True, ExitCode.NOTHING_TO_DO),
    ],
)
def test_the_exit_code_follows_from_the_statuses(statuses: list[str], complete: bool, code: ExitCode) -> None:
    cells = [cell(status, path=f"p{index}") for index, status in enumerate(statuses)]
    assert exit_code(results(*cells, complete=complete)) == code


@given(statuses=st.lists(st.sampled_from(STATUSES)), complete=st.booleans())
def test_success_needs_a_pass_and_nothing_worse(statuses: list[str], complete: bool) -> None:
    code = exit_code(results(*(cell(status, path=f"p{i}") for i, status in enumerate(statuses)), complete=complete))
    assert (code == ExitCode.EXPECTED) == (
        complete and "pass" in statuses and not {"regress", "error", "inconclusive", "unavailable"} & set(statuses)
    )
    assert (code == ExitCode.REGRESSION) == ("regress" in statuses)
    assert (
        exit_code(results(*(cell(s, path=f"p{i}") for i, s in enumerate(reversed(statuses))), complete=complete))
        == code
    )


@given(statuses=st.lists(st.sampled_from(STATUSES)), complete=st.booleans())
def test_with_require_tried_what_is_unavailable_counts_as_if_it_was_not_there(
    statuses: list[str], complete: bool
) -> None:
    cells = [cell(status, path=f"p{index}") for index, status in enumerate(statuses)]
    tried = [each for each in cells if each.status != "unavailable"]
    code = exit_code(results(*cells, complete=complete), Policy(require="tried"))
    assert code == exit_code(results(*tried, complete=complete))


KNOWN = Known(cells="*/h5", checks=("mode-parity",), reason="r", remedy="d", source="https://x")
UNKNOWN_OR_KNOWN = st.sampled_from([None, KNOWN])


def held(status: str, drift: str | None, known: Known | None, path: str, checks: tuple[str, ...] = ()) -> CellResult:
    decided = tuple(CheckResult(name="mode-parity", status=word, reason="r") for word in checks)
    return cell(status, path=path, drift=drift, known=known, checks=decided)


@pytest.mark.parametrize(
    ("status", "drift", "known", "codes"),
    [
        ("regress", None, KNOWN, (0, 0, 0)),
        ("regress", None, None, (1, 1, 0)),
        ("regress", "new", None, (1, 1, 0)),
        ("regress", "different", KNOWN, (1, 1, 0)),
        ("pass", "fixed", KNOWN, (0, 1, 0)),
        ("not-applicable", "missing", KNOWN, (3, 1, 3)),
        ("error", "missing", KNOWN, (4, 1, 4)),
        ("inconclusive", None, None, (4, 4, 4)),
    ],
)
def test_what_is_known_is_no_failure_and_what_is_open_is_never_green(
    status: str, drift: str | None, known: Known | None, codes: tuple[int, int, int]
) -> None:
    judged = results(held(status, drift, known, "h5"))
    assert tuple(exit_code(judged, Policy(fail_on=fail_on)) for fail_on in ("regression", "drift", "never")) == codes


def test_a_known_regression_of_which_a_check_is_open_is_not_green() -> None:
    assert exit_code(results(held("regress", None, KNOWN, "h5", ("regress", "error")))) == ExitCode.UNDECIDED


def test_what_is_known_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    before = results(cell(known=KNOWN), cell("pass", path="json", known=KNOWN, drift="fixed", checks=()))
    write_results(before, path)
    assert load_results(path) == before


@given(
    cells=st.lists(st.tuples(st.sampled_from(STATUSES), st.sampled_from([None, *DRIFTS]), UNKNOWN_OR_KNOWN)),
    complete=st.booleans(),
    fail_on=st.sampled_from(sorted(FAIL_ON)),
)
def test_the_exit_code_follows_from_statuses_and_drift_in_any_order(
    cells: list[tuple[str, str | None, Known | None]], complete: bool, fail_on: str
) -> None:
    given_cells = [held(*values, f"p{index}") for index, values in enumerate(cells)]
    code = exit_code(results(*given_cells, complete=complete), Policy(fail_on=fail_on))
    assert code == exit_code(results(*reversed(given_cells), complete=complete), Policy(fail_on=fail_on))
    open_ones = {"error", "inconclusive"} & {status for status, _, _ in cells}
    if code == ExitCode.EXPECTED:
        assert complete
        assert not open_ones
        assert {"pass", "regress"} & {status for status, _, _ in cells}
        if fail_on != "never":
            assert all(
                status != "regress" or (known and drift in (None, "fixed", "missing")) for status, drift, known in cells
            )
    if fail_on == "never":
        assert code != ExitCode.REGRESSION
    if fail_on == "drift":
        # Of what does not regress, `new` is a refusal, which leaves the run undecided.
        drifting = [drift for status, drift, _ in cells if status == "regress" or drift != "new"]
        assert (code == ExitCode.REGRESSION) >= any(drifting)
    assert exit_code(results(complete=complete), Policy(fail_on=fail_on)) in (
        ExitCode.UNDECIDED,
        ExitCode.NOTHING_TO_DO,
    )


def test_the_start_is_told_in_utc_and_is_read_back(tmp_path: Path) -> None:
    moment = datetime(2026, 11, 24, 1, 30, 7, tzinfo=timezone(timedelta(hours=2)))
    begun = replace(results(cell()), started=timestamp(moment))
    write_results(begun, tmp_path / "results.json")
    assert begun.started == "2026-11-23T23:30:07Z"
    assert load_results(tmp_path / "results.json") == begun


def test_results_from_before_the_start_was_kept_are_read(tmp_path: Path) -> None:
    value = results(cell()).to_json()
    del value["started"]
    (tmp_path / "results.json").write_text(json.dumps(value), encoding="utf-8")
    assert load_results(tmp_path / "results.json").started is None


@pytest.mark.parametrize(
    "started", [7, "", "yesterday", "2026-11-24", "2026-11-24T01:02:03+02:00", "2026-13-01T00:00:00Z"]
)
def test_a_start_that_is_none_is_refused(tmp_path: Path, started: object) -> None:
    value = results(cell()).to_json() | {"started": started}
    (tmp_path / "results.json").write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(UsageError, match="started"):
        load_results(tmp_path / "results.json")


def test_of_several_runs_the_earliest_start_counts() -> None:
    runs = [replace(results(cell()), started=when) for when in (None, "2026-11-24T10:00:00Z", "2026-11-24T09:59:59Z")]
    assert earliest_start(runs) == "2026-11-24T09:59:59Z"
    assert earliest_start(runs[:1]) is None
