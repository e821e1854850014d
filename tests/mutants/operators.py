"""Mutants of a file's text: each changes one statement or one expression of one function, in its place.

Lines keep their numbers, so that a traceback and a diff read like the original's.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

#: Calls whose only effect is on what is read or logged.
_TALK = ("warn", "warning", "info", "debug", "print", "print_msg", "error")
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "!=", ast.NotEq: "==", ast.Lt: ">=", ast.LtE: ">", ast.Gt: "<=", ast.GtE: "<",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], str] = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*"}

_Placed = ast.expr | ast.stmt | ast.keyword


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A change of one place.

    Attributes:
        function: qualified name of the outermost function that holds the place, as `Layer.trainable`.
        line: where it begins, from 1.
        operator: kebab-case name of the kind of change.
        start: offset in the file's bytes.
        end: offset behind the last byte that is replaced.
        text: what stands there instead.
    """

    function: str
    line: int
    operator: str
    start: int
    end: int
    text: str

    def applied(self, source: bytes) -> bytes:
        """The file with this change."""
        return source[: self.start] + self.text.encode() + source[self.end :]


def mutants_of(source: bytes) -> list[Mutant]:
    """Return every mutant of every function in a file, in the order of their places."""
    found = [
        each for name, function in _functions(ast.parse(source), "") for each in _Places(source, name).of(function.body)
    ]
    return sorted(found, key=lambda each: (each.start, each.end, each.operator, each.text))


def _functions(tree: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Outermost functions and methods with their qualified names."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{prefix}{node.name}.")
        elif isinstance(node, (ast.If, ast.Try)):
            yield from _functions(node, prefix)


