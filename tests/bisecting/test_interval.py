"""The releases between two ends."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bnregress.bisecting.interval import between
from bnregress.errors import UsageError
from bnregress.releases.catalog import Release


def release(id: str, tensorflow: str, keras: str) -> Release:
    return Release(
        id=id,
        tensorflow=tensorflow,
        keras=keras,
        python="3.12",
        cpu="tensorflow-cpu",
        gpu="tensorflow",
        constraints=(),
        groups=frozenset({"default"}),
        locks=Path(),
    )


CATALOG = {
    each.id: each
    for each in sorted(
        (
            release("tf2.17.1", "2.17.1", "3.15.1"),
            release("tf2.18.0rc1", "2.18.0rc1", "3.15.1"),
            release("tf2.18.1-keras3.0.5", "2.18.1", "3.0.5"),
            release("tf2.18.1-keras3.10.0", "2.18.1", "3.10.0"),
            release("tf2.18.1-keras3.6.0", "2.18.1", "3.6.0"),
            release("tf2.18.1", "2.18.1", "3.15.1"),
            release("tf2.19.1", "2.19.1", "3.15.1"),
        ),
        key=lambda each: each.sort_key,
    )
}


def ids(first: str, last: str) -> list[str]:
    return [each.id for each in between(CATALOG, first, last)]


def test_between_two_tensorflows_are_its_releases_and_no_other_keras() -> None:
    assert ids("tf2.17.1", "tf2.19.1") == ["tf2.17.1", "tf2.18.0rc1", "tf2.18.1", "tf2.19.1"]


def test_on_one_tensorflow_the_row_is_that_of_keras() -> None:
    assert ids("tf2.18.1-keras3.0.5", "tf2.18.1-keras3.10.0") == [
        "tf2.18.1-keras3.0.5",
        "tf2.18.1-keras3.6.0",
        "tf2.18.1-keras3.10.0",
    ]
    assert ids("tf2.18.1-keras3.6.0", "tf2.18.1")[-2:] == ["tf2.18.1-keras3.10.0", "tf2.18.1"]


def on_jax(keras: str, jax: str) -> Release:
    return replace(
        CATALOG["tf2.19.1"], id=f"keras{keras}-jax{jax}", tensorflow="", keras=keras, engine="jax", engine_version=jax
    )


def test_on_another_engine_the_row_is_that_of_keras_there() -> None:
    rows = [on_jax("3.8.0", "0.4.30"), on_jax("3.12.0", "0.6.0"), on_jax("3.15.1", "0.11.2")]
    there = {**CATALOG, **{each.id: each for each in rows}}
    assert between(there, rows[0].id, rows[-1].id) == rows
    with pytest.raises(UsageError, match="two engines"):
        between(there, "tf2.19.1", rows[0].id)


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ("tf2.19.1", "tf2.17.1", "is not older than"),
        ("tf2.19.1", "tf2.19.1", "is not older than"),
        ("tf2.17.1", "tf2.18.1-keras3.6.0", "searched on one TensorFlow only"),
        ("tf2.17.11", "tf2.19.1", "Did you mean tf2.17.1"),
        ("tf2.17.*", "tf2.19.1", "is a selector"),
    ],
)
def test_ends_that_span_no_row_are_refused(first: str, last: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        between(CATALOG, first, last)
    assert message in str(caught.value)
