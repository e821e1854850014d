"""A proposal makes the file fit what was measured, and touches nothing that fits already."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnregress.judging.known.drift import hold_against
from bnregress.judging.known.entries import KNOWN, load_known, read_known
from bnregress.judging.known.proposal import propose
from bnregress.results.model import CellResult, CheckResult, Results
from tests.judging.known.conftest import NAMES, WriteFile, cell, check, results

HEAD = "# A comment on top.\n\n"
TEXT = (
    HEAD
    + """\
[[known]]  # a comment beside it
cells = "tf2.{0.0,1.0}/{h5,json}"
checks = { mode-parity = "off by" }
reason = "By hand."
remedy = "Do."
source = "https://github.com/keras-team/keras/pull/9965"

# another comment
[[known]]
cells = "tf2.15.1/clone"
checks = { frozen-state = "moved" }
reason = "By hand too."
remedy = "Do."
source = "not reported upstream"
"""
)


def proposed(text: str, measured: Results, folder: Path) -> str:
    file = folder / "known.toml"
    file.write_text(text, encoding="utf-8")
    return propose(measured, read_known(file, NAMES), text, NAMES).text


def test_a_file_that_fits_is_proposed_as_it_is(tmp_path: Path) -> None:
    measured = results(cell("tf2.0.0/h5", "regress"), cell("tf2.1.1/h5", "pass"))
    assert proposed(TEXT, measured, tmp_path) == TEXT
    assert proposed("", results(cell("tf2.1.1/h5", "pass")), tmp_path) == ""


def test_a_fixed_cell_leaves_its_entry_with_reason_and_source_kept(tmp_path: Path) -> None:
    text = proposed(TEXT, results(cell("tf2.1.0/json", "pass")), tmp_path)
    assert text.startswith(HEAD)
    assert 'cells = "tf2.0.0/{h5,json}"' in text
    assert 'cells = "tf2.1.0/h5"' in text
    assert text.count('reason = "By hand."') == text.count("keras/pull/9965") == 2
    assert "# another comment" in text
    assert text.endswith(TEXT[TEXT.index("# another") :])


@pytest.mark.parametrize("header", ["[[known]]", "[[ known ]]"])
def test_an_entry_that_is_narrowed_keeps_its_comments_and_layout(header: str, tmp_path: Path) -> None:
    written = """\
