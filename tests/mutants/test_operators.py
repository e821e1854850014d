"""The mutants of a text."""

from collections.abc import Iterator

import pytest

from tests.mutants.operators import Mutant, mutants_of

FUNCTION = """
class Layer:
    def call(self, inputs, training=None):
        "What it does."
        if training and self.trainable or inputs is None:
            inputs = scaled(inputs, self.mean, axis=1)
        warnings.warn("told")
        return inputs
"""


def _changed(source: str) -> Iterator[tuple[str, str]]:
    for mutant in mutants_of(source.encode()):
        changed = mutant.applied(source.encode()).decode()
        lines = zip(source.splitlines(), changed.splitlines(), strict=True)
        yield mutant.operator, " / ".join(new.strip() for old, new in lines if old != new)


@pytest.mark.parametrize(
    ("operator", "line"),
    [
        ("negate-condition", "if (not (training and self.trainable or inputs is None)):"),
        ("fix-condition", "if ((training and self.trainable or inputs is None) or True):"),
        ("fix-condition", "if ((training and self.trainable or inputs is None) and False):"),
        ("other-branch", "if ((inputs is None)):"),
        ("other-junction", "if ((training and self.trainable) and (inputs is None)):"),
        ("other-branch", "if ((self.trainable)) or inputs is None:"),
        ("other-comparison", "if training and self.trainable or ((inputs) is not (None)):"),
        ("drop-statement", "if False: inputs = scaled(inputs, self.mean, axis=1)"),
        ("swap-arguments", "inputs = scaled(self.mean, inputs, axis=1)"),
        ("drop-argument", "inputs = scaled(inputs, self.mean, **({} if True else dict(axis=1)))"),
        ("other-constant", "inputs = scaled(inputs, self.mean, axis=2)"),
        ("return-none", "return None if True else (inputs)"),
    ],
)
def test_each_operator(operator: str, line: str) -> None:
    assert (operator, line) in _changed(FUNCTION)


def test_what_is_only_said_stays() -> None:
    assert not [line for _, line in _changed(FUNCTION) if "warn" in line or "What" in line]


def test_every_mutant_compiles_and_keeps_its_lines() -> None:
    source = """
def decide(layers, *, kept=True):
    total = sum(layer.size for layer in layers if not layer.frozen) * 2
    made = build(
        layers,
        names=(
            "one "
            f"{total}"
        ),
    )
    while (
        total > 1
        and kept
    ):
        total -= 1
    with scope(total, kept):
        return [made[name] for name in made if name != "head"] if kept else None
"""
    mutants = mutants_of(source.encode())
    assert {each.function for each in mutants} == {"decide"}
    for mutant in mutants:
        changed = mutant.applied(source.encode())
        compile(changed, "changed", "exec")
        assert changed.count(b"\n") == source.count("\n"), mutant


def test_nested_functions_belong_to_the_outermost() -> None:
    source = "def outer():\n    def inner():\n        return 1\n    return inner\n"
    assert {each.function for each in mutants_of(source.encode())} == {"outer"}


def test_a_mutant_names_its_line() -> None:
    found: list[Mutant] = mutants_of(FUNCTION.encode())
    assert {each.line for each in found if each.operator == "drop-argument"} == {6}
