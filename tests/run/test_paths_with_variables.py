"""Paths that need a variable set before TensorFlow is imported."""

from __future__ import annotations

from dataclasses import replace

from bnregress.machine.sealing import seal
from bnregress.run.options import RunOptions
from bnregress.suite.paths import PATHS, environment_of
from tests.run.conftest import PYTHON, World, run

PATHS_ASKED = ["without-variables", "tf-keras-legacy"]


def decided(world: World) -> dict[str, str]:
    surroundings = replace(world.surroundings(), known_paths=PATHS_ASKED)
    results, _ = run(RunOptions(out=world.out, select=("tf9.9.9",), jobs=1, fresh=True), surroundings=surroundings)
    assert results.complete
    return {cell.id.path: cell.status for cell in results.cells}


def test_a_path_gets_its_variables_in_a_process_of_its_own_and_the_others_do_not(world: World) -> None:
    # In the fakes, either path regresses where it finds what it must not.
    assert decided(world) == {"without-variables": "pass", "tf-keras-legacy": "regress"}, world.log()
    (world.site_packages() / "tf_keras.py").touch()
    interpreter = world.find(PYTHON)
    assert interpreter is not None
    seal(world.environment(), lock_sha256=world.catalog["tf9.9.9"].lock_sha256(), interpreter=interpreter)
    assert decided(world) == dict.fromkeys(PATHS_ASKED, "pass"), world.log()


def test_a_path_whose_packages_are_missing_takes_no_process_of_its_own(world: World) -> None:
    decided(world)
    assert len([*world.records().parent.glob("cells.*.json")]) == 1


def test_the_legacy_path_and_its_twins_are_all_that_need_one_so_far() -> None:
    needing = {id for id in PATHS if environment_of(id)}
    assert {id.split(".")[0] for id in needing} == {"tf-keras-legacy"}
    assert environment_of("h5-from=tf2.1.0") == environment_of("no-such-path") == ()
