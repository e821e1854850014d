"""Scripts of what a search found, and their confirmation."""

from __future__ import annotations

import ast
from pathlib import Path

from bnregress.suite.search.scripts import CONFIRMATIONS, confirmed, world_script

OPERATIONS = [("freeze",), ("compile", "nested"), ("save_and_load", ".h5"), ("train",)]


def test_operations_are_a_script_that_stands_alone_and_performs_them_in_their_order() -> None:
    script = world_script(OPERATIONS)
    calls = [ast.unparse(node) for node in ast.parse(script).body if isinstance(node, ast.Expr)][1:]
    assert calls == ["world.freeze()", "world.compile('nested')", "world.save_and_load('.h5')", "world.train()"]
    assert "bnregress" not in script


def test_a_script_that_fails_each_time_is_confirmed() -> None:
    assert confirmed("assert False") == CONFIRMATIONS


def test_a_script_that_holds_or_dies_without_an_error_is_not() -> None:
    assert confirmed("pass") == 0
    assert confirmed("import os; os._exit(1)") == 0


def test_a_script_that_fails_now_and_then_is_not(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    script = f"import pathlib; mark = pathlib.Path({str(mark)!r}); seen = mark.exists(); mark.touch(); assert seen"
    assert confirmed(script) == 1
