from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bnregress.action.arguments import arguments_for
from bnregress.action.inputs import COMMANDS, INPUTS, read_inputs, variable
from bnregress.errors import UsageError

ROOT = Path(__file__).resolve().parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))

#: What somebody may put into an input to have it run, to break an output or to forge an annotation.
HOSTILE = [
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    "'\"",
    "a\nb",
    "x\r\n::error::forged",
    "%0A::error::forged",
    "${{ github.token }}",
    "--help",
    "-rf",
    "\0",
]
#: Inputs that take nothing hostile; the others are the paths, in which quotes and the like are letters as any other.
STRICT = sorted(name for name, each in INPUTS.items() if not each.place)

#: Inputs that name an environment, which may be anywhere on the machine.
PYTHONS = ("environment", "from", "to")


def read(root: Path, **texts: str) -> Any:
    environ = {variable(name.replace("_", "-").strip("-")): text for name, text in texts.items()}
    return read_inputs(environ, [root])


def command_of(name: str) -> str:
    return INPUTS[name].commands[-1]


def test_action_yml_has_the_inputs_and_their_defaults() -> None:
    assert {name: each["default"] for name, each in ACTION["inputs"].items()} == {
        name: each.default for name, each in INPUTS.items()
    }


def test_action_yml_hands_every_input_over_in_its_own_variable() -> None:
    handed_over = ACTION["runs"]["steps"][-1]["env"]
    assert {name: value for name, value in handed_over.items() if name != "BNREGRESS_ACTION_PYTHON"} == {
        variable(name): f"${{{{ inputs.{name} }}}}" for name in INPUTS
    }


def test_no_script_of_action_yml_holds_an_expression() -> None:
    assert [step["run"] for step in ACTION["runs"]["steps"] if "${{" in step["run"]] == []


def test_the_inputs_become_options_in_one_word_each(tmp_path: Path) -> None:
    inputs = read(
        tmp_path, command="run", select="tf2.{0,1}.* */h5", variant="freeze=model,wrap=functional", shard="2/3", out="r"
    )
    assert arguments_for(inputs) == [
        "run",
        "--select=tf2.{0,1}.*",
        "--select=*/h5",
        "--variant=freeze=model,wrap=functional",
        "--shard=2/3",
        f"--out={tmp_path / 'r'}",
    ]


def test_a_plan_is_asked_for_github() -> None:
    arguments = arguments_for(read(Path.cwd(), command="plan", shards="256"))
    assert arguments == ["plan", f"--out={Path.cwd() / 'bnregress-results'}", "--shards=256", "--format=github"]


def test_a_gate_takes_the_results_first(tmp_path: Path) -> None:
    inputs = read(tmp_path, command="gate", results="results.json", fail_on="drift")
    assert arguments_for(inputs, inputs["results"]) == [
        "gate",
        str(tmp_path / "results.json"),
        "--fail-on=drift",
        "--format=json",
    ]


@pytest.mark.parametrize(
    ("command", "texts", "words"),
    [
        ("report", {}, "needs the input results"),
        ("bisect", {"path": "h5", "from": "tf2.0.0"}, "needs the input to"),
        ("gate", {"from": "tf2.0.0"}, "both from and to"),
    ],
)
def test_what_a_command_cannot_do_without_is_asked_for(command: str, texts: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        arguments_for(read(Path.cwd(), command=command, **texts))


def test_a_misspelt_command_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"input command: 'bisekt' is not one of .* Did you mean bisect"):
        read(Path.cwd(), command="bisekt")


@pytest.mark.parametrize(
    ("name", "command"),
    [(name, command) for name in INPUTS for command in COMMANDS if command not in INPUTS[name].commands],
)
def test_an_input_of_another_command_is_refused(name: str, command: str) -> None:
    with pytest.raises(UsageError, match=f"The input {name} is not for the command {command}"):
        read(Path.cwd(), command=command, **{name: "1/3"})


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", STRICT)
def test_hostile_text_is_refused(name: str, text: str) -> None:
    texts = {"command": command_of(name), name: text}
    if name in ("select", "path", "variant", "with") and text == "a\nb":
        assert read(Path.cwd(), **texts)[name] == ("a", "b")
        return
    with pytest.raises(UsageError, match=f"The input {name}"):
        read(Path.cwd(), **texts)


