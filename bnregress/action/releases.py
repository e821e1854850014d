"""From the pins of a tree to a release of the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from bnregress.action.pins import read_pins
from bnregress.errors import UsageError, nearest
from bnregress.releases.catalog import Release


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """The release that stands for what a tree pins; `remark` says where the two differ, None if they do not."""

    release: str
    remark: str | None = None


def release_of(tree: Path, catalog: Mapping[str, Release]) -> Pinned:
    """Return the release that the tree pins.

    Where the tree pins Keras too, that is the release with both versions; where the catalog has none, it is that of
    TensorFlow alone, and the remark says so.

    Raises:
        UsageError: the tree pins no TensorFlow, or one that the catalog lacks.
    """
    pins = read_pins(tree)
    if pins.tensorflow is None:
        raise UsageError(
            f"Nothing in {tree.name or tree} pins an exact version of TensorFlow. Searched were uv.lock,"
            " poetry.lock, pylock.toml, requirements and constraints files, and pyproject.toml."
            " Pin it with ==, or give the versions in the inputs from and to."
        )
    release = f"tf{pins.tensorflow.version}"
    if pins.keras is not None and (both := f"{release}-keras{pins.keras.version}") in catalog:
        return Pinned(release=both)
    if release not in catalog:
        raise UsageError(
            f"{release}, pinned in {pins.tensorflow.file}, is not in the catalog of this version of bnregress."
            f"{nearest(release, catalog)} A newer version of bnregress may know it."
        )
    own = catalog[release].keras.removesuffix("-tf")
    if pins.keras is not None and Version(own) != Version(pins.keras.version):
        remark = (
            f"Keras {pins.keras.version} of {pins.keras.file} is not in the catalog with {release}; tried is {own}."
        )
        return Pinned(release=release, remark=remark)
    return Pinned(release=release)
