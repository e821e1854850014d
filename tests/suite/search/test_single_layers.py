"""The search over single layers, on layers in NumPy that are sound or broken."""

from __future__ import annotations

import ast
from types import SimpleNamespace

import pytest
from hypothesis import given, settings

from bnregress.suite.search.normalisation import RELATIONS, hold, prepare
from bnregress.suite.search.profile import CI, LOCAL, Profile
from bnregress.suite.search.single_layers import cases, offered, search_layers, search_precisions
from tests.suite.search.fakekeras import Tensor, tensorflow

CASES = cases(dtypes=["float32"], fused=[None], renorm=[False])
SOUND, BROKEN = 20.0, 60.0


@settings(max_examples=200, deadline=None)
@given(CASES)
def test_every_relation_holds_of_a_sound_layer(case: dict[str, object]) -> None:
    layer, values = prepare(tensorflow(), case)
    for relation in RELATIONS:
        hold(relation, layer, case, values)


@pytest.mark.parametrize("fault", ["v1", "pair", "momentum", "epsilon", "leak"])
def test_a_broken_layer_is_found_and_the_example_is_shrunk_to_a_script(fault: str) -> None:
    outcome = search_layers(tensorflow(fault), Profile(name=CI), BROKEN)
    assert outcome.failure is not None
    assert outcome.failure.reason.endswith("beyond rounding.")
    tree = ast.parse(outcome.failure.script)
    imported = {node.names[0].name for node in tree.body if isinstance(node, ast.Import)}
    assert imported == {"numpy", "tensorflow"}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert {name for name in names if name in {relation.__name__ for relation in RELATIONS}} <= defined


def test_a_search_that_runs_out_of_time_is_no_failure() -> None:
    outcome = search_layers(tensorflow("v1"), Profile(name=CI), 0.0)
    assert (outcome.examples, outcome.failure) == (0, None)


def test_a_seed_gives_the_same_failure_again() -> None:
    profile = Profile(name=LOCAL, seed=7)
    first, again = (search_layers(tensorflow("beta"), profile, BROKEN) for _ in range(2))
    assert first.failure is not None
    assert again.failure is not None
    assert (first.examples, first.failure.example) == (again.examples, again.failure.example)


def test_a_precision_that_gives_answers_of_another_shape_is_told_and_left_out_of_the_search() -> None:
    tf = tensorflow()
    sound = tf.keras.layers.BatchNormalization

    class Empty(sound):  # type: ignore[misc, valid-type]
        def __init__(self, dtype: str | None = None, **options: object) -> None:
            super().__init__(**options)
            self.empty = dtype == "mixed_bfloat16"

        def __call__(self, x: object, training: bool) -> Tensor:
            found = super().__call__(x, training)
            return Tensor([]) if self.empty else found

    tf.keras.layers.BatchNormalization = Empty
    tf.keras.mixed_precision = SimpleNamespace(Policy=str)
    tf.keras.backend = SimpleNamespace(cast=lambda x, dtype: Tensor(getattr(x, "value", x)))
    assert "mixed_bfloat16" not in offered(tf)["dtypes"]
    failure = search_precisions(tf).failure
    assert failure is not None
    assert failure.reason.endswith("The answer has the shape (0,), not (2, 2, 2, 3).")
