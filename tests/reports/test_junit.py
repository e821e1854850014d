"""junit.xml as CI systems read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bnregress.cells.identifiers import CellId
from bnregress.reports.junit import DETAIL, render_junit
from bnregress.results.model import CellResult, CheckResult, Host, Known, Results
from bnregress.suite.status import ERROR, SEVERITY

Make = Callable[..., Any]

KNOWN = Known(cells="*", checks=("oracle",), reason="r", remedy="d", source="https://x.org")

#: What junit-10.xsd, the schema of Jenkins' xUnit plugin, allows of that which is written here: attributes that must
#: be there, attributes that may, and children.
XUNIT: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"skipped", "time", "timestamp", "hostname"},
        {"properties", "testcase"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "testcase": ({"name", "classname"}, {"time"}, {"skipped", "failure", "error", "system-out"}),
    "skipped": (set(), {"message", "type"}, set()),
    "failure": (set(), {"message", "type"}, set()),
    "error": (set(), {"message", "type"}, set()),
    "system-out": (set(), set(), set()),
}


def read(results: Results) -> ET.Element:
    root = ET.fromstring(render_junit(results).encode())  # noqa: S314
    for element in root.iter():
        required, optional, children = XUNIT[element.tag]
        assert required <= set(element.attrib) <= required | optional, element.tag
        assert {child.tag for child in element} <= children, element.tag
    return root


def case(results: Results, subject: str) -> ET.Element:
    found = read(results).find(f".//testcase[@name='{subject}']")
    assert found is not None
    return found


def outcome(results: Results, subject: str) -> ET.Element | None:
    return next((child for child in case(results, subject) if child.tag != "system-out"), None)


def test_a_cell_of_a_real_run_is_a_case_with_evidence(real: Results) -> None:
    found = case(real, "tf-keras-applications")
    assert found.get("classname") == "tf2.1.0"
    assert float(found.get("time", "0")) > 1
    evidence = found.findtext("system-out") or ""
    assert "mode-parity: regress: frozen BatchNorm normalises with the batch's own statistics" in evidence
    assert '"deviating": 53' in evidence


def test_of_a_cell_that_passes_or_is_as_listed_no_evidence_is_told(results: Make, cell: Make) -> None:
    checks = tuple(
        CheckResult(name=name, status=status, reason="because", evidence={"a": "much"})
        for name, status in (("oracle", "pass"), ("mode-parity", "not-applicable"), ("late-step", "pass"))
    )
    passed = case(results(cell("tf2.1.0/h5", checks=checks)), "h5").findtext("system-out")
    assert passed == "pass: oracle, late-step\nnot-applicable: mode-parity"
    regressing = (replace(checks[0], status="regress"),)
    listed = case(results(cell("tf2.1.0/h5", "regress", known=KNOWN, checks=regressing)), "h5").findtext("system-out")
    assert listed == "oracle: regress: because"


def test_counts_agree_with_the_cases(real: Results) -> None:
    root = read(real)
    assert [suite.get("name") for suite in root] == ["tf2.1.0", "tf2.1.1", "tf2.21.0"]
    for element in (root, *root):
        tags = Counter(child.tag for found in element.iter("testcase") for child in found)
        expected = [len(list(element.iter("testcase"))), tags["failure"], tags["error"]]
        assert [int(element.get(name, "-1")) for name in ("tests", "failures", "errors")] == expected
    assert [suite.get("failures") for suite in root] == ["2", "0", "0"]
    assert [suite.get("skipped") for suite in root] == ["0", "0", "1"]


def test_a_known_regression_is_skipped_with_its_reason(results: Make, cell: Make) -> None:
    found = outcome(results(cell("tf2.1.0/h5", "regress", "off by 16", known=KNOWN)), "h5")
    assert found is not None
    assert (found.tag, found.get("message")) == ("skipped", "known regression: off by 16")


@pytest.mark.parametrize(
    ("drift", "known", "kind"), [("new", None, "new"), ("different", KNOWN, "different"), (None, None, "new")]
)
def test_what_is_not_known_fails_with_reason_remedy_and_repro(
    results: Make, cell: Make, drift: str | None, known: Known | None, kind: str
) -> None:
    check = CheckResult(name="oracle", status="regress", reason="r", repro="import tensorflow")
    broken = cell("tf2.1.0/h5", "regress", "off by 16", drift=drift, known=known, remedy="Take it.", checks=(check,))
    found = outcome(results(broken), "h5")
    assert found is not None
    assert (found.tag, found.get("type")) == ("failure", f"regress-{kind}")
    assert "off by 16" in (found.text or "")
    assert "Take it." in (found.text or "")
    assert "import tensorflow" in (found.text or "")


@pytest.mark.parametrize(
    ("changes", "tag", "kind"),
    [
        ({"status": "error", "kind": "timeout"}, "error", "timeout"),
        ({"status": "inconclusive"}, "error", "inconclusive"),
        ({"status": "not-applicable"}, "skipped", "not-applicable"),
        ({"status": "unavailable"}, "error", "unavailable"),
        ({"status": "unavailable", "drift": "missing"}, "error", "missing"),
    ],
)
def test_what_does_not_pass_is_never_green(
    results: Make, cell: Make, changes: dict[str, str], tag: str, kind: str
) -> None:
    found = outcome(results(cell("tf2.1.0/h5", **changes)), "h5")
    assert found is not None
    assert (found.tag, found.get("type")) == (tag, kind)


def test_a_pass_has_no_result_and_tells_a_cure_of_what_was_known(results: Make, cell: Make) -> None:
    fixed = results(cell("tf2.1.0/h5", drift="fixed"))
    assert outcome(fixed, "h5") is None
    assert case(fixed, "h5").findtext("system-out") == "drift: fixed"


def test_planned_cells_that_an_interrupt_left_are_errors(results: Make, cell: Make) -> None:
    found = outcome(results(cell("tf2.1.0/h5"), undecided=("tf2.2.3/json",)), "json")
    assert found is not None
    assert (found.tag, found.get("type")) == ("error", "undecided")


def test_evidence_that_is_cut_says_where_the_whole_is(results: Make, cell: Make) -> None:
    check = CheckResult(name="oracle", status="regress", reason="r", evidence={"a": "x" * 100_000})
    said = case(results(cell("tf2.1.0/h5", "regress", checks=(check,))), "h5").findtext("system-out") or ""
    assert len(said) < DETAIL + 200
    assert said.endswith("cut, whole in results.json")


def test_the_start_of_the_run_is_the_time_of_each_suite(real: Results) -> None:
    suites = read(replace(real, started="2026-11-24T12:43:07Z"))
    assert {suite.get("timestamp") for suite in suites} == {"2026-11-24T12:43:07"}


@settings(deadline=None)
@given(st.text(), st.text(), st.sampled_from(SEVERITY))
def test_any_text_gives_xml_that_is_read_back(reason: str, evidence: str, status: str) -> None:
    check = CheckResult(name="oracle", status=status, reason=reason, evidence={"a": evidence}, repro=evidence)
    cell = CellResult(
        id=CellId(release="tf2.1.0", path="h5"),
        device="cpu",
        status=status,
        kind="crash" if status == ERROR else None,
        reason=reason,
        drift="new",
        checks=(check,),
    )
    results = Results(plan="0" * 64, complete=True, host=Host.here(), releases={}, cells=(cell,))
    assert len(list(read(results).iter("testcase"))) == 1


def test_characters_that_xml_forbids_are_replaced(results: Make, cell: Make) -> None:
    found = outcome(results(cell("tf2.1.0/h5", "error", "a\x00b\x1b[31m\ud800\ufffe", kind="crash")), "h5")
    assert found is not None
    assert found.text == "a\ufffdb\ufffd[31m\ufffd\ufffd"
