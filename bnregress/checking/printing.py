"""What `bnregress check` found, on the terminal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from bnregress.checking.diagnosis import EnvironmentDiagnosis, Layer, ModelDiagnosis
from bnregress.errors import ExitCode
from bnregress.judging.grouping import group_cells, merge_figures
from bnregress.reading.text import count, one_line
from bnregress.reports.indent import print_indented
from bnregress.reports.style import LOOKS
from bnregress.reports.terminal import print_section
from bnregress.results.model import CellResult
from bnregress.suite import status
from bnregress.suite.engines import TITLES
from bnregress.suite.inspection import verdicts
from bnregress.suite.paths import PATHS
from bnregress.suite.wording import listed

_SECTIONS = (status.REGRESS, status.ERROR, status.INCONCLUSIVE, status.NOT_APPLICABLE)
_HEADINGS = {
    verdicts.AFFECTED: "Do not behave as frozen",
    verdicts.UNDECIDED: "Could not be decided",
    verdicts.NOT_FROZEN: "Not frozen, for your information",
    verdicts.SOUND: "Behave as frozen",
}
#: Layers of one group that are named if nothing is wrong with them.
_NAMED = 6
_NUMBER = re.compile(r"\d[\d.]*(e[+-]?\d+)?")
_STYLES = {
    ExitCode.EXPECTED: ("PASS", "bold white on green"),
    ExitCode.REGRESSION: ("AFFECTED", LOOKS[status.REGRESS].style),
    ExitCode.UNDECIDED: ("CANNOT TELL", LOOKS[status.ERROR].style),
    ExitCode.NOTHING_TO_DO: ("NOTHING TO CHECK", LOOKS[status.INCONCLUSIVE].style),
}


def print_diagnosis(console: Console, diagnosis: EnvironmentDiagnosis | ModelDiagnosis) -> None:
    """Print what was tested, what came out, why, what cures it, and the verdict last."""
    console.print(Text(environment_line(diagnosis.facts), style="bold"), soft_wrap=True)
    if isinstance(diagnosis, EnvironmentDiagnosis):
        sentence = _print_environment(console, diagnosis)
    else:
        sentence = _print_model(console, diagnosis)
    word, style = _STYLES[diagnosis.exit_code]
    if isinstance(diagnosis, EnvironmentDiagnosis) and diagnosis.exit_code is ExitCode.EXPECTED and diagnosis.as_known:
        # Broken as listed is what was expected, and yet nothing to see in green.
        word, style = "AS KNOWN", LOOKS[status.INCONCLUSIVE].style
    console.print()
    console.print(Text.assemble((f" {word} ", style), " ", sentence))


def environment_line(facts: Mapping[str, Any]) -> str:
    """Return what was inspected: `TensorFlow 2.1.0, Keras 2.2.4-tf, Python 3.7.16, /venv/bin/python`."""
    mode = "" if facts["eager"] else ", graph mode"
    engine = facts.get("engine") or {"name": "tensorflow", "version": facts["tensorflow"]}
    versions = f"{TITLES[engine['name']]} {engine['version']}{mode}, Keras {facts['keras'] or 'of an unknown version'}"
    device = facts.get("device", {})
    on = f", on the GPU {device.get('name')}" if device.get("kind") == "gpu" else ""
    return one_line(f"{versions}, Python {facts['python']}, {facts['executable']}{on}")


def _print_environment(console: Console, diagnosis: EnvironmentDiagnosis) -> str:
    width = max(len(cell.id.path) for cell in diagnosis.cells) if diagnosis.cells else 0
    console.print()
    console.print(Text(_overview(diagnosis)), soft_wrap=True)
    console.print()
    for cell in diagnosis.cells:
        look = LOOKS[cell.status]
        line = Text.assemble("  ", (look.word.ljust(8), look.style), f" {cell.id.path.ljust(width)}  ")
        line.append(PATHS[cell.id.path].summary if cell.id.path in PATHS else "", style="dim")
        console.print(line, no_wrap=True, overflow="ellipsis")
    for wanted in _SECTIONS:
        groups = group_cells(cell for cell in diagnosis.cells if cell.status == wanted and not cell.as_known)
        if groups:
            print_section(console, wanted, groups, [cell.id.subject for cell in diagnosis.cells])
    _print_known(console, diagnosis)
    return _environment_sentence(diagnosis)


def _overview(diagnosis: EnvironmentDiagnosis) -> str:
    decided = len(diagnosis.sound) + sum(cell.status == status.REGRESS for cell in diagnosis.cells)
    always = [cell.id.path for cell in diagnosis.as_known if cell.id.path in diagnosis.always_broken]
    which = " that most people use" if diagnosis.quick else ""
    said = f"{_this(diagnosis.facts)} is sound on {len(diagnosis.sound)} of {count(decided, 'loading path')}{which}."
    return f"{said} Broken in every release: {', '.join(always)}." if always else said


def _print_known(console: Console, diagnosis: EnvironmentDiagnosis) -> None:
    """Print what regresses as listed, each entry of the list once."""
    entries: dict[str, list[CellResult]] = {}
    for cell in diagnosis.as_known:
        if cell.known is not None:
            entries.setdefault(cell.known.cells, []).append(cell)
    if not entries:
        return
    console.print()
    console.print(Text(f"Known regressions ({len(diagnosis.as_known)})", style="bold"))
    for cells in entries.values():
        known = cells[0].known
        if known is not None:
            print_indented(console, Text(", ".join(cell.id.path for cell in cells), style="bold"), 2)
            print_indented(console, Text(one_line(known.reason)), 4)
            print_indented(console, Text.assemble(("remedy: ", "bold green"), one_line(known.remedy)), 4)
            print_indented(console, Text(one_line(known.source), style="dim"), 4)


def _environment_sentence(diagnosis: EnvironmentDiagnosis) -> str:
    this = _this(diagnosis.facts)
    having = {wanted: [cell.id.path for cell in diagnosis.cells if cell.status == wanted] for wanted in LOOKS}
    if broken := [cell.id.path for cell in diagnosis.cells if cell.unexpected]:
        return f"{this} breaks a frozen BatchNorm unexpectedly on {', '.join(broken)}."
    if diagnosis.exit_code is ExitCode.UNDECIDED:
        unsure = having[status.ERROR] + having[status.INCONCLUSIVE]
        return f"{', '.join(unsure)} could not be decided; there are no unexpected regressions."
    if diagnosis.exit_code is ExitCode.NOTHING_TO_DO:
        return f"No loading path exists in {this[0].lower()}{this[1:]}."
    if diagnosis.as_known:
        known = ", ".join(cell.id.path for cell in diagnosis.as_known)
        others = "no other of these paths" if diagnosis.quick else "no other path"
        return (
            f"As known: {this[0].lower()}{this[1:]} breaks a frozen BatchNorm on {known} and on {others}. Avoid these."
        )
    paths = count(len(having[status.PASS]), "path")
    tested = f"{paths} of {this[0].lower()}{this[1:]}" + (" that most people use" if diagnosis.quick else "")
    return f"A frozen BatchNorm stays frozen on the {tested}."


def _this(facts: Mapping[str, Any]) -> str:
    """Return what is broken or sound, as a sentence begins with it."""
    engine = facts.get("engine") or {"name": "tensorflow"}
    return "This TensorFlow" if engine["name"] == "tensorflow" else f"This Keras on {TITLES[engine['name']]}"


def _print_model(console: Console, diagnosis: ModelDiagnosis) -> str:
    _print_sentences(console, "Warning", diagnosis.warnings)
    for verdict, heading in _HEADINGS.items():
        layers = [layer for layer in diagnosis.layers if layer.verdict == verdict]
        if layers:
            console.print()
            console.print(Text(f"{heading} ({len(layers)})", style="bold"))
            for alike in _groups(layers):
                _print_group(console, alike, every_name=verdict in (verdicts.AFFECTED, verdicts.UNDECIDED))
    _print_sentences(console, "Could not be measured", diagnosis.unseen)
    _print_sentences(console, "Notes", diagnosis.notes)
    return _model_sentence(diagnosis)


def _print_sentences(console: Console, heading: str, sentences: Sequence[str]) -> None:
    if sentences:
        console.print()
        console.print(Text(heading, style="bold"))
        for sentence in sentences:
            print_indented(console, Text(one_line(sentence)), 2)


def _print_group(console: Console, alike: Sequence[Layer], *, every_name: bool) -> None:
    names = [one_line(layer.name) for layer in alike]
    shown = ", ".join(names) if every_name else listed(names, most=_NAMED)
    print_indented(console, Text(shown, style="bold" if every_name else ""), 2)
    print_indented(console, Text(one_line(merge_figures([layer.reason for layer in alike]))), 4)
    if alike[0].cure:
        print_indented(console, Text.assemble(("cure: ", "bold green"), one_line(alike[0].cure)), 4)


def _groups(layers: Sequence[Layer]) -> list[list[Layer]]:
    """Put layers together that differ in figures alone."""
    found: dict[tuple[str, str | None], list[Layer]] = {}
    for layer in layers:
        found.setdefault((_NUMBER.sub("#", layer.reason), layer.cure), []).append(layer)
    return list(found.values())


def _model_sentence(diagnosis: ModelDiagnosis) -> str:
    if diagnosis.exit_code is ExitCode.UNDECIDED and not any(
        layer.verdict == verdicts.UNDECIDED for layer in diagnosis.layers
    ):
        return (
            f"Cannot tell whether {diagnosis.target} is sound: not all of it could be measured, and none is affected."
        )
    if not diagnosis.layers:
        return f"{diagnosis.target} has no BatchNorm layer."
    frozen = [layer for layer in diagnosis.layers if layer.verdict != verdicts.NOT_FROZEN]
    if not frozen:
        layers = count(len(diagnosis.layers), "BatchNorm layer")
        return f"None of the {layers} of {diagnosis.target} is frozen, so there is nothing to check."
    of = f"of the {count(len(frozen), 'frozen layer')} of {diagnosis.target}"
    affected = sum(layer.verdict == verdicts.AFFECTED for layer in frozen)
    if affected:
        return f"{affected} {of} {'does' if affected == 1 else 'do'} not behave as frozen."
    undecided = sum(layer.verdict == verdicts.UNDECIDED for layer in frozen)
    if undecided:
        return f"{undecided} {of} could not be decided, and none of the others is affected."
    behave = "behaves" if len(frozen) == 1 else "behave"
    return f"The {count(len(frozen), 'frozen BatchNorm layer')} of {diagnosis.target} {behave} as frozen."
