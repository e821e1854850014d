"""The releases between two."""

from __future__ import annotations

from collections.abc import Mapping

from bnregress.cells.selector import choose
from bnregress.errors import UsageError
from bnregress.releases.catalog import Release


def between(catalog: Mapping[str, Release], first: str, last: str) -> list[Release]:
    """Return the releases from one to another, both included, oldest first.

    Between two versions of TensorFlow these are its releases, patches and
    pre-releases included, each with its own Keras; between two versions of
    Keras on one TensorFlow, the releases of that TensorFlow with a Keras of
    their own.

    Raises:
        UsageError: there is no such release, or the two do not span a row.
    """
    for name in (first, last):
        if name not in catalog:
            choose([name], catalog, "release")
            raise UsageError(f"{name} is a selector. Give the id of one release, as tf2.1.0.")
    start, end = catalog[first], catalog[last]
    order = list(catalog)
    if order.index(first) >= order.index(last):
        raise UsageError(f"{first} is not older than {last}. Give the older release with --from.")
    row = [catalog[name] for name in order[order.index(first) : order.index(last) + 1]]
    row = [release for release in row if release.engine == start.engine]
    if start.engine != end.engine:
        raise UsageError(
            f"{first} and {last} run on two engines. Give both ends on one; `bnregress gate` compares two."
        )
    if not start.on_tensorflow:
        return row
    if start.tensorflow == end.tensorflow:
        return [release for release in row if _keras_apart(release) or release.id in (first, last)]
    apart = [release.id for release in (start, end) if _keras_apart(release)]
    if apart:
        raise UsageError(
            f"{', '.join(apart)}: a separately chosen Keras can be searched on one TensorFlow only."
            f" Give both ends on TensorFlow {end.tensorflow}, or two releases without -keras."
        )
    return [release for release in row if not _keras_apart(release)]


def _keras_apart(release: Release) -> bool:
    return "-" in release.id
