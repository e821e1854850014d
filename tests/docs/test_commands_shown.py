"""Every command line on a page is one that the real parsers take."""

from __future__ import annotations

import ast

import pytest

from bnregress.commands.parser import build_parser
from docs.hooks.commands import parsers
from tests.docs.pages import ROOT, Shown, in_blocks, inline

BLOCKS = [shown for shown in in_blocks() if shown.words[:1] in (("bnregress",), ("nox",))]
INLINE = list(inline())


def sessions() -> set[str]:
    tree = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and any(ast.unparse(each) == "nox.session" for each in node.decorator_list)
    }


def as_bnregress(words: tuple[str, ...]) -> list[str] | None:
    """The arguments of bnregress that a command line comes to; None where it does not come to it."""
    if words[0] == "bnregress":
        return list(words[1:])
    split = words.index("--") if "--" in words else len(words)
    assert words[1] == "-s"
    assert set(words[2:split]) <= sessions()
    return ["run", *words[split + 1 :]] if words[2:split] == ("regress",) else None


def test_there_are_command_lines_to_look_at() -> None:
    assert len(BLOCKS) > 30
    assert len(INLINE) > 30
    assert {"regress", "tests", "lint", "docs"} <= sessions()


@pytest.mark.parametrize("shown", BLOCKS, ids=str)
def test_a_command_line_in_a_block_parses(shown: Shown) -> None:
    arguments = as_bnregress(shown.words)
    if arguments is not None:
        build_parser().parse_args(arguments)


@pytest.mark.parametrize("shown", INLINE, ids=str)
def test_a_command_in_a_sentence_names_a_command_or_a_session_and_options_that_exist(shown: Shown) -> None:
    arguments = as_bnregress(shown.words)
    if not arguments or arguments == ["--help"]:
        return
    assert arguments[0] in parsers()
    known = parsers()[arguments[0]]._option_string_actions
    assert {word.partition("=")[0] for word in arguments if word.startswith("--")} <= set(known)


@pytest.mark.parametrize("words", [("bnregress", "run", "--sellect", "x"), ("nox", "-s", "regress", "--", "--sellect")])
def test_a_misspelt_option_would_be_seen(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(as_bnregress(words))
    assert "--sellect" in capsys.readouterr().err


def test_a_session_that_does_not_exist_would_be_seen() -> None:
    with pytest.raises(AssertionError):
        as_bnregress(("nox", "-s", "regres"))
