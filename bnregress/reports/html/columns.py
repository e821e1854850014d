"""The columns of report.html: releases, the newest first, and from which version each path is safe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from packaging.version import InvalidVersion, Version

from bnregress.judging.compatibility import AXES, Support, is_apart
from bnregress.reports.grid import Grid
from bnregress.results.model import Results

#: Kinds of release, in the order of the page.
YOURS, TENSORFLOW, KERAS = KINDS = ("yours", "tensorflow", "keras")
_NAMES = {"tensorflow": "TensorFlow", "keras": "Keras"}


def kind_of(release: str) -> str:
    """Return whether a release is the reader's own environment, a TensorFlow, or a Keras chosen apart from it."""
    if "+" in release:
        return YOURS
    return KERAS if is_apart(release) else TENSORFLOW


def label_of(release: str, *, twice: bool = False) -> str:
    """Return what stands above the column: the version that tells the releases of its kind apart.

    Args:
        release: its id.
        twice: another release has the same Keras.
    """
    if kind_of(release) == KERAS:
        tensorflow, _, keras = release.partition("-keras")
        return f"{keras} · {tensorflow}" if twice else keras or release
    return release.removeprefix("tf")


def newest_first(grid: Grid, results: Results) -> Grid:
    """Return the grid with its releases by kind, and the newest of each first."""

    def order(id: str) -> tuple[int, tuple[Version, Version]]:
        release = results.releases.get(id)
        tensorflow = _version((release.tensorflow or "") if release else id.removeprefix("tf"))
        keras = _version(release.keras if release else "")
        return -KINDS.index(kind_of(id)), (keras, tensorflow) if kind_of(id) == KERAS else (tensorflow, keras)

    return replace(grid, releases=tuple(sorted(grid.releases, key=order, reverse=True)))


def _version(text: str) -> Version:
    try:
        return Version(text)
    except (InvalidVersion, TypeError):
        return Version("0")


def safe_columns(variants: Mapping[str, Support] | None) -> list[tuple[str, str]]:
    """Return, for TensorFlow and for Keras, from which version on the path is safe, and the same as a sentence."""
    return [_safe(axis, variants[axis] if variants else None) for axis in AXES]


def _safe(axis: str, support: Support | None) -> tuple[str, str]:
    name = _NAMES[axis]
    if support is None or not (support.measured or support.undecided or support.absent):
        return "", f"{name}: not measured"
    bounds = "".join(
        f" Not measured: {gap.versions[0]}{' to ' + gap.versions[-1] if len(gap.versions) > 1 else ''},"
        f" between {gap.after} and {gap.before}."
        for gap in support.gaps
    )
    if not support.measured and not support.undecided:
        return "–", f"No measured {name} has this path.{bounds}"
    if support.safe_from is None or support.safe_to is None:
        broken = support.broken[-1] if support.broken else None
        # What is undecided and newer than what breaks says nothing of either.
        if broken is None or (support.undecided and _version(support.undecided[-1]) > _version(broken.last)):
            return "?", f"{name} {support.undecided[-1]}, the newest, was not decided.{bounds}"
        return "none", f"The newest measured {name} that has this path is not safe: {broken.last} breaks it.{bounds}"
    gone = bool(support.absent) and _version(support.absent[-1][0]) > _version(support.safe_to)
    words = f"{support.safe_from} – {support.safe_to}" if gone else support.safe_from
    end = f" to {support.safe_to}, the last that has this path" if gone else f" to {support.safe_to}, the newest"
    return words, f"Every measured {name} from {support.safe_from}{end} is safe.{bounds}"
