"""Reading the catalog: what is in it, and what every mistake in it is told as."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.version import Version

from bnregress.errors import UsageError
from bnregress.releases.additions import newest_of_each_minor
from bnregress.releases.catalog import CATALOG, load_catalog, read_catalog

ROW = {
    "tensorflow": '"2.1.0"',
    "keras": '"2.2.4-tf"',
    "python": '"3.7"',
    "cpu": '"tensorflow-cpu"',
    "gpu": '"tensorflow"',
    "constraints": '["numpy-1-18"]',
    "groups": '["default"]',
}


def catalog_text(
    *, row: dict[str, str] | None = None, id_: str = "tf2.1.0", further: str = "", sets: str = "", top: str = ""
) -> str:
    cells = ", ".join(f"{key} = {value}" for key, value in (ROW if row is None else row).items())
    return f"""{top}
exclude-newer = "2026-11-24"
tools = ["pytest"]
[constraints]
numpy-1-18 = {{ limit = ["numpy<1.19"] }}
{sets}
[releases]
"{id_}" = {{ {cells} }}
{further}
"""


@pytest.fixture
def catalog_file(tmp_path: Path) -> Path:
    return tmp_path / "catalog.toml"


#: The patch releases of each minor version, from 0 to the newest; the holes are versions that were never published.
NEWEST = {
    "1.14": 0, "1.15": 5, "2.0": 4, "2.1": 4, "2.2": 3, "2.3": 4, "2.4": 4, "2.5": 3, "2.6": 5, "2.7": 4, "2.8": 4,
    "2.9": 3, "2.10": 1, "2.11": 1, "2.12": 1, "2.13": 1, "2.14": 1, "2.15": 1, "2.16": 2, "2.17": 1, "2.18": 1,
    "2.19": 1, "2.20": 0, "2.21": 0,
}  # fmt: skip
NEVER_PUBLISHED = {"1.15.1", "2.16.0"}


def test_the_shipped_catalog_has_every_patch_release_from_1_14_on() -> None:
    every = {f"tf{minor}.{patch}" for minor, last in NEWEST.items() for patch in range(last + 1)}

    assert every - {f"tf{version}" for version in NEVER_PUBLISHED} == {
        release.id
        for release in load_catalog().values()
        if release.id == f"tf{release.tensorflow}" and "rc" not in release.id
    }


def test_the_group_default_is_the_newest_patch_of_each_minor_version_and_where_the_first_break_came_and_went() -> None:
    newest = {f"tf{minor}.{last}" for minor, last in NEWEST.items() if minor != "1.14"}

    plain = {id_ for id_ in group("default") - group("backends") if "-keras" not in id_}
    assert plain == newest | {"tf2.0.0", "tf2.1.0", "tf2.1.1"}


def test_what_is_not_the_newest_of_its_minor_version_is_in_the_group_patch() -> None:
    newest = {f"tf{minor}.{last}" for minor, last in NEWEST.items() if minor != "1.14"}
    floating_or_apart = group("nightly") | group("backends")
    plain = {id_ for id_ in load_catalog() if "rc" not in id_ and "-keras" not in id_} - floating_or_apart

    assert {id_ for id_ in group("patch") if "-keras" not in id_} == plain - newest


def test_a_keras_3_is_in_a_plain_run_or_not_the_newest_patch_of_its_minor_version_or_has_more_beside_it() -> None:
    """The newest Keras is on the newest TensorFlow; only what the group `keras` has brings further packages."""
    catalog = load_catalog()
    rows = [row for row in catalog.values() if "-keras3." in row.id]
    default = [row for row in rows if "default" in row.groups]
    for row in rows:
        assert row.groups <= {"default", "patch", "keras"}
        assert bool(row.tools) == ("keras" in row.groups)
        minor = Version(row.keras).release[:2]
        newer = [
            each for each in rows if Version(each.keras).release[:2] == minor and each.sort_key[1] > row.sort_key[1]
        ]
        assert not (newer and "default" in row.groups), row.id
    assert len({row.keras for row in default}) == len(default)
    newest = max(rows, key=lambda row: row.sort_key[::-1])
    assert (newest.tensorflow, "default" in newest.groups) == (newest_of_each_minor(read_catalog())[0].tensorflow, True)


def test_the_other_groups_of_the_shipped_catalog() -> None:
    assert group("legacy") == {id_ for id_ in load_catalog() if id_.startswith("tf1.")}
    assert group("prerelease") == {id_ for id_ in load_catalog() if "rc" in id_}
    assert group("nightly") == {"nightly"}
    assert group("backends") == {id_ for id_, release in load_catalog().items() if not release.on_tensorflow}
    assert {id_.partition("-keras")[2] for id_ in group("keras")} >= {
        "3.0.5", "3.3.3", "3.6.0", "3.8.0", "3.10.0", "3.12.4", "3.15.1"
    }  # fmt: skip
    assert {id_.partition("-keras")[2] for id_ in group("standalone-keras")} == {
        "2.1.2", "2.1.3", "2.1.6", "2.2.4", "2.3.1"
    }  # fmt: skip


def group(name: str) -> set[str]:
    return {release.id for release in load_catalog().values() if name in release.groups}


def test_a_row_says_nothing_of_the_package_tensorflow_that_tf_keras_asks_for() -> None:
    catalog = read_catalog()

    for release in catalog.releases.values():
        if any(tool.startswith("tf_keras") for tool in release.tools):
            assert "tensorflow" in catalog.limits(release).exclude


def test_every_constraint_set_is_used_by_a_release() -> None:
    catalog = read_catalog()
    used = {name for release in catalog.releases.values() for name in release.constraints}

    assert set(catalog.constraints) == used


def test_a_row_is_one_line() -> None:
    lines = CATALOG.read_text(encoding="utf-8").splitlines()

    for id_ in load_catalog():
        (line,) = [line for line in lines if line.startswith(f'"{id_}"')]
        assert line.endswith("}")


def test_releases_come_oldest_first_whatever_the_order_of_rows(catalog_file: Path) -> None:
    later = catalog_text(row=ROW | {"tensorflow": '"2.10.1"'}, id_="tf2.10.1")
    earlier = ", ".join(f"{key} = {value}" for key, value in (ROW | {"tensorflow": '"2.9.3"'}).items())
    catalog_file.write_text(f'{later}"tf2.9.3" = {{ {earlier} }}\n')

    assert list(load_catalog(catalog_file)) == ["tf2.9.3", "tf2.10.1"]


def test_one_tensorflow_may_come_with_several_keras(catalog_file: Path) -> None:
    row = ROW | {"tensorflow": '"2.18.1"'}
    other = ", ".join(f"{key} = {value}" for key, value in (row | {"keras": '"3.6.0"'}).items())
    text = catalog_text(
        row=row | {"keras": '"3.15.1"'}, id_="tf2.18.1", further=f'"tf2.18.1-keras3.6.0" = {{ {other} }}'
    )
    catalog_file.write_text(text)

    releases = load_catalog(catalog_file)

    assert list(releases) == ["tf2.18.1-keras3.6.0", "tf2.18.1"]
    assert releases["tf2.18.1-keras3.6.0"].requirements() == ("tensorflow-cpu==2.18.1", "keras==3.6.0")
    assert releases["tf2.18.1"].requirements("gpu") == ("tensorflow==2.18.1", "keras==3.15.1")


def test_keras_is_required_from_the_first_release_that_takes_it_from_a_package() -> None:
    releases = load_catalog()

    assert releases["tf1.15.5-keras2.2.4"].requirements() == ("tensorflow==1.15.5", "keras==2.2.4")
    assert releases["tf2.5.3"].requirements() == ("tensorflow-cpu==2.5.3",)
    assert releases["tf2.6.5"].requirements() == ("tensorflow-cpu==2.6.5", "keras==2.6.0")
    assert releases["tf2.22.0rc0"].requirements()[1].startswith("keras-nightly==")
    assert releases["tf2.15.1"].requirements("gpu")[0] == "tensorflow[and-cuda]==2.15.1"


ENGINE_ROW = {
    "jax": '"0.11.2"',
    "keras": '"3.15.1"',
    "python": '"3.13"',
    "cpu": '"jax"',
    "constraints": "[]",
    "groups": '["backends"]',
}


def test_a_keras_on_another_engine_comes_without_tensorflow_and_after_it(catalog_file: Path) -> None:
    further = '"tf2.1.0" = { ' + ", ".join(f"{key} = {value}" for key, value in ROW.items()) + " }"
    catalog_file.write_text(catalog_text(row=ENGINE_ROW, id_="keras3.15.1-jax0.11.2", further=further))

    first, release = load_catalog(catalog_file).values()

    assert first.on_tensorflow
    assert (first.engine_version, first.tensorflow) == ("", "2.1.0")
    assert not release.on_tensorflow
    assert (release.engine, release.engine_version, release.tensorflow) == ("jax", "0.11.2", "")
    assert release.requirements() == ("jax==0.11.2", "keras==3.15.1")


def test_only_another_engine_does_without_a_gpu(catalog_file: Path) -> None:
    catalog_file.write_text(catalog_text(row={key: value for key, value in ROW.items() if key != "gpu"}))
    with pytest.raises(UsageError, match="gpu"):
        load_catalog(catalog_file)


def test_limits_join_the_sets_of_a_release(catalog_file: Path) -> None:
    sets = 'gast-0-2 = { source = ["gast"], limit = ["gast==0.2.2"] }'
    catalog_file.write_text(catalog_text(row=ROW | {"constraints": '["numpy-1-18", "gast-0-2"]'}, sets=sets))

    catalog = read_catalog(catalog_file)
    limits = catalog.limits(catalog.releases["tf2.1.0"])

    assert limits.limit == ("numpy<1.19", "gast==0.2.2")
    assert limits.source == ("gast",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(
            catalog_text(row=ROW | {"tensorflow": '"nightly"', "keras": '"nightly"'}),
            "the row nightly, and it alone",
            id="versions of the day in another row",
        ),
        pytest.param(catalog_text(id_="nightly"), "the row nightly, and it alone", id="nightly with fixed versions"),
        pytest.param(
            catalog_text(row=ROW | {"tools": '["tf keras"]'}), "row 'tf2.1.0': key 'tools'", id="bad tool of a row"
        ),
        pytest.param(catalog_text(row=ROW | {"as-of": '"today"'}), "row 'tf2.1.0': key 'as-of'", id="day of a row"),
        pytest.param("[releases", "cannot be read as TOML", id="not TOML"),
        pytest.param(catalog_text(top="tool = []"), "unknown key 'tool'. Did you mean tools?", id="unknown key on top"),
        pytest.param('tools = ["pytest"]', "key 'exclude-newer' is missing", id="missing key on top"),
        pytest.param(
            catalog_text().replace("2026-11-24", "yesterday"), "'yesterday' is not a day", id="exclude-newer is no day"
        ),
        pytest.param(
            catalog_text().replace('["pytest"]', '"pytest"'), "'pytest' is not a list of strings", id="tools is no list"
        ),
        pytest.param(
            catalog_text().replace('["pytest"]', '["py test"]'), "'py test' is not a requirement", id="bad requirement"
        ),
        pytest.param(
            catalog_text().replace('["pytest"]', '["pytest @ file:///wheel"]'), "names an address", id="address"
        ),
        pytest.param(
            catalog_text(sets="tf = []"), "constraint set 'tf': [] is not a table", id="constraint set is no table"
        ),
        pytest.param(
            catalog_text(sets='numpy-2 = { limits = ["numpy<2"] }'),
            "constraint set 'numpy-2': unknown key 'limits'. Did you mean limit?",
            id="unknown key of a constraint set",
        ),
        pytest.param(
            catalog_text(sets="NumPy = {}"), "constraint set 'NumPy': not a name", id="name of a constraint set"
        ),
        pytest.param(catalog_text(id_="2.1.0"), "row '2.1.0': not a release id", id="id without tf"),
        pytest.param(catalog_text(id_="keras3.15.1"), "row 'keras3.15.1': not a release id", id="keras without engine"),
        pytest.param(
            catalog_text(row=ROW, id_="keras3.15.1-jax0.11.2"),
            "row 'keras3.15.1-jax0.11.2'",
            id="engine with the keys of TF",
        ),
        pytest.param(catalog_text(id_="tf2.1"), "row 'tf2.1': not a release id", id="id without patch"),
        pytest.param(
            catalog_text(id_="tf2.1.1"),
            "row 'tf2.1.1': key 'tensorflow': '2.1.0' is not the version that the id names, '2.1.1'",
            id="id names another TensorFlow",
        ),
        pytest.param(
            catalog_text(id_="tf2.1.0-keras3.6.0"), "key 'keras': '2.2.4-tf' is not the version", id="another Keras"
        ),
        pytest.param(
            catalog_text(row=ROW | {"pyton": '"3.7"'}),
            "row 'tf2.1.0': unknown key 'pyton'. Did you mean python",
            id="unknown key of a row",
        ),
        pytest.param(
            catalog_text(row={key: value for key, value in ROW.items() if key != "gpu"}),
            "row 'tf2.1.0': key 'gpu' is missing",
            id="missing key of a row",
        ),
        pytest.param(
            catalog_text(row=ROW | {"python": '"3.7.16"'}), "key 'python': '3.7.16' is not a minor", id="python"
        ),
        pytest.param(catalog_text(row=ROW | {"python": "3.7"}), "key 'python': 3.7 is not a minor", id="not a string"),
        pytest.param(
            catalog_text(row=ROW | {"other-pythons": '["3.7"]'}), "twice, or is the release's own", id="own as another"
        ),
        pytest.param(
            catalog_text(row=ROW | {"other-pythons": '["3.8", "3.8-keras2.2.4"]'}),
            "stands there twice",
            id="two as one",
        ),
        pytest.param(
            catalog_text(row=ROW | {"other-pythons": '["3.8.1"]'}), "'3.8.1' is not a Python such as", id="other python"
        ),
        pytest.param(catalog_text(row=ROW | {"keras": '"2.2.4_tf"'}), "key 'keras': '2.2.4_tf' is not", id="keras"),
        pytest.param(
            catalog_text(row=ROW | {"cpu": '"tensorflow_cpu"'}),
            "key 'cpu': there is no 'tensorflow_cpu'. Did you mean tensorflow-cpu",
            id="unknown wheel",
        ),
        pytest.param(
            catalog_text(row=ROW | {"constraints": '["numpy-1-8"]'}),
            "key 'constraints': there is no 'numpy-1-8'. Did you mean numpy-1-18?",
            id="unknown constraint set",
        ),
        pytest.param(
            catalog_text(row=ROW | {"groups": '["defaults"]'}),
            "key 'groups': there is no 'defaults'. Did you mean default?",
            id="unknown group",
        ),
        pytest.param(catalog_text(row=ROW | {"groups": "[]"}), "in one group at least", id="no group"),
        pytest.param(
            catalog_text(row=ROW | {"groups": '["default", "default"]'}), "'default' is listed twice", id="group twice"
        ),
        pytest.param(catalog_text(further='"tf2.1.0" = {}'), "cannot be read as TOML", id="row twice"),
        pytest.param(catalog_text(further='"tf2.1.1" = 1'), "row 'tf2.1.1': 1 is not a table", id="row is no table"),
    ],
)
def test_a_mistake_is_told_by_file_row_and_key(catalog_file: Path, text: str, told: str) -> None:
    catalog_file.write_text(text)

    with pytest.raises(UsageError) as error:
        load_catalog(catalog_file)

    assert told in str(error.value)
    assert str(catalog_file) in str(error.value)


def test_a_missing_catalog_is_a_usage_error(catalog_file: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_catalog(catalog_file)


def test_a_missing_lock_is_an_error_only_when_it_is_asked_for(catalog_file: Path) -> None:
    catalog_file.write_text(catalog_text())
    release = load_catalog(catalog_file)["tf2.1.0"]

    with pytest.raises(UsageError, match=r"no lock for cpu.*nox -s lock -- tf2\.1\.0"):
        release.lock()
    with pytest.raises(UsageError, match="no lock for gpu"):
        release.lock_sha256("gpu")
    with pytest.raises(UsageError, match=r"no device 'cup'\. Did you mean cpu"):
        release.lock("cup")


def test_on_another_python_a_release_has_that_lock_and_the_keras_that_supports_it(catalog_file: Path) -> None:
    row = ROW | {"other-pythons": '["3.8", "3.9-keras2.4.0"]'}
    catalog_file.write_text(catalog_text(row=row))
    release = load_catalog(catalog_file)["tf2.1.0"]

    first, second = map(release.on, release.other_pythons)
    assert (first.python, first.keras, first.own_python, first.own_keras) == ("3.8", "2.2.4-tf", "3.7", None)
    assert (second.python, second.keras, second.own_python, second.own_keras) == ("3.9", "2.4.0", "3.7", "2.2.4-tf")
    assert second.lock_path("gpu").name == "tf2.1.0.gpu.py39.txt"
    assert release.lock_path().name == "tf2.1.0.cpu.txt"


def test_the_hash_of_a_lock_is_that_of_its_bytes(catalog_file: Path) -> None:
    catalog_file.write_text(catalog_text())
    lock = catalog_file.parent / "locks" / "tf2.1.0.cpu.txt"
    lock.parent.mkdir()
    lock.write_bytes(b"abc")
    release = load_catalog(catalog_file)["tf2.1.0"]

    assert release.lock() == lock
    assert release.lock_sha256() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(("python", "at_least"), [("3.10", 14), ("3.11", 10), ("3.12", 6)])
def test_one_python_alone_serves_every_release_that_has_wheels_for_it(python: str, at_least: int) -> None:
    """Of the releases of TensorFlow in a plain run, with the Keras of their own day."""
    plain = [
        release
        for release in load_catalog().values()
        if "default" in release.groups and release.on_tensorflow and "-keras" not in release.id
    ]
    served = [
        release
        for release in plain
        if python in (release.python, *(release.on(other).python for other in release.other_pythons))
    ]
    assert len(served) >= at_least
