from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.action.github import (
    SUMMARY_BYTES,
    annotate,
    append_summary,
    commands_stopped,
    fitted,
    write_outputs,
)
from bnregress.reading.workflow import ANNOTATIONS, Annotation


def told(annotations: list[Annotation]) -> list[str]:
    with contextlib.redirect_stdout(io.StringIO()) as stdout:
        annotate(annotations)
    return stdout.getvalue().splitlines()


def read_outputs(text: str) -> dict[str, str]:
    """As the runner reads the file."""
    outputs: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if line:
            name, delimiter = line.split("<<")
            value = []
            while (each := next(lines)) != delimiter:
                value.append(each)
            outputs[name] = "\n".join(value)
    return outputs


@given(title=st.text(max_size=40), message=st.text(max_size=80))
def test_an_annotation_is_one_workflow_command_whatever_it_says(title: str, message: str) -> None:
    line = str(Annotation(level="error", title=title, message=message))
    assert "\n" not in line
    assert "\r" not in line
    command, said = line.split("::", 2)[1:]
    assert command.startswith("error title=")
    assert not set(command.removeprefix("error title=")) & set(":,")
    assert said.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%") == message


def test_a_percent_code_in_a_message_forges_no_second_command() -> None:
    assert told([Annotation(level="error", title="a,b:c", message="x%0A::error::forged")]) == [
        "::error title=a%2Cb%3Ac::x%250A::error::forged"
    ]


def test_annotations_past_the_limit_are_counted_in_the_last_one() -> None:
    notes = [Annotation(level="error", title=f"cell {number}", message="bad") for number in range(ANNOTATIONS + 5)]
    lines = told(notes)
    assert len(lines) == ANNOTATIONS
    assert lines[0].startswith("::error title=cell 0::")
    assert lines[-1].startswith("::error title=bnregress::6 more")


def test_as_many_annotations_as_fit_are_all_shown() -> None:
    notes = [Annotation(level="notice", title=f"cell {number}", message="fixed") for number in range(ANNOTATIONS)]
    assert told(notes)[-1].startswith("::notice title=cell 9::")


@given(values=st.dictionaries(st.sampled_from(["a", "b", "c"]), st.text().filter(lambda text: "\r" not in text)))
def test_outputs_come_back_whatever_they_hold(values: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("outputs") / "file"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_OUTPUT", str(path))
        write_outputs(values)
    text = path.read_bytes().decode() if path.exists() else ""
    assert read_outputs(text) == values


def test_no_value_can_hold_the_delimiter_of_an_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "file"))
    monkeypatch.setattr("secrets.token_hex", lambda number: "drawn")
    with pytest.raises(ValueError, match="output x holds its own delimiter"):
        write_outputs({"x": "a\nbnregress-drawn\ny=1"})


def test_what_is_printed_while_commands_are_stopped_stands_between_two_tokens_drawn_anew() -> None:
    texts = []
    for _ in range(2):
        with contextlib.redirect_stdout(io.StringIO()) as stdout, commands_stopped():
            print("::error::forged")
        texts.append(stdout.getvalue().split("\n"))
    for first, forged, _, last, _ in texts:
        assert first.removeprefix("::stop-commands::") == last.strip(":")
        assert forged == "::error::forged"
    assert texts[0][0] != texts[1][0]


def test_a_summary_that_is_too_large_is_cut_at_a_line_and_says_so() -> None:
    text = "".join(f"line {number}\n" for number in range(1000))
    content = fitted(text, 500)
    assert len(content) <= 500
    kept, note = content.decode().split("\n\nTruncated", 1)
    assert text.startswith(kept)
    assert "results.json" in note


def test_all_summaries_of_a_step_together_stay_within_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    for _ in range(3):
        append_summary("0123456789\n" * (SUMMARY_BYTES // 22))
    assert SUMMARY_BYTES - 100 < (tmp_path / "summary").stat().st_size <= SUMMARY_BYTES


def test_outside_github_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_OUTPUT", raising=False)
    write_outputs({"a": "b"})
