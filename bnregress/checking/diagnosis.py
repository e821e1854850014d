"""What an inspection comes to: a verdict, an exit code, and a document for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import bnregress
from bnregress.cells.identifiers import CellId
from bnregress.checking.inspector import Inspection
from bnregress.errors import ExitCode, FatalError, UsageError
from bnregress.judging.known.drift import hold_cell
from bnregress.judging.known.entries import Entry, find_entry, load_known
from bnregress.judging.measured import Measured
from bnregress.judging.remedies import remedy
from bnregress.reading.text import one_line, visible
from bnregress.releases.catalog import load_catalog
from bnregress.results.model import CellResult, CheckResult
from bnregress.suite import status
from bnregress.suite.inspection import verdicts
from bnregress.suite.paths import PATHS

#: Lines at the end of a traceback that are shown.
_DETAIL_LINES = 12

SCHEMA_NAME = "bnregress/check/1"

#: What a program reads beside the exit code.
WORDS = {
    ExitCode.EXPECTED: "sound",
    ExitCode.REGRESSION: "affected",
    ExitCode.NOTHING_TO_DO: "nothing-to-check",
    ExitCode.UNDECIDED: "undecided",
}


@dataclass(frozen=True, kw_only=True)
class EnvironmentDiagnosis:
    """Each loading path in this environment, held against the known regressions.

    `facts` are versions, interpreter and whether it is eager; `always_broken` the paths that are listed as known in
    every release; `quick` says that only the paths were tested that most people use.
    """

    facts: Mapping[str, Any]
    cells: tuple[CellResult, ...]
    always_broken: frozenset[str] = frozenset()
    quick: bool = False

    @property
    def exit_code(self) -> ExitCode:
        """Return the exit code of a run of these cells: 1 only for what is not listed as known."""
        if any(cell.unexpected for cell in self.cells):
            return ExitCode.REGRESSION
        if any(cell.undecided for cell in self.cells):
            return ExitCode.UNDECIDED
        return ExitCode.EXPECTED if self.sound or self.as_known else ExitCode.NOTHING_TO_DO

    @property
    def sound(self) -> tuple[CellResult, ...]:
        """Cells of paths on which a frozen BatchNorm stays frozen."""
        return tuple(cell for cell in self.cells if cell.status == status.PASS)

    @property
    def as_known(self) -> tuple[CellResult, ...]:
        """Cells that regress just as is listed."""
        return tuple(cell for cell in self.cells if cell.as_known)

    def to_json(self) -> dict[str, Any]:
        """Return the document of `--format json`."""
        left_out = ("id", "release", "variant", "device", "drift", "attempts", "peak_rss_bytes")
        paths = [{key: value for key, value in cell.to_json().items() if key not in left_out} for cell in self.cells]
        document = {**_head(self.facts, self.exit_code), "paths": paths}
        if self.exit_code is ExitCode.EXPECTED and self.as_known:
            document["verdict"] = "as-known"
        return document


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One BatchNorm of a person's model; `verdict` is a word of `bnregress.suite.inspection.verdicts`."""

    name: str
    class_: str
    frozen: bool
    verdict: str
    reason: str
    cure: str | None
    evidence: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ModelDiagnosis:
    """Each BatchNorm of a person's model.

    `warnings` come first: what is probably frozen in part by accident; `notes` explain; `unseen` says what could not
    be measured, and with it nothing is sound.
    """

    facts: Mapping[str, Any]
    target: str
    layers: tuple[Layer, ...]
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Sound only if all was measured; if no layer is frozen nothing was judged, which is no success."""
        found = {layer.verdict for layer in self.layers}
        if verdicts.AFFECTED in found:
            return ExitCode.REGRESSION
        if verdicts.UNDECIDED in found or self.unseen:
            return ExitCode.UNDECIDED
        return ExitCode.EXPECTED if verdicts.SOUND in found else ExitCode.NOTHING_TO_DO

    def to_json(self) -> dict[str, Any]:
        """Return the document of `--format json`."""
        layers = [{key.rstrip("_"): value for key, value in vars(layer).items()} for layer in self.layers]
        return {
            **_head(self.facts, self.exit_code),
            "model": self.target,
            "layers": layers,
            "warnings": list(self.warnings),
            "notes": list(self.notes),
            "unseen": list(self.unseen),
        }


def diagnose(
    inspection: Inspection, target: str | None, *, quick: bool = False
) -> EnvironmentDiagnosis | ModelDiagnosis:
    """Turn what was heard into an diagnosis.

    Args:
        inspection: what was heard.
        target: `MODULE:CALLABLE`, or None for loading paths.
        quick: of these, only those that most people use were inspected.

    Raises:
        UsageError: what was requested is wrong, as a module that does not import.
        FatalError: the inspection could not decide.
    """
    last = inspection.last
    if last["event"] == "problem":
        raise _problem(last)
    if target is None:
        known = load_known()
        cells = tuple(hold_cell(cell, find_entry(known, cell.id)) for cell in _cells(inspection))
        always_broken = _always_broken(cells, known)
        return EnvironmentDiagnosis(facts=inspection.facts, cells=cells, always_broken=always_broken, quick=quick)
    layers = tuple(
        Layer(class_=each["class"], **{k: v for k, v in each.items() if k not in ("class", "place")})
        for each in last["layers"]
    )
    sentences = {name: tuple(last.get(name, ())) for name in ("notes", "warnings", "unseen")}
    return ModelDiagnosis(facts=inspection.facts, target=target, layers=layers, **sentences)


def _always_broken(cells: Iterable[CellResult], known: Sequence[Entry]) -> frozenset[str]:
    """Return the paths whose regression is listed for every TensorFlow of a plain run, with the Keras of its own."""
    rows = load_catalog().items()
    releases = [release for release, row in rows if "default" in row.groups and "-keras" not in release]
    paths = {cell.id.path for cell in cells if cell.as_known}
    return frozenset(
        path
        for path in paths
        if all(find_entry(known, CellId(release=release, path=path)) is not None for release in releases)
    )


def _cells(inspection: Inspection) -> tuple[CellResult, ...]:
    release = _release(inspection.facts)
    device = "cpu"
    cells = [_cell(entry, release, device) for entry in inspection.paths]
    order, measured = tuple(load_catalog()), Measured(cells)
    return tuple(replace(cell, remedy=remedy(cell, measured, order, PATHS)) for cell in cells)


def _release(facts: Mapping[str, Any]) -> str:
    """Return the release of just these versions, for what is known is known of a Keras; else that of TensorFlow."""
    tensorflow, keras = (str(facts.get(name)).lower() for name in ("tensorflow", "keras"))
    if facts.get("tensorflow") is None:
        return "keras{}-{name}{version}".format(keras, **facts["engine"])
    alike = [row.id for row in load_catalog().values() if (row.tensorflow, row.keras) == (tensorflow, keras)]
    own = f"tf{tensorflow}"
    return own if own in alike or not alike else alike[0]


def _cell(entry: Mapping[str, Any], release: str, device: str) -> CellResult:
    told = ("name", "status", "reason", "evidence", "repro")
    checks = tuple(CheckResult(**{key: check[key] for key in told}) for check in entry["checks"])
    return CellResult(
        id=CellId(release=release, path=entry["path"]),
        device=device,
        status=entry["status"],
        kind=entry["kind"],
        reason=entry["reason"],
        checks=checks,
        seconds=entry["seconds"],
    )


def _problem(last: Mapping[str, Any]) -> FatalError:
    # It may hold whatever your own exception says.
    reason = one_line(str(last["reason"]))
    if last["kind"] == "usage":
        return UsageError(f"{reason[:1].upper()}{reason[1:]}")
    lines = str(last["detail"] or "").splitlines()[-_DETAIL_LINES:]
    return FatalError("\n".join([f"Could not decide: {reason}", *(f"    {visible(line)}" for line in lines)]))


def _head(facts: Mapping[str, Any], code: ExitCode) -> dict[str, Any]:
    return {
        "schema": SCHEMA_NAME,
        "bnregress": bnregress.__version__,
        "verdict": WORDS[code],
        "exit_code": int(code),
        "environment": dict(facts),
    }
