"""Paths that need a variable set before TensorFlow is imported."""

from __future__ import annotations

from dataclasses import replace

from bnregress.run.engine import run
from bnregress.run.options import RunOptions
from bnregress.suite.paths import PATHS, environment_of
from tests.run.conftest import World


def test_a_path_gets_its_variables_in_a_process_of_its_own_and_the_others_do_not(shared_world: World) -> None:
    paths = ["without-variables", "tf-keras-legacy"]
    surroundings = replace(shared_world.surroundings(), known_paths=paths)
    results, _ = run(RunOptions(out=shared_world.out, select=("tf9.9.9",), jobs=1), surroundings=surroundings)
    assert {cell.id.path: cell.status for cell in results.cells} == dict.fromkeys(paths, "pass"), shared_world.log()
    assert results.complete


def test_the_legacy_path_and_its_twins_are_all_that_need_one_so_far() -> None:
    needing = {id for id in PATHS if environment_of(id)}
    assert {id.split(".")[0] for id in needing} == {"tf-keras-legacy"}
    assert environment_of("h5-from=tf2.1.0") == environment_of("no-such-path") == ()
