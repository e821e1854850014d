"""A gate's answer for a terminal, for a page in Markdown, and as annotations of GitHub."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from bnregress.judging.gate.answer import CANNOT_TELL, SAFE, UNSAFE, Answer, Finding, Section
from bnregress.reading.text import clip, one_line
from bnregress.reports.indent import print_indented
from bnregress.reports.markdown import Document, escape, prose
from bnregress.reports.summary import LIMIT_BYTES, SENTENCE

#: GitHub shows so many annotations of a kind for each step.
ANNOTATIONS = 10

_STYLES = {SAFE: "bold white on green", UNSAFE: "bold white on red", CANNOT_TELL: "bold black on yellow"}


def print_answer(console: Console, answer: Answer) -> None:
    """Print the answer in the first line, then what it rests on."""
    console.print(Text.assemble((answer.word, _STYLES[answer.word]), f": {one_line(answer.sentence)}"), soft_wrap=True)
    for section in answer.sections:
        console.print()
        console.print(Text(f"{section.heading} ({section.size})", style="bold"))
        for finding in section.findings:
            _print_finding(console, section, finding)
    if answer.notes:
        console.print()
    for note in answer.notes:
        print_indented(console, Text(one_line(note)), 0)


def _print_finding(console: Console, section: Section, finding: Finding) -> None:
    print_indented(console, Text(one_line(finding.title), style="bold" if section.grave else ""), 2)
    print_indented(console, Text(one_line(finding.reason)), 4)
    if finding.remedy:
        print_indented(console, Text.assemble(("remedy:", "bold green"), f" {one_line(finding.remedy)}"), 4)
    if finding.source:
        print_indented(console, Text(one_line(finding.source), style="dim"), 4)


def answer_as_markdown(answer: Answer) -> str:
    """Return the answer as a page that GitHub shows."""
    page = Document(LIMIT_BYTES)
    page.add(f"**{escape(answer.word)}**: {escape(clip(answer.sentence, SENTENCE))}")
    for section in answer.sections:
        page.add(f"## {escape(section.heading)} ({section.size})")
        for finding in section.findings:
            page.add(_markdown_finding(finding), "finding")
    for note in answer.notes:
        page.add(prose(note), "note")
    return page.render()


def _markdown_finding(finding: Finding) -> str:
    lines = [f"- **{escape(finding.title)}**", f"  <br>{prose(clip(finding.reason, SENTENCE))}"]
    if finding.remedy:
        lines.append(f"  <br>Remedy: {prose(clip(finding.remedy, SENTENCE))}")
    if finding.source:
        lines.append(f"  <br>Source: {escape(finding.source)}")
    return "\n".join(lines)


def github_annotations(answer: Answer) -> list[str]:
    """Return workflow commands that annotate what is grave, the worst first, as many as GitHub shows."""
    found = list(_annotations(answer))
    if len(found) > ANNOTATIONS:
        rest = len(found) - ANNOTATIONS + 1
        found[ANNOTATIONS - 1 :] = [_command(f"{rest} more", "They are in the results.")]
    return found


def _annotations(answer: Answer) -> Iterator[str]:
    for section in answer.sections:
        for finding in section.findings if section.grave else ():
            said = f"{finding.reason} Remedy: {finding.remedy}" if finding.remedy else finding.reason
            yield _command(f"{section.heading}: {finding.title}", said)


def _command(title: str, message: str) -> str:
    return f"::error title={_property(clip(one_line(title), 200))}::{_data(clip(one_line(message), SENTENCE))}"


def _data(text: str) -> str:
    """Escape as the documentation of workflow commands says, the per cent sign first."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
