"""junit.xml: each cell a test case, for the readers that CI systems have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from bnregress.cells.identifiers import CellId
from bnregress.reading.text import clip, one_line
from bnregress.reports.markdown import json_lines
from bnregress.results.model import (
    DEFAULT_POLICY,
    KNOWN,
    MISSING,
    CellResult,
    CheckResult,
    Policy,
    ReleaseResult,
    Results,
)
from bnregress.suite import status

#: Characters of a message, which readers show on one line, and of one check's evidence or repro.
MESSAGE = 1_000
DETAIL = 8_000

#: What XML 1.0 cannot hold at all, not even as a reference: section 2.2, production Char.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: Statuses whose checks are told with evidence, unless the cell is as listed; results.json has that of the others.
_TELLING = (status.REGRESS, status.ERROR, status.INCONCLUSIVE)


def render_junit(results: Results, policy: Policy = DEFAULT_POLICY) -> str:
    """Return the document: a suite for each release, a case for each planned cell, those not decided as errors.

    Args:
        results: of a run.
        policy: what makes the run fail, and what leaves it undecided.
    """
    suites = []
    held = dict.fromkeys([*(cell.id.release for cell in results.cells), *(id.release for id in results.undecided)])
    for release in held:
        cells = [cell for cell in results.cells if cell.id.release == release]
        undecided = [id for id in results.undecided if id.release == release]
        suites.append(_suite(release, results.releases.get(release), cells, undecided, results.started, policy))
    root = ET.Element("testsuites", {"name": "bnregress", **_sums(suites)})
    root.extend(suites)
    ET.indent(root, " ")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def allowed(text: str) -> str:
    """Return the text with the replacement character for each one that XML 1.0 forbids."""
    return _FORBIDDEN.sub("\ufffd", text)


def _sums(suites: Sequence[ET.Element]) -> dict[str, str]:
    # Jenkins' schema knows no `skipped` of the whole.
    counted = [name for name in _COUNTED if name != "skipped"]
    counts = {name: str(sum(int(suite.get(name, "0")) for suite in suites)) for name in counted}
    return counts | {"time": f"{sum(float(suite.get('time', '0')) for suite in suites):.3f}"}


_COUNTED = ("tests", "failures", "errors", "skipped")


def _suite(
    name: str,
    release: ReleaseResult | None,
    cells: Sequence[CellResult],
    undecided: Sequence[CellId],
    when: str | None,
    policy: Policy,
) -> ET.Element:
    cases = [*(_case(cell, policy) for cell in cells), *map(_undecided, undecided)]
    tags = [child.tag for case in cases for child in case]
    counts = (len(cases), tags.count("failure"), tags.count("error"), tags.count("skipped"))
    suite = ET.Element("testsuite", {"name": allowed(name)})
    suite.attrib.update(zip(_COUNTED, map(str, counts), strict=True))
    suite.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.3f}")
    if when is not None:
        # The schemas of JUnit ask for local time without a zone; UTC is the one that all shards share.
        suite.set("timestamp", when.removesuffix("Z"))
    if release is not None:
        properties = ET.SubElement(suite, "properties")
        engine = {release.engine["name"]: release.engine["version"]} if release.engine else {}
        facts = {"tensorflow": release.tensorflow, **engine, "keras": release.keras, "python": release.ran_on}
        for key, value in facts.items():
            if value is not None:
                ET.SubElement(properties, "property", {"name": key, "value": allowed(value)})
    suite.extend(cases)
    return suite


def _new_case(id: CellId, seconds: float) -> ET.Element:
    return ET.Element(
        "testcase", {"classname": allowed(id.release), "name": allowed(id.subject), "time": f"{seconds:.3f}"}
    )


def _undecided(id: CellId) -> ET.Element:
    case = _new_case(id, 0.0)
    ET.SubElement(case, "error", {"type": "undecided", "message": "planned, but the run was interrupted before it"})
    return case


def _case(cell: CellResult, policy: Policy) -> ET.Element:
    case = _new_case(cell.id, sum((cell.seconds or {}).values()))
    message = allowed(clip(one_line(cell.reason), MESSAGE))
    if cell.unexpected:
        _result(case, "failure", f"regress-{cell.standing}", message, cell)
    elif policy.fails(cell):
        _result(case, "failure", f"drift-{cell.standing}", message, cell)
    elif cell.standing == MISSING:
        _result(case, "error", MISSING, message, cell)
    elif cell.standing == KNOWN:
        ET.SubElement(case, "skipped", {"type": KNOWN, "message": f"known regression: {message}"})
    elif cell.status == status.ERROR:
        _result(case, "error", cell.kind or status.ERROR, message, cell)
    elif cell.status == status.INCONCLUSIVE:
        _result(case, "error", status.INCONCLUSIVE, message, cell)
    elif policy.leaves_open(cell):
        _result(case, "error", cell.status, message, cell)
    elif cell.status != status.PASS:
        ET.SubElement(case, "skipped", {"type": cell.status, "message": f"{cell.status}: {message}"})
    evidence = "\n".join(_evidence(cell))
    if evidence:
        ET.SubElement(case, "system-out").text = allowed(evidence)
    return case


def _result(case: ET.Element, tag: str, kind: str, message: str, cell: CellResult) -> None:
    body = [cell.reason]
    if cell.remedy:
        body.append(f"Remedy: {cell.remedy}")
    for check in cell.checks:
        if check.status == status.REGRESS and check.repro:
            body.append(f"To see {check.name} fail without bnregress:\n\n{clip(check.repro, DETAIL)}")
            break
    ET.SubElement(case, tag, {"type": kind, "message": message}).text = allowed("\n\n".join(body))


def _evidence(cell: CellResult) -> Iterator[str]:
    if cell.standing not in (None, KNOWN):
        yield f"drift: {cell.standing}"
    if cell.status == status.PASS:
        # CI systems refuse large files, and of the cells that pass there are most.
        yield from (f"{each}: {', '.join(names)}" for each, names in _by_status(cell).items())
        return
    for check in cell.checks:
        yield f"{check.name}: {check.status}: {check.reason}"
        if cell.status in _TELLING and cell.standing != KNOWN and check.evidence:
            yield _cut(check)


def _by_status(cell: CellResult) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for check in cell.checks:
        found.setdefault(check.status, []).append(check.name)
    return found


def _cut(check: CheckResult) -> str:
    text = json_lines(check.evidence)
    return text if len(text) <= DETAIL else f"{text[:DETAIL]}\n... cut, whole in results.json"