# Seen by two people.
[[known]]
reason = 'Spelled "so".'
cells   = 'tf2.{0.0,1.0}/{h5,json}'  # both of them
checks = { mode-parity = "off by" }  # and no other
remedy = "Do."
source = "not reported upstream"
""".replace("[[known]]", header)
    text = proposed(written, results(cell("tf2.1.0/json", "pass")), tmp_path)
    one, other = text.split("\n\n")
    assert one == written.rstrip("\n").replace("'tf2.{0.0,1.0}/{h5,json}'", '"tf2.0.0/{h5,json}"')
    assert (
        other
        == one.replace(f"# Seen by two people.\n{header}", "[[known]]").replace("tf2.0.0/{h5,json}", "tf2.1.0/h5")
        + "\n"
    )


def test_an_entry_of_which_all_is_fixed_goes(tmp_path: Path) -> None:
    measured = results(cell("tf2.15.1/clone", "pass", check("frozen-state", "pass")))
    assert "By hand too" not in proposed(TEXT, measured, tmp_path)


def test_a_new_regression_is_proposed_with_what_was_measured_and_no_source(tmp_path: Path) -> None:
    broken = [
        cell(f"{release}/{path}", "regress", check("mode-parity", "regress", "frozen BatchNorm is off by 1.5: a, b"))
        for release in ("tf2.0.0", "tf2.1.0")
        for path in ("json", "clone")
    ]
    text = proposed("", results(*broken), tmp_path)
    assert 'cells = "tf2.{0.0,1.0}/{json,clone}"' in text
    assert 'checks = { mode-parity = "frozen BatchNorm is off by" }' in text
    assert 'source = "not reported upstream"' in text


def test_a_proposal_says_how_many_are_affected_and_the_words_of_each_failure(tmp_path: Path) -> None:
    lost = check("weights-kept", "regress", "2 of 14 variables are not what they were", changed=["a", "b"])
    found = check(
        "search", "regress", "search: 359 examples, 2 failures: it is moved by 3; all of it is lost", failures=2
    )
    text = proposed("", results(cell("tf2.1.0/h5", "regress", lost, found)), tmp_path)
    assert 'weights-kept = "variables are not what they were"' in text
    assert 'search = ["it is moved by", "all of it is lost"]' in text
    assert "affected = { weights-kept = 2 }" in text


def test_cells_that_lose_more_become_an_entry_of_their_own_and_affected_is_kept(tmp_path: Path) -> None:
    def lost(release: str, count: int) -> CellResult:
        changed = list(map(str, range(count)))
        reason = f"{count} variables are not what they were"
        return cell(f"{release}/h5", "regress", check("weights-kept", "regress", reason, changed=changed))

    text = proposed("", results(lost("tf2.0.0", 8), lost("tf2.1.0", 8)), tmp_path)
    text = proposed(text, results(lost("tf2.0.0", 8), lost("tf2.1.0", 9)), tmp_path)
    one, other = text.split("\n\n")
    assert 'cells = "tf2.0.0/h5"' in one
    assert "affected = { weights-kept = 8 }" in one
    assert 'cells = "tf2.1.0/h5"' in other
    assert "affected = { weights-kept = 9 }" in other


def test_the_drift_of_every_cell_is_told(tmp_path: Path, known_file: WriteFile) -> None:
    measured = results(
        cell("tf2.0.0/h5", "pass"),
        cell("tf2.0.0/json", "error"),
        cell("tf2.1.0/h5", "regress", check("oracle", "regress")),
        cell("tf2.1.1/h5", "regress"),
    )
    told = propose(measured, read_known(known_file(TEXT), NAMES), TEXT, NAMES).drifting
    assert {drift: [str(each.id) for each in cells] for drift, cells in told.items()} == {
        "new": ["tf2.1.1/h5"],
        "different": ["tf2.1.0/h5"],
        "fixed": ["tf2.0.0/h5"],
        "missing": ["tf2.0.0/json"],
    }


def test_the_packaged_file_is_written_as_a_proposal_would_keep_it() -> None:
    text = KNOWN.read_text(encoding="utf-8")
    nothing = results(cell("tf2.21.0/h5", "pass"))
    assert propose(nothing, load_known(), text, NAMES).text == text


reasons = st.one_of(
    st.sampled_from(
        [
            "off by 16.2 times",
            "moved",
            "5",
            "it is 3e-05 away: conv1, conv2",
            "\"quoted\\ 'it'",
            "search: 9 examples, 2 failures: it is moved by 3; it is lost",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=30),
)
evidence = st.fixed_dictionaries(
    {},
    optional={
        "changed": st.lists(st.sampled_from(["a", "b", "c"])),
        "deviating": st.integers(-1, 3),
        "layers": st.just([{"name": "bn", "deviation": "inf"}]),
    },
)
checks = st.lists(
    st.builds(
        CheckResult,
        name=st.sampled_from(["mode-parity", "oracle", "search"]),
        status=st.just("regress"),
        reason=reasons,
        evidence=evidence,
    ),
    min_size=1,
    unique_by=lambda each: each.name,
)
ids = st.builds("{}/{}{}".format, st.sampled_from(sorted(NAMES.releases)), st.sampled_from(sorted(NAMES.paths)),
                st.sampled_from(["", "@freeze=model", "@freeze=model,wrap=chain"]))  # fmt: skip


@st.composite
def measured_cells(draw: st.DrawFn) -> CellResult:
    status = draw(st.sampled_from(["pass", "regress", "regress", "error", "not-applicable"]))
    told = draw(checks) if status == "regress" else [check("mode-parity", "pass")] if status == "pass" else []
    return cell(draw(ids), status, *told)


runs = st.lists(measured_cells(), unique_by=lambda each: str(each.id), max_size=8)


@given(first=runs, second=runs)
def test_after_a_proposal_nothing_drifts_but_what_is_missing(
    tmp_path_factory: pytest.TempPathFactory, first: list[CellResult], second: list[CellResult]
) -> None:
    folder = tmp_path_factory.mktemp("proposal")
    text = TEXT
    for cells in (first, second):
        text = proposed(text, results(*cells), folder)
        file = folder / "known.toml"
        file.write_text(text, encoding="utf-8")
        held = hold_against(results(*cells), read_known(file, NAMES))
        assert {each.drift for each in held.cells} <= {None, "missing"}
        assert proposed(text, results(*cells), folder) == text
