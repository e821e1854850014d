"""A file of known regressions is read strictly, and what is wrong with it is told by entry, key and nearest name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from bnregress.cells.identifiers import CellId
from bnregress.errors import UsageError
from bnregress.judging.known.entries import find_entry, known_schema, load_known, read_known
from bnregress.judging.known.matching import Names
from tests.judging.known.conftest import NAMES, WriteFile

ENTRY = """\
[[known]]
cells = "tf2.{0.0,1.0}/h5"
checks = { mode-parity = "off by" }
reason = "Because."
remedy = "Do."
source = "https://github.com/keras-team/keras/pull/9965"
"""


def with_line(key: str, line: str) -> str:
    return "".join(f"{line}\n" if each.startswith(f"{key} ") else f"{each}\n" for each in ENTRY.splitlines())


def test_the_packaged_file_is_in_order_and_every_entry_names_its_source() -> None:
    entries = load_known()
    assert entries
    sources = [entry.source for entry in entries if entry.source != "not reported upstream"]
    assert sources
    assert all(source.startswith("https://github.com/") for source in sources)
    Draft202012Validator.check_schema(known_schema())


def test_the_packaged_file_names_no_release_that_its_globs_only_guess() -> None:
    cells = [entry.cells.text for entry in load_known()]
    assert not [text for text in cells if "*" in text.partition("/")[0]]
    # Of paths too: only the variants of one are many enough to be named by a glob.
    assert not [text for text in cells if "*" in text.partition("@")[0]]


def test_an_entry_is_read_whole(known_file: WriteFile) -> None:
    (entry,) = read_known(known_file(ENTRY), NAMES)
    known = entry.known()
    assert (known.cells, known.checks, known.reason, known.remedy) == (
        "tf2.{0.0,1.0}/h5",
        ("mode-parity",),
        "Because.",
        "Do.",
    )
    assert known.source == "https://github.com/keras-team/keras/pull/9965"


def test_an_entry_may_say_how_many_are_affected_or_which_and_list_words(known_file: WriteFile) -> None:
    checks = 'checks = { mode-parity = "off by", search = ["one", "another"] }\n'
    affected = 'affected = { mode-parity = 3, search = ["bn"] }'
    (entry,) = read_known(known_file(with_line("checks", checks + affected)), NAMES)
    assert entry.checks == {"mode-parity": ("off by",), "search": ("one", "another")}
    assert entry.affected == {"mode-parity": 3, "search": ("bn",)}


def test_an_entry_without_a_variant_is_about_the_default_one(known_file: WriteFile) -> None:
    entries = read_known(known_file(ENTRY.replace("/h5", "/*")), NAMES)
    assert find_entry(entries, CellId(release="tf2.1.0", path="json"))
    assert not find_entry(entries, CellId(release="tf2.1.0", path="json", variant="freeze=model"))
    assert not find_entry(entries, CellId(release="tf2.1.1", path="json"))


def test_a_variant_with_a_comma_is_selected_by_its_name(known_file: WriteFile) -> None:
    entries = read_known(known_file(ENTRY.replace("/h5", "/h5@freeze=model,wrap=chain")), NAMES)
    assert find_entry(entries, CellId(release="tf2.1.0", path="h5", variant="freeze=model,wrap=chain"))
    assert not find_entry(entries, CellId(release="tf2.1.0", path="h5", variant="freeze=model"))


def test_none_stands_for_no_entry_and_an_empty_file_for_the_same(known_file: WriteFile) -> None:
    assert load_known("none") == ()
    assert read_known(known_file(""), NAMES) == ()


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        pytest.param(
            ENTRY.replace("cells =", "cell ="), ["entry 1", "'cell'", "Did you mean cells?"], id="unknown-key"
        ),
        pytest.param(with_line("reason", ""), ["entry 1", '"reason" is a required property'], id="missing-key"),
        pytest.param(with_line("reason", "reason = 5"), ["reason", "sentence"], id="wrong-type"),
        pytest.param(with_line("reason", 'reason = ""'), ["reason", "sentence"], id="empty"),
        pytest.param(with_line("reason", r'reason = "a\nb"'), ["reason", "sentence"], id="two-lines"),
        pytest.param(with_line("reason", r'reason = "\u001b[2J"'), ["reason", "sentence"], id="escape"),
        pytest.param(with_line("reason", "reason = nan"), ["reason", "sentence"], id="nan"),
        pytest.param(with_line("checks", "checks = {}"), ["checks", "Name each check"], id="no-check"),
        pytest.param(with_line("checks", 'checks = { a = "" }'), ["checks.a"], id="no-words"),
        pytest.param(with_line("checks", "checks = { a = [] }"), ["checks.a"], id="no-words-listed"),
        pytest.param(with_line("checks", "checks = { a = 5 }"), ["checks.a", "Write words"], id="words-of-a-number"),
        pytest.param(ENTRY + "affected = { mode-parity = 0 }\n", ["affected.mode-parity", "from 1 on"], id="none"),
        pytest.param(ENTRY + "affected = { mode-parity = true }\n", ["affected.mode-parity"], id="no-number"),
        pytest.param(ENTRY + "affected = { mode-parity = [] }\n", ["affected.mode-parity"], id="no-names"),
        pytest.param(ENTRY + "affected = {}\n", ["affected", "how many"], id="no-affected"),
        pytest.param(
            ENTRY + "affected = { mode-partiy = 3 }\n",
            ["entry 1", "affected", "not one of", "Did you mean mode-parity?"],
            id="affected-by-no-check",
        ),
        pytest.param(with_line("source", 'source = "http://x"'), ["source", "address"], id="source"),
        pytest.param(with_line("source", 'source = "https://x/<script>"'), ["source", "address"], id="hostile-source"),
        pytest.param(with_line("cells", 'cells = "tf2.1.0"'), ["RELEASE/PATH"], id="no-path"),
        pytest.param(with_line("cells", 'cells = "tf2.1.0/h5@"'), ["RELEASE/PATH@VARIANT"], id="no-variant"),
        pytest.param(with_line("cells", 'cells = "../h5"'), ["no release is named '..'"], id="parent"),
        pytest.param(with_line("cells", 'cells = "tf2.1.0/h6"'), ["no loading path", "Did you mean h5?"], id="path"),
        pytest.param(
            with_line("cells", 'cells = "tf2.{1.0,1.9}/h5"'), ["'tf2.1.9'", "Did you mean", "tf2.1.1"], id="release"
        ),
        pytest.param(
            with_line("cells", 'cells = "tf2.1.0/h5@freeze=modle"'), ["variant", "freeze=model"], id="variant"
        ),
        pytest.param(with_line("cells", 'cells = "{1..9999}/h5"'), ["more than"], id="too-many"),
        pytest.param(
            ENTRY + ENTRY.replace("{0.0,1.0}", "1.*"), ["entries 1", "and 2", "same cell"], id="contradiction"
        ),
        pytest.param(ENTRY + "[other]\n", ["unknown key 'other'"], id="unknown-table"),
        pytest.param("known = 5\n", ['5 is not of type "array"'], id="no-array"),
        pytest.param("[[known\n", ["cannot be read as TOML"], id="truncated"),
        pytest.param("known = " + "[" * 5000, ["nested deeper"], id="nested"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_place(text: str, messages: list[str], known_file: WriteFile) -> None:
    path = known_file(text)
    with pytest.raises(UsageError) as caught:
        read_known(path, NAMES)
    assert str(path) in str(caught.value)
    for message in messages:
        assert message in str(caught.value)


def test_a_missing_file_a_folder_a_huge_file_and_a_device_are_refused(tmp_path: Path) -> None:
    huge = tmp_path / "huge.toml"
    huge.touch()
    os.truncate(huge, 2**30)
    for path in (tmp_path / "absent.toml", tmp_path, huge, Path("/dev/zero")):
        with pytest.raises(UsageError, match=r"cannot be read|is larger than"):
            load_known(str(path))


def test_entries_that_share_no_cell_may_share_names(known_file: WriteFile) -> None:
    other = ENTRY.replace("{0.0,1.0}/h5", "{0.0,1.0}/h5@*del") + ENTRY.replace("{0.0,1.0}", "1.1")
    assert len(read_known(known_file(ENTRY + other), NAMES)) == 3


def test_the_names_of_this_package_are_those_of_catalog_and_suite() -> None:
    names = Names.here()
    assert "tf2.1.0" in names.releases
    assert "h5" in names.paths
    assert "default" in names.variants


@pytest.mark.parametrize("release", ["tf2.1.0+local", "tf2.1.0+local2", "tf2.1.0-keras2.2.5.dev0+local"])
def test_what_is_known_of_releases_says_nothing_of_an_environment_of_your_own(
    release: str, known_file: WriteFile
) -> None:
    of_releases = read_known(known_file(with_line("cells", 'cells = "{*,tf2.1.0}/h5"')), NAMES)
    assert find_entry(of_releases, CellId(release="tf2.1.0", path="h5"))
    assert find_entry(of_releases, CellId(release=release, path="h5")) is None

    of_yours = read_known(known_file(with_line("cells", 'cells = "*+local*/h5"')), NAMES)
    assert find_entry(of_yours, CellId(release=release, path="h5"))
    assert find_entry(of_yours, CellId(release="tf2.1.0", path="h5")) is None
