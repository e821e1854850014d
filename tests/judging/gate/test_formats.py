"""The formats of a decision, which hostile text cannot break out of."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bnregress.errors import ExitCode
from bnregress.judging.gate.decision import Decision, Finding, Section
from bnregress.reading.workflow import ANNOTATIONS, shown
from bnregress.reports.gate import decision_as_markdown, github_annotations, print_decision

HOSTILE = "a%0A::error::b\r\n::set-output name=x::y\x1b[2J <script>|`&,:"


def decision(reason: str = "it broke", number: int = 1, *, grave: bool = True) -> Decision:
    findings = tuple(
        Finding(cells=(f"tf2.1.0/p{index}",), title=f"p{index}", reason=reason, remedy="Do.", source="https://x/y")
        for index in range(number)
    )
    section = Section(kind="new", heading="New regressions", size=number, findings=findings, grave=grave)
    return Decision(
        word="unsafe",
        sentence="1 new regression.",
        exit_code=ExitCode.REGRESSION,
        sections=(section,),
        notes=("Sound in both: json.",),
    )


def unescaped(text: str) -> str:
    return text.replace("%0A", "\n").replace("%0D", "\r").replace("%2C", ",").replace("%3A", ":").replace("%25", "%")


def test_the_text_answers_in_its_first_line() -> None:
    stream = io.StringIO()
    print_decision(Console(file=stream, width=80), decision(HOSTILE))
    lines = stream.getvalue().splitlines()
    assert lines[0] == "unsafe: 1 new regression."
    assert "\x1b" not in stream.getvalue()
    assert "Sound in both: json." in lines


def test_markdown_answers_in_its_first_line_and_takes_no_markup_from_reasons() -> None:
    page = decision_as_markdown(decision(HOSTILE))
    assert page.splitlines()[0] == "**unsafe**: 1 new regression."
    assert "<script>" not in page
    assert "## New regressions (1)" in page


def test_json_holds_all_of_it() -> None:
    value = json.loads(json.dumps(decision().to_json()))
    assert (value["answer"], value["exit_code"]) == ("unsafe", 1)
    (section,) = value["sections"]
    assert (section["kind"], section["size"], section["grave"]) == ("new", 1, True)
    assert section["findings"][0]["cells"] == ["tf2.1.0/p0"]
    assert Decision.from_json(value) == decision()


@pytest.mark.parametrize("number", [1, ANNOTATIONS, ANNOTATIONS + 1, 300])
def test_no_more_annotations_than_github_shows_and_the_rest_is_counted(number: int) -> None:
    lines = [str(note) for note in shown(github_annotations(decision(number=number)))]
    assert len(lines) == min(number, ANNOTATIONS)
    assert lines[0].startswith("::error title=New regressions%3A p0::it broke%0ARemedy: Do.")
    assert ("::error title=bnregress::291 more are" in lines[-1]) == (number == 300)


def test_what_is_not_grave_is_annotated_only_if_it_is_good_news() -> None:
    assert github_annotations(decision(grave=False)) == []
    (section,) = decision(grave=False).sections
    cured = replace(decision(), sections=(replace(section, kind="cured"),))
    assert [note.level for note in github_annotations(cured)] == ["notice"]
    open_gate = replace(decision(), exit_code=ExitCode.EXPECTED)
    assert [note.level for note in github_annotations(open_gate)] == ["warning"]


@given(st.text())
def test_an_annotation_is_one_command_whatever_a_reason_holds(reason: str) -> None:
    (line,) = map(str, github_annotations(decision(reason + HOSTILE)))
    assert len(line.splitlines()) == 1
    command = re.fullmatch(r"::error title=([^:,]*)::(.*)", line)
    assert command
    assert not re.search(r"%(?!25|0A|0D|2C|3A)", line)
    assert unescaped(command[1]) == "New regressions: p0"
    assert "Remedy: Do." in unescaped(command[2])
