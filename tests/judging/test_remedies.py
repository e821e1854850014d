"""A remedy comes from what the run measured, and from nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from bnregress.cells.identifiers import CellId
from bnregress.judging.measured import Measured
from bnregress.judging.remedies import fill_remedies, remedy
from bnregress.results.model import CellResult, Host, ReleaseResult, Results
from bnregress.suite.registry import LoadingPath

ORDER = ("tf1", "tf2", "tf3", "tf4", "tf5")


def path(id: str, family: str) -> LoadingPath:
    return LoadingPath(id=id, family=family, summary=f"summary_of_{id.replace('-', '_')}()", build=lambda: None)


PATHS = {
    each.id: each
    for each in (
        path("plain", "applications"),
        path("with-layers", "applications"),
        path("vgg16", "control"),
        path("clone", "rebuilt"),
        path("json", "rebuilt"),
        path("h5", "saved"),
    )
}


def cell(id: str, status: str, remedy: str | None = None) -> CellResult:
    return CellResult(id=CellId.parse(id), device="cpu", status=status, reason="because", remedy=remedy)


def remedy_for(id: str, cells: Iterable[CellResult]) -> str:
    every = tuple(cells)
    said = remedy(next(one for one in every if str(one.id) == id), Measured(every), ORDER, PATHS)
    assert said is not None
    return said


def test_names_a_path_that_passes_in_the_same_release_and_how_to_write_it() -> None:
    said = remedy_for("tf3/plain", [cell("tf3/plain", "regress"), cell("tf3/with-layers", "pass")])
    assert "with-layers" in said
    assert "`summary_of_with_layers()`" in said


def test_names_the_nearest_release_in_which_the_path_passes() -> None:
    said = remedy_for("tf3/plain", [cell("tf3/plain", "regress"), cell("tf4/plain", "pass"), cell("tf5/plain", "pass")])
    assert "tf4" in said
    assert "tf5" not in said


def test_gives_both_ways_in_one_sentence() -> None:
    cells = [cell("tf3/plain", "regress"), cell("tf3/with-layers", "pass"), cell("tf4/plain", "pass")]
    said = remedy_for("tf3/plain", cells)
    assert "with-layers" in said
    assert "tf4" in said
    assert said.endswith(".")
    assert "\n" not in said


def test_a_newer_release_goes_before_an_older_one_that_is_nearer() -> None:
    said = remedy_for("tf3/plain", [cell("tf2/plain", "pass"), cell("tf3/plain", "regress"), cell("tf5/plain", "pass")])
    assert "tf5, the nearest newer release" in said


def test_an_older_release_is_named_where_no_newer_one_passes() -> None:
    cells = [cell("tf1/plain", "pass"), cell("tf2/plain", "pass"), cell("tf3/plain", "regress")]
    said = remedy_for("tf3/plain", [*cells, cell("tf4/plain", "regress")])
    assert "tf2, the nearest older release" in said


def test_a_path_that_passes_only_elsewhere_is_no_remedy_in_this_release() -> None:
    said = remedy_for("tf3/plain", [cell("tf3/plain", "regress"), cell("tf4/with-layers", "pass")])
    assert "go through" not in said.lower()


def test_a_path_that_did_not_pass_is_never_recommended() -> None:
    others = [cell("tf3/with-layers", status) for status in ("regress", "error", "inconclusive", "not-applicable")]
    for other in others:
        assert "go through" not in remedy_for("tf3/plain", [cell("tf3/plain", "regress"), other]).lower()


def test_a_control_is_never_recommended() -> None:
    assert "vgg16" not in remedy_for("tf3/plain", [cell("tf3/plain", "regress"), cell("tf3/vgg16", "pass")])


def test_a_rebuilt_path_is_replaced_by_its_own_family_before_applications() -> None:
    cells = [cell("tf3/with-layers", "pass"), cell("tf3/clone", "regress"), cell("tf3/json", "pass")]
    assert "go through json" in remedy_for("tf3/clone", cells).lower()
    assert "go through with-layers" in remedy_for("tf3/clone", [cells[0], cells[1]]).lower()


def test_another_variant_is_no_remedy() -> None:
    said = remedy_for("tf3/plain", [cell("tf3/plain", "regress"), cell("tf3/with-layers@freeze=model", "pass")])
    assert "go through" not in said.lower()


def test_says_what_to_run_where_nothing_that_may_pass_was_measured() -> None:
    said = remedy_for("tf3/plain", [cell("tf3/plain", "regress")])
    command = said[said.index("bnregress run") :]
    assert "--select '{tf1,tf2,tf3,tf4,tf5}' --path '{plain,with-layers}'" in command


def test_the_command_asks_only_for_what_was_not_measured() -> None:
    cells = [cell("tf3/plain", "regress"), cell("tf3/with-layers", "regress"), cell("tf4/plain", "regress")]
    command = remedy_for("tf3/plain", cells)
    assert "with-layers" not in command
    assert "tf4" not in command
    assert "--select '{tf1,tf2,tf3,tf5}' --path plain`" in command


def test_says_so_where_everything_was_measured_and_nothing_passes() -> None:
    cells = [cell(f"{release}/{name}", "regress") for release in ORDER for name in ("plain", "with-layers")]
    assert "Nothing passes" in remedy_for("tf3/plain", cells)


def test_a_release_missing_from_the_catalog_still_gets_the_paths_of_its_own() -> None:
    cells = [cell("nightly/plain", "regress"), cell("nightly/with-layers", "pass"), cell("tf1/plain", "pass")]
    said = remedy_for("nightly/plain", cells)
    assert "with-layers" in said
    assert "tf1" not in said


def test_a_broken_control_casts_doubt_on_its_release() -> None:
    said = remedy_for("tf3/vgg16", [cell("tf3/vgg16", "regress"), cell("tf4/vgg16", "pass")])
    assert "do not trust" in said


def test_only_regressions_get_a_remedy_and_others_keep_theirs() -> None:
    cells = (
        cell("tf1/plain", "unavailable", "Install it."),
        cell("tf2/plain", "pass"),
        cell("tf3/plain", "regress", "of an earlier run"),
    )
    release = ReleaseResult(tensorflow="2.1.0", keras="2.2.4-tf", python="3.7.16", lock_sha256=None)
    results = Results(plan="0" * 64, complete=True, host=Host.here(), releases={"tf1": release}, cells=cells)
    filled = fill_remedies(results, order=ORDER, paths=PATHS).cells
    assert [one.remedy for one in filled[:2]] == ["Install it.", None]
    assert "tf2" in (filled[2].remedy or "")


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(ORDER), st.sampled_from(sorted(PATHS))),
        st.sampled_from(["pass", "regress", "error", "inconclusive", "not-applicable", "unavailable"]),
        min_size=1,
    )
)
def test_whatever_was_measured_each_regression_gets_one_line_and_nothing_else_does(
    measured: dict[tuple[str, str], str],
) -> None:
    cells = [cell(f"{release}/{name}", status) for (release, name), status in measured.items()]
    for one in cells:
        said = remedy(one, Measured(cells), ORDER, PATHS)
        assert (said is not None) == (one.status == "regress")
        assert said is None or (said and "\n" not in said)


def test_a_path_on_another_network_is_no_remedy() -> None:
    paths = {
        id: LoadingPath(id=id, family="applications", summary=f"{id}()", build=lambda framework: None)
        for id in ("tf-keras-applications", "tf-keras-applications-layers.xception", "compat-v1.xception")
    }
    cells = [cell(f"tf2.1.0/{id}", "pass" if "layers" in id else "regress") for id in paths]
    assert "layers" not in str(remedy(cells[0], Measured(cells), ("tf2.1.0",), paths))
    assert "Go through tf-keras-applications-layers.xception" in str(
        remedy(cells[2], Measured(cells), ("tf2.1.0",), paths)
    )


def test_an_environment_of_your_own_is_named_by_no_selector() -> None:
    said = remedy_for("tf3+local/clone", [cell("tf3+local/clone", "regress")])
    assert "the same command with `--path '{clone,json" in said
    assert "--select" not in said
    assert "take tf4" not in remedy_for(
        "tf3+local/clone", [cell("tf3+local/clone", "regress"), cell("tf4/clone", "pass")]
    )


#: Keras by release: tf3 and tf4 have the same one.
KERAS = {"tf1": "2.15.0", "tf2": "3.0.5", "tf3": "3.1.1", "tf4": "3.1.1", "tf5": "3.2.1"}


def by_keras(statuses: str, id: str = "tf3") -> str:
    """What is said of a release, where `.` passes, `x` regresses and a space was not measured."""
    words = {".": "pass", "x": "regress"}
    cells = [
        cell(f"{release}/plain", words[mark]) for release, mark in zip(ORDER, statuses, strict=True) if mark in words
    ]
    said = remedy(next(one for one in cells if one.id.release == id), Measured(cells), ORDER, PATHS, KERAS)
    assert said is not None
    return said


def test_where_keras_decides_it_names_the_keras_from_which_on_it_is_safe() -> None:
    assert by_keras(".xxx.") == "Take Keras 3.2.1, as in tf5: it is broken in Keras 3.0.5 to 3.1.1, safe from 3.2.1."
    assert "broken in Keras 3.1.1, safe from 3.2.1" in by_keras(" .xx.")
    assert "Take Keras 3.0.5, as in tf2: it is broken in Keras 3.1.1 to 3.2.1, safe up to 3.0.5" in by_keras(" .xxx")
    assert "broken in Keras 3.0.5, safe from 3.1.1" in by_keras(" x...", "tf2")


def test_safe_is_only_what_every_measured_keras_beyond_says() -> None:
    assert "broken in Keras 3.0.5, passes in 3.1.1" in by_keras(" x..x", "tf2")


def test_where_tensorflow_decides_or_nothing_sound_was_measured_it_names_no_keras() -> None:
    for statuses in (" .x..", "xxxxx", ".xxxx", " xxxx"):
        assert "Keras" not in by_keras(statuses)
    assert "tf4" in by_keras(" .x..")
    assert "Keras" not in by_keras("x.   ", "tf1")