class _Places:
    """Collects the mutants of one function."""

    def __init__(self, source: bytes, function: str) -> None:
        self._source, self._function = source, function
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def of(self, body: list[ast.stmt]) -> Iterator[Mutant]:
        for statement in body:
            yield from self._statement(statement)

    def _statement(self, node: ast.stmt) -> Iterator[Mutant]:
        if _is_talk(node):
            return
        if isinstance(node, (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete)):
            # Its names stay those of the function, so that closures still fit.
            yield self._make(node, "drop-statement", f"if False: {self._text(node)}")
        if isinstance(node, ast.Return) and node.value is not None and not _is(node.value, None):
            yield self._make(node.value, "return-none", f"None if True else ({self._text(node.value)})")
        if isinstance(node, (ast.If, ast.While)):
            yield from self._condition(node.test)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.stmt):
                yield from self._statement(child)
            elif isinstance(child, ast.expr):
                yield from self._expression(child)
            else:
                for grandchild in ast.iter_child_nodes(child):
                    if isinstance(grandchild, ast.stmt):
                        yield from self._statement(grandchild)
                    elif isinstance(grandchild, ast.expr) and isinstance(child, ast.withitem):
                        yield from self._expression(grandchild)

    def _condition(self, test: ast.expr) -> Iterator[Mutant]:
        text = self._text(test)
        if not isinstance(test, ast.UnaryOp):
            # Of what is negated already, its own place gives the same.
            yield self._make(test, "negate-condition", f"(not ({text}))")
        yield self._make(test, "fix-condition", f"(({text}) or True)")
        yield self._make(test, "fix-condition", f"(({text}) and False)")

    def _expression(self, node: ast.expr) -> Iterator[Mutant]:
        if isinstance(node, ast.JoinedStr):
            return
        kinds: dict[type[ast.expr], Callable[[Any], Iterator[Mutant]]] = {
            ast.IfExp: lambda found: self._condition(found.test),
            ast.BoolOp: self._junction,
            ast.UnaryOp: self._negation,
            ast.Compare: self._comparison,
            ast.BinOp: self._arithmetic,
            ast.Constant: self._constant,
            ast.Call: self._call,
        }
        if type(node) in kinds:
            yield from kinds[type(node)](node)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.comprehension):
                for test in child.ifs:
                    yield from self._condition(test)
                yield from self._expression(child.iter)
            elif isinstance(child, ast.keyword):
                yield from self._expression(child.value)
            elif isinstance(child, ast.expr):
                yield from self._expression(child)

    def _junction(self, node: ast.BoolOp) -> Iterator[Mutant]:
        own, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        parts = [f"({self._text(value)})" for value in node.values]
        yield self._make(node, "other-junction", f"({f' {other} '.join(parts)})")
        for place in range(len(parts)):
            yield self._make(node, "other-branch", f"({f' {own} '.join(parts[:place] + parts[place + 1 :])})")

    def _negation(self, node: ast.UnaryOp) -> Iterator[Mutant]:
        if isinstance(node.op, ast.Not):
            yield self._make(node, "negate-condition", f"(not (not ({self._text(node.operand)})))")

    def _comparison(self, node: ast.Compare) -> Iterator[Mutant]:
        if len(node.ops) == 1:
            left, right = self._text(node.left), self._text(node.comparators[0])
            yield self._make(node, "other-comparison", f"(({left}) {_COMPARE[type(node.ops[0])]} ({right}))")

    def _arithmetic(self, node: ast.BinOp) -> Iterator[Mutant]:
        if type(node.op) in _ARITHMETIC and not _is_text(node.left) and not _is_text(node.right):
            left, right = self._text(node.left), self._text(node.right)
            yield self._make(node, "other-arithmetic", f"(({left}) {_ARITHMETIC[type(node.op)]} ({right}))")

    def _constant(self, node: ast.Constant) -> Iterator[Mutant]:
        if isinstance(node.value, bool):
            yield self._make(node, "other-constant", str(not node.value))
        elif isinstance(node.value, (int, float)):
            yield self._make(node, "other-constant", repr(node.value + 1))
        elif isinstance(node.value, str) and node.value.isidentifier():
            yield self._make(node, "other-constant", repr(node.value + "_"))

    def _call(self, node: ast.Call) -> Iterator[Mutant]:
        if len(node.args) > 1 and not any(isinstance(each, ast.Starred) for each in node.args[:2]):
            first, second = node.args[:2]
            between = self._source[self._end(first) : self._start(second)].decode()
            text = f"{self._text(second)}{between}{self._text(first)}"
            yield self._mutant(node, "swap-arguments", self._start(first), self._end(second), text)
        for keyword in node.keywords:
            if keyword.arg is not None and not _is(keyword.value, None):
                # Evaluated all the same, and given away: an argument less.
                text = f"**({{}} if True else dict({self._text(keyword)}))"
                yield self._make(keyword, "drop-argument", text)

    def _make(self, node: _Placed, operator: str, text: str) -> Mutant:
        return self._mutant(node, operator, self._start(node), self._end(node), self._even(node, text))

    def _mutant(self, node: _Placed, operator: str, start: int, end: int, text: str) -> Mutant:
        return Mutant(function=self._function, line=node.lineno, operator=operator, start=start, end=end, text=text)

    def _even(self, node: _Placed, text: str) -> str:
        """As many lines as there were, in a place that is within parentheses."""
        lacking = self._text(node).count("\n") - text.count("\n")
        return f"({text}{chr(10) * lacking})" if lacking > 0 else text

    def _text(self, node: _Placed) -> str:
        return self._source[self._start(node) : self._end(node)].decode()

    def _start(self, node: _Placed) -> int:
        return self._starts[node.lineno - 1] + node.col_offset

    def _end(self, node: _Placed) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._starts[node.end_lineno - 1] + node.end_col_offset


def _is_talk(node: ast.stmt) -> bool:
    """Whether a statement only says something: documentation, a warning, an error that is raised, an assertion."""
    if isinstance(node, (ast.Raise, ast.Assert, ast.Pass, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal)):
        return True
    if not isinstance(node, ast.Expr):
        return False
    value = node.value
    if isinstance(value, ast.Constant):
        return True
    called = value.func if isinstance(value, ast.Call) else None
    return (isinstance(called, ast.Attribute) and called.attr in _TALK) or (
        isinstance(called, ast.Name) and called.id in _TALK
    )


def _is(node: ast.expr, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
