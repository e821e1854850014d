"""The compiled validator says what any other says, and where; the second opinion is the package jsonschema."""

from __future__ import annotations

import datetime
import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bnregress.judging.known.entries import known_schema
from bnregress.reading.schemas import Schema
from bnregress.results.file import results_schema

ABSENT = {"packages": None, "device": None}
RESULTS: dict[str, Any] = {
    "schema": "bnregress/results/1",
    "plan": "0" * 64,
    "complete": True,
    "bnregress": "1",
    "host": {"platform": "a", "machine": "b", "python": "3.11.7", "cpus": 2},
    "releases": {"tf2.1.0": {"tensorflow": "2.1.0", "keras": "2.2.4-tf", "python": None, "lock_sha256": None} | ABSENT},
    "cells": [],
    "undecided": ["tf2.1.0/h5"],
}
SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
KEYS = st.sampled_from(["id", "shard", "x"])
VALUES = st.recursive(
    SCALARS | st.text(max_size=8) | st.sampled_from(["tf2.1.0", "tf2.1.0/h5", "0" * 64, "tf2.1.0\n"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "shard", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(
    place=st.sampled_from([*RESULTS, "shard", "places", "other"]), value=VALUES, drop=st.sampled_from([None, *RESULTS])
)
def test_it_takes_just_what_the_reference_takes(place: str, value: Any, drop: str | None) -> None:
    changed = deepcopy(RESULTS) | {place: value}
    changed.pop(str(drop), None)
    reference = Draft202012Validator(results_schema())
    found = Schema(results_schema()).problem(changed)
    # A pattern's `$` lets a line break at the end pass in Python alone; here it does not pass.
    if "\\n" not in json.dumps(changed):
        assert (found is None) == reference.is_valid(changed)
        assert found is None or found.path in [tuple(error.path) for error in reference.iter_errors(changed)]


def test_a_misspelt_key_is_told_before_the_missing_one() -> None:
    problem = Schema(results_schema()).problem({("celsl" if key == "cells" else key): RESULTS[key] for key in RESULTS})
    assert problem is not None
    assert "Did you mean cells" in problem.message


def test_an_unknown_key_is_told_with_the_nearest() -> None:
    problem = Schema(results_schema()).problem({**RESULTS, "compelte": True})
    assert problem is not None
    assert problem.json_path == "$"
    assert problem.sentence.startswith("unknown key 'compelte'. Did you mean complete?")


def test_the_place_is_a_path_and_the_sentence_says_what_should_be_there() -> None:
    entry = {"cells": "tf2.1.0/h5", "checks": {"oracle": ""}, "reason": "It is.", "remedy": "Do.", "source": "x"}
    problem = Schema(known_schema()).problem({"known": [entry]})
    assert problem is not None
    assert problem.json_path == "$.known[0].checks.oracle"
    assert problem.wanted
    assert problem.sentence.endswith(f". {problem.wanted}")


@pytest.mark.parametrize("moment", [datetime.date(2026, 1, 1), datetime.datetime.now(datetime.timezone.utc)])
def test_a_date_of_toml_is_no_text(moment: object) -> None:
    problem = Schema(known_schema()).problem({"known": [{"reason": moment}]})
    assert problem is not None
    assert "a value is text" in problem.message
