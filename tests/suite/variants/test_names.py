"""Variants by name: reading, the canonical spelling, and which each path is asked in."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.suite.paths import PATHS
from bnregress.suite.variants import AXES, Variant, default_names, names, parse
from bnregress.suite.variants.mode import mode_of

VALUES = {axis: list(values) for axis, values in AXES.items()}
VARIANTS = st.builds(Variant, **{axis: st.sampled_from(values) for axis, values in VALUES.items()})


def test_the_axes_stand_in_the_order_of_the_contract_each_with_its_default_first() -> None:
    assert {axis: values[0] for axis, values in VALUES.items()} == {
        "mode": "default", "freeze": "layers", "wrap": "sequential", "train": "fit",
    }  # fmt: skip
    assert list(VALUES) == ["mode", "freeze", "wrap", "train"]


@given(VARIANTS, st.randoms(use_true_random=False))
def test_a_name_is_read_back_whatever_the_order_and_with_defaults_written_out(variant: Variant, random: object) -> None:
    parts = [f"{axis}={getattr(variant, axis)}" for axis in AXES]
    random.shuffle(parts)  # type: ignore[attr-defined]
    assert parse(",".join(parts)) == variant
    assert parse(variant.name) == variant


@given(VARIANTS)
def test_the_canonical_name_leaves_out_defaults_and_nothing_else(variant: Variant) -> None:
    named = {} if variant.name == "default" else dict(part.split("=") for part in variant.name.split(","))
    assert named == {axis: value for axis, value in vars(variant).items() if value != VALUES[axis][0]}
    assert list(named) == [axis for axis in AXES if axis in named]


@given(VARIANTS)
def test_the_mode_is_read_from_the_name_alone(variant: Variant) -> None:
    assert mode_of(variant.name) == variant.mode


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("freeze=modle", "did you mean model"),
        ("freezes=model", "did you mean freeze"),
        ("freeze=model,freeze=layers", "named twice"),
        ("model", "AXIS=VALUE"),
        ("", "AXIS=VALUE"),
        ("train=zzz", "there are fit, dataset"),
    ],
)
def test_what_is_no_variant_is_refused_with_the_nearest(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(name)


@pytest.mark.parametrize("path", PATHS)
def test_every_offered_name_is_canonical_and_offered_once(path: str) -> None:
    offered = names(path)
    assert [parse(name).name for name in offered] == list(offered)
    assert len(set(offered)) == len(offered)
    assert set(default_names(path)) <= set(offered)
    assert offered[0] == "default"


def test_where_no_variant_is_named_the_small_network_alone_is_asked_more_than_the_default() -> None:
    assert [path for path in PATHS if len(default_names(path)) > 1] == ["small"]


def test_each_value_is_declared_with_words_for_a_person() -> None:
    assert all(value.summary for values in AXES.values() for value in values.values())


@pytest.mark.parametrize("path", ["small", "h5", "tf-keras-applications"])
def test_what_the_call_freezes_is_offered_in_a_wrap_that_calls_the_network(path: str) -> None:
    called = [parse(name) for name in names(path) if parse(name).value("freeze").called]
    assert {variant.freeze for variant in called} == {"call", "two-stage"}
    assert all(variant.value("wrap").calls for variant in called)


def test_every_wrap_whose_author_calls_the_network_can_call_it_with_training_false() -> None:
    calling = ["functional", "nested", "subclass", "preprocessing"]
    assert [name for name, wrap in AXES["wrap"].items() if wrap.calls] == calling
    for wrap in AXES["wrap"].values():
        assert bool(re.search(r"network\(\w+, training=False\)", wrap.lines(called=True))) is wrap.calls
        assert wrap.lines(called=False) == wrap.code
