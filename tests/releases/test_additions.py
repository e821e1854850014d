"""What the catalog lacks of an index, and adding a release: row, lock, nothing else."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.version import Version

from bnregress.errors import FatalError, UsageError
from bnregress.machine.interpreters import Interpreter
from bnregress.releases.additions import (
    Addition,
    add_keras,
    add_release,
    missing,
    nearest_older,
    newest_of_each_minor,
)
from bnregress.releases.catalog import CATALOG, Catalog, load_catalog, read_catalog
from bnregress.releases.catalog_file import format_row, insert_row
from bnregress.releases.index import Index, ask_index
from tests.releases.fakeindex import FakeIndex, serve

MINOR = f"3.{sys.version_info[1]}"
TAG = f"cp3{sys.version_info[1]}-cp3{sys.version_info[1]}-manylinux_2_17_x86_64"
PYTHON = Interpreter(platform.python_version(), Path(sys.executable).resolve())


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeIndex]:
    """An index of one new release, 2.99.0, with all that its environment takes."""
    for name in [name for name in os.environ if name.startswith(("UV_", "PIP_"))]:
        monkeypatch.delenv(name)
    with serve() as served:
        monkeypatch.setenv("UV_DEFAULT_INDEX", served.address)
        monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        for name in ("pytest", "pytest-xdist", "hypothesis", "keras-applications", "keras"):
            served.add(name, "3.99.0")
        served.add("tensorflow-cpu", "2.99.0", TAG, needs=("keras>=3",))
        served.add("tensorflow", "2.99.0", TAG, needs=("keras>=3",))
        yield served


@pytest.fixture
def resources(tmp_path: Path) -> Path:
    """A copy of the resources, to be changed."""
    copy = tmp_path / "resources"
    copy.mkdir()
    shutil.copy(CATALOG, copy)
    shutil.copytree(CATALOG.parent / "locks", copy / "locks")
    return copy


def ask(packages: Collection[str]) -> Index:
    return ask_index(packages, [MINOR])


def add(wanted: str, resources: Path, today: str = "2026-11-24") -> Addition:
    return add_release(wanted, path=resources / "catalog.toml", ask=ask, find=lambda python: PYTHON, today=today)


def test_adding_a_release_writes_one_row_and_one_lock_and_changes_nothing_else(
    index: FakeIndex, resources: Path
) -> None:
    before = (resources / "catalog.toml").read_text(encoding="utf-8").splitlines()
    locks = set((resources / "locks").iterdir())

    added = add("2.99.0", resources)

    after = (resources / "catalog.toml").read_text(encoding="utf-8").splitlines()
    assert [line for line in after if line not in before] == [format_row(added.release)]
    assert [line for line in after if line in before] == before
    assert set((resources / "locks").iterdir()) - locks == {added.lock}
    release = load_catalog(resources / "catalog.toml")["tf2.99.0"]
    assert release == added.release
    assert (release.python, release.cpu, release.keras) == (MINOR, "tensorflow-cpu", "3.99.0")
    assert release.groups == {"default"}
    assert release.as_of == ""
    assert "tensorflow-cpu==2.99.0 \\\n    --hash=sha256:" in release.lock().read_text(encoding="utf-8")


def test_what_was_added_is_no_longer_missing(index: FakeIndex, resources: Path) -> None:
    def lacking() -> list[tuple[str, str]]:
        return [(each.package, each.version) for each in missing(read_catalog(resources / "catalog.toml"), ask)]

    assert lacking() == [("tensorflow", "2.99.0"), ("keras", "3.99.0")]
    add("2.99.0", resources)
    assert lacking() == []


def test_a_release_that_is_younger_than_the_catalog_has_a_day_of_its_own(index: FakeIndex, resources: Path) -> None:
    index.add("tensorflow", "2.99.1", TAG, needs=("keras>=3",), uploaded="2027-01-05T00:00:00Z")

    added = add("2.99.1", resources, today="2027-01-06")

    assert added.release.as_of == "2027-01-06"
    assert added.release.cpu == "tensorflow"
    assert "as of 2027-01-06" in added.lock.read_text(encoding="utf-8")


def test_keras_of_its_own_choice_goes_into_the_group_keras(index: FakeIndex, resources: Path) -> None:
    index.add("keras", "3.98.0")
    index.add("tf-keras", "2.21.0", needs=("tensorflow",))
    index.add("tensorflow-hub", "0.16.1", needs=("tf-keras",))
    index.add("keras-hub", "0.32.0", needs=("keras", "tensorflow-text"))
    index.add("setuptools", "80.9.0")

    added = add("tf2.99.0-keras3.98.0", resources)

    assert added.release.groups == {"keras"}
    assert added.pattern.id.startswith("tf2.21.0-keras")
    assert "keras==3.98.0" in added.lock.read_text(encoding="utf-8")
    assert "\ntensorflow==" not in added.lock.read_text(encoding="utf-8")


def test_a_release_names_every_python_that_its_packages_can_be_had_for(index: FakeIndex, resources: Path) -> None:
    """Its newest Keras has a wheel for its own Python and 3.9; on 3.8 an older Keras stands in, and on 3.7 none can."""
    for tag in (TAG, *(f"cp3{minor}-cp3{minor}-manylinux_2_17_x86_64" for minor in (7, 8, 9))):
        index.add("tensorflow-cpu", "2.99.3", tag, needs=("keras>=3", "absent; python_version < '3.8'"))
    for tag in (TAG, "cp39-cp39-manylinux_2_17_x86_64"):
        index.add("keras", "3.99.1", tag)
    catalog = resources / "catalog.toml"

    added = add_release(
        "2.99.3",
        path=catalog,
        ask=lambda packages: ask_index(packages, ["3.7", "3.8", "3.9", MINOR]),
        find=lambda python: PYTHON,
        today="2026-11-24",
    )

    release = load_catalog(catalog)["tf2.99.3"]
    assert release == added.release
    assert release.python == MINOR
    assert release.other_pythons == ("3.9", "3.8-keras3.99.0")
    for other in map(release.on, release.other_pythons):
        text = other.lock().read_text(encoding="utf-8")
        assert f"for CPython {other.python} on Linux" in text
        assert f"keras=={other.keras} " in text


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("2.1.0", "tf2.1.0 is in the catalog already"),
        ("2.99", "'2.99' is not a release"),
        ("2.99.7", r"no wheel of TensorFlow 2\.99\.7 .* Of 2\.99 there are 2\.99\.0"),
    ],
)
def test_what_cannot_be_added_is_told_and_nothing_is_written(
    index: FakeIndex, resources: Path, wanted: str, told: str
) -> None:
    before = (resources / "catalog.toml").read_bytes()

    with pytest.raises(UsageError, match=told):
        add(wanted, resources)
    assert (resources / "catalog.toml").read_bytes() == before


def test_what_has_no_resolution_is_told_with_what_uv_says_and_nothing_is_written(
    index: FakeIndex, resources: Path
) -> None:
    index.add("tensorflow-cpu", "2.99.2", TAG, needs=("keras>=4",))
    before = (resources / "catalog.toml").read_bytes()

    with pytest.raises(FatalError, match="keras>=4"):
        add("2.99.2", resources)
    assert (resources / "catalog.toml").read_bytes() == before
    assert not (resources / "locks" / "tf2.99.2.cpu.txt").exists()


def test_an_index_out_of_reach_is_not_an_index_without_releases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")

    with pytest.raises(FatalError, match="cannot be queried for tensorflow"):
        ask_index(["tensorflow"], ["3.11"])


def index_of(**versions: list[str]) -> Index:
    return Index(wheels={package: dict.fromkeys(each, ("3.13",)) for package, each in versions.items()})


def lacking(catalog: Catalog, **versions: list[str]) -> list[str]:
    return [each.version for each in missing(catalog, lambda packages: index_of(**versions))]


def test_only_pre_releases_that_are_newer_than_every_final_release_are_missing() -> None:
    catalog = read_catalog()

    assert lacking(catalog, tensorflow=["2.23.0rc0", "2.24.0rc1", "2.23.0"]) == ["2.23.0", "2.24.0rc1"]


def test_what_is_left_out_on_purpose_and_what_is_too_old_is_not_missing() -> None:
    catalog = read_catalog()

    assert lacking(catalog, tensorflow=["1.13.2", *catalog.left_out]) == []
    assert lacking(replace(catalog, left_out={}), tensorflow=["2.15.0.post1"]) == ["2.15.0.post1"]


def test_every_final_keras_3_without_a_row_is_missing() -> None:
    catalog = read_catalog()
    there = sorted({row.keras for row in catalog.releases.values() if "-keras" in row.id})

    found = lacking(catalog, tensorflow=["2.1.0"], keras=["2.15.0", *there, "3.0.99", "3.999.0", "4.0.0rc1"])
    assert found == ["3.0.99", "3.999.0"]
    assert lacking(replace(catalog, left_out={"keras3.0.99": "why"}), tensorflow=["2.1.0"], keras=["3.0.99"]) == []


def with_frameworks(index: FakeIndex, resources: Path, keras: str, takes: dict[str, str]) -> None:
    """Put a Keras on the index, and the newest TensorFlow of each minor version with what it asks for of Keras."""
    index.add("keras", keras)
    for row in newest_of_each_minor(read_catalog(resources / "catalog.toml")):
        index.add(row.cpu, row.tensorflow, TAG, needs=(f"keras{takes.get(row.tensorflow, '>=3')}",))


def test_a_keras_goes_on_the_newest_tensorflow_that_works_and_says_why_not_on_the_next(
    index: FakeIndex, resources: Path
) -> None:
    newest, second, third, *_ = newest_of_each_minor(read_catalog(resources / "catalog.toml"))
    with_frameworks(index, resources, "3.98.1", {newest.tensorflow: ">=3.99"})
    tried = []

    def attempt(lock: str, interpreter: Interpreter) -> str:
        tried.append(lock)
        return "ImportError: no such thing" if f"=={second.tensorflow} " in lock else ""

    added = add_keras(
        "3.98.1", path=resources / "catalog.toml", find=lambda python: PYTHON, attempt=attempt, today="2026-11-24"
    )

    assert added.release.id == f"tf{third.tensorflow}-keras3.98.1"
    assert added.release.not_on == f"{second.tensorflow}: ImportError: no such thing"
    assert len(tried) == 2
    assert added.release.groups == {"default"}
    assert added.release.tools == ()
    assert load_catalog(resources / "catalog.toml")[added.release.id] == added.release
    assert "keras==3.98.1" in added.lock.read_text(encoding="utf-8")


def test_the_metadata_of_a_tensorflow_that_asks_for_another_keras_is_told(index: FakeIndex, resources: Path) -> None:
    newest, second, *_ = newest_of_each_minor(read_catalog(resources / "catalog.toml"))
    with_frameworks(index, resources, "3.98.1", {newest.tensorflow: ">=3.99"})
    catalog = resources / "catalog.toml"

    added = add_keras("3.98.1", path=catalog, find=lambda python: PYTHON, attempt=lambda *_: "", today="2026-11-24")

    assert added.release.id == f"tf{second.tensorflow}-keras3.98.1"
    assert added.release.not_on == f"{newest.tensorflow}: it asks for keras>=3.99"


def test_a_newer_patch_of_a_keras_takes_the_place_of_the_older_in_the_default_group(
    index: FakeIndex, resources: Path
) -> None:
    with_frameworks(index, resources, "3.98.1", {})
    index.add("keras", "3.98.2")
    index.add("keras", "3.98.0")
    catalog = resources / "catalog.toml"

    def groups() -> list[frozenset[str]]:
        return [row.groups for row in load_catalog(catalog).values() if "-keras3.98." in row.id]

    for version, expected in (
        ("3.98.1", [{"default"}]),
        ("3.98.2", [{"patch"}, {"default"}]),
        ("3.98.0", [{"patch"}, {"patch"}, {"default"}]),
    ):
        add_keras(version, path=catalog, find=lambda python: PYTHON, attempt=lambda *_: "", today="2026-11-24")
        assert groups() == expected


def test_an_older_patch_of_the_keras_of_a_default_tensorflow_is_a_patch(index: FakeIndex, resources: Path) -> None:
    own = load_catalog(resources / "catalog.toml")["tf2.21.0"]
    minor = own.keras.rpartition(".")[0]
    with_frameworks(index, resources, f"{minor}.0", {})
    catalog = resources / "catalog.toml"
    # No row but that TensorFlow's own has this minor version.
    others = re.compile(rf'(?m)^"tf2.*-keras{re.escape(minor)}\..*\n')
    catalog.write_text(others.sub("", catalog.read_text(encoding="utf-8")), encoding="utf-8")

    added = add_keras(f"{minor}.0", path=catalog, find=lambda python: PYTHON, attempt=lambda *_: "", today="2026-11-24")

    assert added.release.groups == {"patch"}


@pytest.mark.parametrize(
    ("attempt", "told"), [(lambda *_: "it crashed", "works with no TensorFlow .*it crashed"), (None, "queried|uv says")]
)
def test_a_keras_that_works_nowhere_and_an_index_out_of_reach_add_nothing(
    index: FakeIndex, resources: Path, monkeypatch: pytest.MonkeyPatch, attempt: object, told: str
) -> None:
    with_frameworks(index, resources, "3.98.1", {})
    if attempt is None:
        monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    before = (resources / "catalog.toml").read_bytes()

    with pytest.raises(FatalError, match=told):
        add_keras("3.98.1", path=resources / "catalog.toml", find=lambda python: PYTHON, attempt=attempt)  # type: ignore[arg-type]
    assert (resources / "catalog.toml").read_bytes() == before


def test_tensorflow_gets_the_keras_of_its_own_day(index: FakeIndex, resources: Path) -> None:
    index.add("keras", "3.99.1", uploaded="2026-11-03T00:00:00Z")
    index.add("tensorflow-cpu", "2.99.4", TAG, needs=("keras>=3",), uploaded="2026-11-02T12:00:00Z")

    assert add("2.99.4", resources).release.keras == "3.99.0"


def test_the_catalog_says_of_every_keras_where_it_was_tried_and_has_each_minor_by_default() -> None:
    """Each minor version of Keras 3 is in a plain run, its newest patch on the newest TensorFlow that it works with."""
    tensorflow = [row for row in load_catalog().values() if row.on_tensorflow and not row.is_floating]
    rows = [row for row in tensorflow if row.keras.startswith("3.")]
    finals = [row for row in rows if not Version(row.keras).is_prerelease and not Version(row.tensorflow).is_prerelease]
    newest = {
        Version(row.keras).release[:2]: Version(row.keras) for row in sorted(finals, key=lambda r: Version(r.keras))
    }
    default = [row for row in finals if "default" in row.groups]
    assert min(newest) == (3, 0)
    assert {Version(row.keras) for row in default} >= set(newest.values())
    stable = [row.tensorflow for row in newest_of_each_minor(read_catalog())]
    for row in default:
        if "-keras" in row.id and row.tensorflow != stable[0]:
            assert row.not_on.partition(":")[0] == stable[stable.index(row.tensorflow) - 1], row.id


def test_the_nearest_older_row_is_the_pattern() -> None:
    catalog = read_catalog()

    assert nearest_older(catalog, "2.4.9", None).id == "tf2.4.4"
    assert nearest_older(catalog, "1.13.1", None).id == "tf1.14.0"
    assert nearest_older(catalog, "2.18.1", "3.7.0").id == "tf2.18.1-keras3.6.0"


def test_a_row_is_put_before_the_first_that_is_newer() -> None:
    text, releases = CATALOG.read_text(encoding="utf-8"), load_catalog()
    rest = {id_: release for id_, release in releases.items() if id_ != "tf2.10.0"}
    without = text.replace(format_row(releases["tf2.10.0"]) + "\n", "")

    assert without != text
    assert insert_row(without, releases["tf2.10.0"], rest) == text
