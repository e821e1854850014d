"""The locks that are shipped fit the catalog."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bnregress.machine.devices import DEVICES
from bnregress.releases.catalog import CATALOG, Release, load_catalog, read_catalog

RELEASES = {id_: release for id_, release in load_catalog().items() if not release.is_floating}
#: Each release on its own Python, and on each other that it has wheels for.
EVERYWHERE = [each for own in RELEASES.values() for each in (own, *map(own.on, own.other_pythons))]
PIN = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})+)\n")


def pins(lock: Path) -> dict[str, str]:
    return {match["name"]: match["version"] for match in PIN.finditer(lock.read_text(encoding="utf-8"))}


def locked_tools(release: Release) -> set[str]:
    return {Requirement(tool).name for tool in (*read_catalog().tools, *release.tools)}


@pytest.fixture(params=EVERYWHERE, ids=lambda release: f"{release.id}-py{release.python}")
def release(request: pytest.FixtureRequest) -> Release:
    assert isinstance(request.param, Release)
    return request.param


def test_the_lock_pins_what_the_row_says(release: Release) -> None:
    pinned = pins(release.lock())

    for requirement in map(Requirement, release.requirements()):
        assert f"=={pinned[requirement.name]}" == str(requirement.specifier)


def test_every_pin_has_hashes_and_there_is_nothing_else_in_the_lock(release: Release) -> None:
    header, _, rest = release.lock().read_text(encoding="utf-8").partition("\n\n")
    options, _, body = rest.partition("\n\n")

    assert PIN.sub("", body) == ""
    assert f"`nox -s lock -- {release.id}`" in header
    assert f"CPython {release.python} " in header
    assert f"as of {release.as_of or read_catalog().exclude_newer}" in header
    assert all(line.startswith("#") for line in header.splitlines())
    allowed = {f"--no-binary {name}" for name in read_catalog().limits(release).source}
    assert set(options.splitlines()) == {"--only-binary :all:"} | allowed


def test_the_lock_names_no_host_and_no_folder(release: Release) -> None:
    assert not re.search(r"://|index-url|find-links|(?:^|\s)/\w", release.lock().read_text(encoding="utf-8"))


def test_the_lock_has_the_tools_and_numpy_with_pcg64(release: Release) -> None:
    pinned = pins(release.lock())

    assert {canonicalize_name(tool) for tool in locked_tools(release)} | {"h5py"} <= set(pinned)
    assert tuple(map(int, pinned["numpy"].split(".")[:2])) >= (1, 17)


def test_the_lock_keeps_to_the_limits_of_its_constraint_sets(release: Release) -> None:
    pinned = pins(release.lock())
    limits = read_catalog().limits(release)

    for requirement in map(Requirement, limits.limit + limits.override):
        assert requirement.specifier.contains(pinned[requirement.name])
    assert not set(limits.exclude) & set(pinned)


def test_every_release_has_a_lock_and_no_lock_is_without_a_release() -> None:
    locks = set((CATALOG.parent / "locks").glob("*.txt"))

    assert {release.lock_path() for release in EVERYWHERE} <= locks
    assert locks <= {release.lock_path(device) for release in EVERYWHERE for device in DEVICES}


def test_other_pythons_have_the_framework_of_the_own(release: Release) -> None:
    """The same TensorFlow, and the same Keras unless the catalog's row names another for that Python."""
    pinned, own = pins(release.lock()), pins(RELEASES[release.id].lock())
    # The plugin of file systems and the hub have versions of their own for each Python, and no part in a network.
    apart = {"tensorflow-io-gcs-filesystem", "keras-hub"}
    framework = {name for name in own if name.startswith(("tensorflow", "keras", "tf-keras"))} - apart
    expected = {name: own[name] for name in framework} | ({"keras": release.keras} if release.own_keras else {})
    assert {name: pinned.get(name) for name in framework} == expected
