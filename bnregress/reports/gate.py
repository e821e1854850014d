"""A gate's decision for a terminal, for a page in Markdown, and as annotations of GitHub."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from bnregress.judging.gate.decision import CANNOT_TELL, SAFE, UNSAFE, Decision, Finding, Section
from bnregress.reading.text import clip, one_line
from bnregress.reading.workflow import Annotation
from bnregress.reports.indent import print_indented
from bnregress.reports.markdown import Document, escape, prose, source
from bnregress.reports.summary import LIMIT_BYTES, SENTENCE

#: Kinds of section that are annotated though they are not grave.
NOTED = ("fixed", "cured", "missing")

_STYLES = {SAFE: "bold white on green", UNSAFE: "bold white on red", CANNOT_TELL: "bold black on yellow"}


def print_decision(console: Console, decision: Decision) -> None:
    """Print the decision in the first line, then what it rests on."""
    console.print(
        Text.assemble((decision.word, _STYLES[decision.word]), f": {one_line(decision.sentence)}"), soft_wrap=True
    )
    for section in decision.sections:
        console.print()
        console.print(Text(f"{section.heading} ({section.size})", style="bold"))
        for finding in section.findings:
            _print_finding(console, section, finding)
    if decision.notes:
        console.print()
    for note in decision.notes:
        print_indented(console, Text(one_line(note)), 0)


def _print_finding(console: Console, section: Section, finding: Finding) -> None:
    print_indented(console, Text(one_line(finding.title), style="bold" if section.grave else ""), 2)
    print_indented(console, Text(one_line(finding.reason)), 4)
    if finding.remedy:
        print_indented(console, Text.assemble(("remedy:", "bold green"), f" {one_line(finding.remedy)}"), 4)
    if finding.source:
        print_indented(console, Text(one_line(finding.source), style="dim"), 4)


def decision_as_markdown(decision: Decision) -> str:
    """Return the decision as a page that GitHub shows."""
    page = Document(LIMIT_BYTES)
    page.add(f"**{escape(decision.word)}**: {escape(clip(decision.sentence, SENTENCE))}")
    for section in decision.sections:
        page.add(f"## {escape(section.heading)} ({section.size})")
        for finding in section.findings:
            page.add(_markdown_finding(finding), "finding")
    for note in decision.notes:
        page.add(prose(note), "note")
    return page.render()


def _markdown_finding(finding: Finding) -> str:
    lines = [f"- **{escape(finding.title)}**", f"  <br>{prose(clip(finding.reason, SENTENCE))}"]
    if finding.remedy:
        lines.append(f"  <br>Remedy: {prose(clip(finding.remedy, SENTENCE))}")
    if finding.source:
        lines.append(f"  <br>Source: {source(finding.source)}")
    return "\n".join(lines)


def github_annotations(decision: Decision) -> list[Annotation]:
    """Return an annotation for each finding that is grave or good news; grave ones are errors if the gate is shut."""
    return [
        Annotation(
            level=("error" if decision.exit_code else "warning") if section.grave else "notice",
            title=clip(one_line(f"{section.heading}: {finding.title}"), 200),
            message=_said(finding),
        )
        for section in decision.sections
        if section.grave or section.kind in NOTED
        for finding in section.findings
    ]


def _said(finding: Finding) -> str:
    # GitHub breaks the line where the workflow command has %0A, which `Annotation` writes.
    reason = clip(one_line(finding.reason), SENTENCE)
    return f"{reason}\nRemedy: {clip(one_line(finding.remedy), SENTENCE)}" if finding.remedy else reason