@pytest.mark.parametrize("text", ["-x", "--out", "~/x", "a\rb", "a\0b", "../x", "/etc/passwd", "a\u202eb"])
@pytest.mark.parametrize("name", sorted(set(INPUTS) - set(STRICT) - set(PYTHONS)))
def test_a_path_stays_in_the_workspace_and_is_no_option(name: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"The input {name}"):
        read(tmp_path, command=command_of(name), **{name: text})


@pytest.mark.parametrize(
    "text", ["-x", "--out", "~/x", "a/\rb", "a/\0b", "a/\u202eb", "a/b\nc", "-/x", "$(touch pwned)"]
)
@pytest.mark.parametrize("name", ["from", "to"])
def test_a_side_of_an_upgrade_is_a_release_or_a_path(name: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"The input {name}"):
        read(tmp_path, command="gate", **{name: text})
    assert read(tmp_path, command="gate", **{name: "tf2.1.0"})[name] == "tf2.1.0"
    assert read(tmp_path, command="gate", **{name: "./venv"})[name] == str(tmp_path / "venv")


def test_an_environment_may_be_anywhere_and_its_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "python").symlink_to("/usr/bin/env")
    assert read(tmp_path, command="run", environment="python")["environment"] == tmp_path / "python"
    assert read(tmp_path, command="run", environment="/opt/conda")["environment"] == Path("/opt/conda")
    for text in ("-x", "~/x", "a\rb", "a\0b"):
        with pytest.raises(UsageError, match="The input environment"):
            read(tmp_path, command="run", environment=text)


def test_a_link_does_not_lead_a_path_out_of_the_workspace(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link").symlink_to(tmp_path)
    with pytest.raises(UsageError, match="outside the workspace"):
        read(inside, command="run", out="link/results")


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("--jobs 4", ["--jobs=4"]),
        ("--jobs=4 --offline", ["--jobs=4", "--offline"]),
        (" --timeout '90.5' ", ["--timeout=90.5"]),
    ],
)
def test_extra_args_may_hold_a_few_options(text: str, options: list[str]) -> None:
    assert list(read(Path.cwd(), command="run", extra_args=text)["extra-args"]) == options


@pytest.mark.parametrize(
    "text",
    [
        "--out /tmp",
        "--known=mine.toml",
        "--jobs",
        "--jobs --out",
        "--jobs=--out",
        "--offline=yes",
        "--jobs 4 tf2.1.0",
        "--jobs '4",
        "-- --offline",
        "--off",
        "--jobs\u0664",
        "--jobs \u0664",
    ],
)
def test_extra_args_refuse_what_looks_like_an_injection(text: str) -> None:
    with pytest.raises(UsageError, match="extra-args"):
        read(Path.cwd(), command="run", extra_args=text)


@given(text=st.text(max_size=60))
def test_whatever_extra_args_hold_only_known_options_come_of_it(text: str) -> None:
    try:
        options = read(Path.cwd(), command="run", extra_args=text)["extra-args"]
    except UsageError:
        return
    for option in options or ():
        assert re.fullmatch(r"--offline|--(jobs|timeout)=[0-9.]+", option)


@given(text=st.text(max_size=60), name=st.sampled_from(STRICT))
def test_whatever_an_input_holds_no_argument_can_be_read_as_another_option(text: str, name: str) -> None:
    command = command_of(name)
    needed = {"gate": {"results": "x.json"}, "report": {"results": "x.json"}}.get(command, {})
    needed |= {"path": "h5", "from": "tf2.0.0", "to": "tf2.1.0"} if command == "bisect" else {}
    texts = {"command": command, **needed, **({} if name == "command" else {name: text})}
    try:
        inputs = read(Path.cwd(), **texts)
        arguments = arguments_for(inputs, inputs.get("results") or ())
    except UsageError:
        return
    for argument in arguments[1 + len(inputs.get("results") or ()) :]:
        assert re.fullmatch(r"--[a-z-]+(=[^\s$`;'\"\\%<>|&()]+)?", argument)
