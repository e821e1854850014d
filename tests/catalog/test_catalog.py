"""Reading the catalog: what is in it, and what every mistake in it is told as."""

from __future__ import annotations

from pathlib import Path

import pytest

from bnregress.catalog import CATALOG, load_catalog, read_catalog
from bnregress.errors import UsageError

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


def test_the_shipped_catalog_has_every_release_that_was_asked_for() -> None:
    minors = "2.2.3 2.3.4 2.4.4 2.5.3 2.6.5 2.7.4 2.8.4 2.9.3 2.10.1 2.11.1 2.12.1 2.13.1 2.14.1 2.15.1 2.16.2 2.17.1"
    wanted = f"1.15.5 2.0.0 2.0.4 2.1.0 2.1.1 2.1.4 {minors} 2.18.1 2.19.1 2.20.0 2.21.0 2.22.0rc0".split()

    assert [release.tensorflow for release in load_catalog().values()] == wanted


def test_groups_of_the_shipped_catalog() -> None:
    releases = load_catalog().values()
    by_group = {group: [r.id for r in releases if group in r.groups] for group in ("legacy", "patch", "prerelease")}

    assert by_group == {
        "legacy": ["tf1.15.5"],
        "patch": ["tf2.0.0", "tf2.1.0", "tf2.1.1"],
        "prerelease": ["tf2.22.0rc0"],
    }
    assert [r.id for r in releases if "default" not in r.groups] == ["tf2.22.0rc0"]


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

    assert releases["tf2.5.3"].requirements() == ("tensorflow-cpu==2.5.3",)
    assert releases["tf2.6.5"].requirements() == ("tensorflow-cpu==2.6.5", "keras==2.6.0")
    assert releases["tf2.22.0rc0"].requirements()[1].startswith("keras-nightly==")
    assert releases["tf2.15.1"].requirements("gpu")[0] == "tensorflow[and-cuda]==2.15.1"


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
            "row 'tf2.1.0': unknown key 'pyton'. Did you mean python?",
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
            catalog_text(row=ROW | {"groups": '["default", "default"]'}), "'default' is there twice", id="group twice"
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


def test_the_hash_of_a_lock_is_that_of_its_bytes(catalog_file: Path) -> None:
    catalog_file.write_text(catalog_text())
    lock = catalog_file.parent / "locks" / "tf2.1.0.cpu.txt"
    lock.parent.mkdir()
    lock.write_bytes(b"abc")
    release = load_catalog(catalog_file)["tf2.1.0"]

    assert release.lock() == lock
    assert release.lock_sha256() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
