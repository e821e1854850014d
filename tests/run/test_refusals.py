"""A refusal counts only where it is listed, for its path and its call."""

from __future__ import annotations

from typing import Any

import pytest

from bnregress.cells.identifiers import CellId
from bnregress.cells.selector import matches
from bnregress.releases.catalog import load_catalog
from bnregress.run.records import verdict_of
from bnregress.run.refusals import keras_of, listed_refusals

REFUSED = {"call": "fit", "error": "AttributeError: 'X' object has no attribute 'regularizer'"}
LATE = {"call": "fit", "error": "Argument `optimizer_variables` must be a list of tensors corresponding 1:1"}


def record(path: str, refused: dict[str, str], *others: str) -> dict[str, Any]:
    """A record whose last check was stopped by a refusal."""
    checks: list[dict[str, Any]] = [
        {"name": f"check-{place}", "status": word, "reason": f"check {place}", "evidence": {}, "repro": None}
        for place, word in enumerate(others)
    ]
    stopped = {"name": "frozen-state", "status": "inconclusive", "reason": "this release refuses it", "repro": None}
    checks.append({**stopped, "evidence": {"refused": refused}})
    return {"path": path, "variant": "default", "status": "inconclusive", "reason": "refused", "checks": checks}


@pytest.mark.parametrize(
    ("cell", "refused", "expected"),
    [
        ("tf2.18.1-keras3.6.0/tfsm-layer", REFUSED, "pass"),
        ("tf2.18.1-keras3.6.0/h5", REFUSED, "inconclusive"),
        ("tf2.21.0/tfsm-layer", REFUSED, "inconclusive"),
        ("tf2.18.1-keras3.6.0/tfsm-layer", {**REFUSED, "call": "load"}, "inconclusive"),
        ("tf2.18.1-keras3.6.0/tfsm-layer", {**REFUSED, "error": "AttributeError: something else"}, "inconclusive"),
        ("keras3.15.1-jax0.11.2/small", LATE, "pass"),
        ("tf2.21.0/small", LATE, "inconclusive"),
    ],
)
def test_refusal(cell: str, refused: dict[str, str], expected: str) -> None:
    id = CellId.parse(cell)
    verdict = verdict_of(id, record(id.path, refused, "pass"))
    assert verdict.status == expected
    assert verdict.checks[-1].status == ("not-applicable" if expected == "pass" else "inconclusive")


def test_a_path_that_is_refused_altogether_is_not_applicable() -> None:
    refused = {"call": "load", "error": "TypeError: cannot pickle 'weakref' object"}
    verdict = verdict_of(CellId.parse("tf2.5.3/pickle"), record("pickle", refused))
    assert verdict.status == "not-applicable"


def test_another_doubt_stays() -> None:
    verdict = verdict_of(
        CellId.parse("tf2.18.1-keras3.6.0/tfsm-layer"), record("tfsm-layer", REFUSED, "pass", "inconclusive")
    )
    assert verdict.status == "inconclusive"
    assert verdict.reason == "check 1"


def test_every_entry_fits_a_release() -> None:
    releases = list(load_catalog())
    for refusal in listed_refusals():
        fitting = [release for release in releases if matches(refusal.cells.partition("/")[0], release)]
        assert any(matches(refusal.keras, keras_of(release)) for release in fitting)


def test_a_refusal_of_keras_goes_with_its_version_whatever_names_it() -> None:
    (listed, *_) = [each for each in listed_refusals() if each.keras != "*"]
    rows = [row for row in load_catalog().values() if row.on_tensorflow and row.keras.startswith("3.")]
    for release, keras in [*((row.id, row.keras) for row in rows), ("tf2.21.0-keras3.4.0+tf-keras2.21.0", "3.4.0")]:
        cell = CellId(release=release, path=listed.cells.partition("/")[2].rstrip("*"))
        refused = {"call": listed.call.strip("{}").partition(",")[0], "error": listed.says}
        assert listed.covers(cell, refused) == matches(listed.keras, keras)
    assert not listed.covers(CellId(release="tf2.99.0+local", path="tfsm-layer"), {"call": "fit", "error": listed.says})
