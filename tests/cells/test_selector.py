"""Globs with braces over names."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.cells.selector import choose, expand_braces, matches
from bnregress.errors import UsageError

NAMES = ["tf2.0.0", "tf2.1.0", "tf2.1.4", "tf2.15.1"]

ids = st.text(alphabet=string.ascii_lowercase + string.digits + ".-=+", min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("selectors", "chosen"),
    [
        (["tf2.1.0"], ["tf2.1.0"]),
        (["tf2.1.*"], ["tf2.1.0", "tf2.1.4"]),
        (["tf2.{0,15}.*"], ["tf2.0.0", "tf2.15.1"]),
        (["tf2.{0..1}.0"], ["tf2.0.0", "tf2.1.0"]),
        (["tf2.1.[0-4]"], ["tf2.1.0", "tf2.1.4"]),
        (["tf2.15.1", "tf2.0.0", "*"], NAMES),
        ([], []),
    ],
)
def test_selectors_choose_in_the_order_of_the_names(selectors: list[str], chosen: list[str]) -> None:
    assert choose(selectors, NAMES, "release") == chosen


@pytest.mark.parametrize("selector", ["tf2.1.O", "TF2.1.0", "tf2.{1,99}.*", "", "tf2.1.0 "])
def test_a_selector_or_alternative_without_a_match_names_the_nearest(selector: str) -> None:
    with pytest.raises(UsageError, match=r"No release is named .*tf2\."):
        choose([selector], NAMES, "release")


@pytest.mark.parametrize("bomb", ["{1..100000000}", "{a,b}" * 30, "{1..50}{1..50}"])
def test_braces_that_explode_are_refused(bomb: str) -> None:
    with pytest.raises(UsageError, match="expands to more than"):
        choose([bomb], NAMES, "release")


@given(name=ids)
def test_a_name_chooses_itself_and_a_star_everything(name: str) -> None:
    assert choose([name], [name], "path") == choose(["*"], [name], "path") == [name]


@given(names=st.lists(ids, unique=True, min_size=1, max_size=6), data=st.data())
def test_braces_around_names_choose_exactly_those(names: list[str], data: st.DataObject) -> None:
    wanted = data.draw(st.lists(st.sampled_from(names), unique=True, min_size=1))
    assert choose(["{" + ",".join([*wanted, wanted[0]]) + "}"], names, "path") == [
        name for name in names if name in wanted
    ]


@given(selector=st.text(alphabet="ab{},.*?[]!\\0123", max_size=12), names=st.lists(ids, unique=True, max_size=4))
def test_any_text_chooses_what_it_matches_or_is_refused(selector: str, names: list[str]) -> None:
    try:
        chosen = choose([selector], names, "path")
    except UsageError:
        return
    assert chosen
    assert chosen == [name for name in names if matches(selector, name)]


@given(text=st.text(max_size=20))
def test_expansion_gives_at_least_one_glob_or_a_usage_error(text: str) -> None:
    try:
        assert expand_braces(text)
    except UsageError:
        assert set(text) & set("{}[]")
