"""No remedy of the known regressions leads into another of them, in the cells of a plain run."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from packaging.version import Version

from bnregress.cells.identifiers import CellId
from bnregress.judging.known.entries import Entry, find_entry, load_known
from bnregress.releases.catalog import Release, load_catalog
from bnregress.suite.paths import PATHS
from bnregress.suite.variants import default_names

#: From which version on a remedy promises that it is sound, and up to which, if it says so.
PROMISE = re.compile(r"(?P<of>TensorFlow|Keras) (?P<first>[\d.]*\d)(?: or newer| to (?P<last>[\d.]*\d))")
CODE = re.compile(r"`[^`]+`")


def promised(remedy: str, release: Release) -> bool:
    """Whether a remedy says of a release that it is sound."""
    if "leave the mode as it is" in remedy:
        # Of the same way of freezing in another mode, which is another cell.
        return False
    versions = {"TensorFlow": release.tensorflow, "Keras": release.keras.partition("-")[0]}
    for promise in PROMISE.finditer(remedy):
        version = Version(versions[promise["of"]])
        last = promise["last"]
        within = last is None or version.release[: len(Version(last).release)] <= Version(last).release
        if not version.is_prerelease and version >= Version(promise["first"]) and within:
            return True
    return False


def led_astray(
    listed: dict[tuple[str, str], list[tuple[Release, Entry]]],
) -> Iterator[tuple[str, str, str]]:
    """Yield each regression whose remedy names a release where the same cell regresses, and that asks for more."""
    for (path, variant), found in listed.items():
        for release, entry in found:
            for other, theirs in found:
                asked = set(CODE.findall(theirs.remedy))
                if promised(entry.remedy, other) and not (asked and asked <= set(CODE.findall(entry.remedy))):
                    yield f"{release.id}/{path}@{variant}", entry.remedy, other.id


def test_no_remedy_names_a_release_in_which_the_same_cell_is_listed_as_a_regression() -> None:
    known = load_known()
    listed = defaultdict(list)
    for release in load_catalog().values():
        if not release.on_tensorflow or release.is_floating:
            continue
        for path in PATHS.values():
            if path.group != "default" or "default" not in release.groups:
                continue
            for variant in default_names(path.id):
                if entry := find_entry(known, CellId(release=release.id, path=path.id, variant=variant)):
                    listed[path.id, variant].append((release, entry))
    assert len(listed) > 50
    assert [*led_astray(listed)] == []


def test_a_remedy_that_leads_into_a_regression_would_be_seen() -> None:
    catalog, known = load_catalog(), load_known()
    old, new = catalog["tf2.1.0"], catalog["tf2.16.2-keras3.0.5"]
    theirs = find_entry(known, CellId.parse(f"{new.id}/json"))
    assert theirs is not None
    remedy = "Use `clone_model`, or take TensorFlow 2.1.1 or newer."
    assert promised(remedy, new)
    assert not promised(remedy, old)
    assert not promised("Take TensorFlow 2.1.1 to 2.15.1.", new)
    assert promised("Take TensorFlow 2.1.1 to 2.15.", catalog["tf2.15.1"])
    assert promised("Take Keras 3.2.1 or newer.", catalog["tf2.21.0"])
