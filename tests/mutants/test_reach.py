"""Which parts and cells a mutant is shown to, the sample, and what its results come to."""

from pathlib import Path

import pytest
from packaging.version import Version
from rich.console import Console

from bnregress.releases.catalog import load_catalog
from tests.mutants.__main__ import RELEASES, choose
from tests.mutants.operators import Mutant
from tests.mutants.page import kept, put, section
from tests.mutants.reach import Reach
from tests.mutants.report import Result, count, print_results
from tests.mutants.targets import BATCHNORM, SAVING, TRAINERS, Candidate, candidates

PLANNED = ["h5", "weights-h5", "keras-v3", "training", "small@wrap=chain", "small"]
PARTS = {
    "fit True": {"trainer.py": [3], "h5.py": [7]},
    "saved model.h5": {"trainer.py": [3], "h5.py": [7, 8]},
    "weights whole.h5": {"h5.py": [8]},
}


def candidate(file: str, line: int, area: str = TRAINERS) -> Candidate:
    mutant = Mutant(function="f", line=line, operator="drop-statement", start=0, end=1, text="")
    return Candidate(id=f"{file}:{line}", area=area, file=file, mutant=mutant)


@pytest.mark.parametrize(
    ("file", "line", "area", "parts", "cells"),
    [
        ("trainer.py", 3, TRAINERS, 2, ["small", "training", "small@wrap=chain", "h5", "weights-h5", "keras-v3"]),
        ("h5.py", 8, SAVING, 2, ["weights-h5", "h5"]),
        ("h5.py", 7, BATCHNORM, 2, ["small", "training", "small@wrap=chain", "h5", "weights-h5", "keras-v3"]),
    ],
)
def test_cells_of_a_line(file: str, line: int, area: str, parts: int, cells: list[str]) -> None:
    reach = Reach(PARTS, PLANNED)
    found = candidate(file, line, area)
    assert len(reach.parts(found)) == parts
    assert reach.cells(found) == cells


def test_a_sample_is_of_lines_that_run_and_the_same_each_time() -> None:
    every = [candidate("trainer.py", 3 + place % 2) for place in range(8)]
    reach = Reach(PARTS, PLANNED)
    taken = choose(every, reach, [TRAINERS], 3, seed=1)
    assert taken == choose(every, reach, [TRAINERS], 3, seed=1)
    assert [each.mutant.line for each in taken] == [3, 3, 3]
    assert len(choose(every, reach, [TRAINERS], None, seed=1)) == 4


def result(verdict: str, line: int = 1) -> Result:
    answer = {"verdict": verdict, "witness": "differs", "seen": "fit True 0"}
    return Result(release="tf2.15.1", candidate=candidate("trainer.py", line), answer=answer, diff="-old\n+new\n")


def test_what_could_not_be_decided_is_no_kill_and_no_survivor() -> None:
    found = count(map(result, ["killed", "killed", "killed", "survived", "undecided", "equivalent", "cannot apply"]))
    assert (found.killed, found.survived, found.undecided, found.equivalent) == (3, 1, 1, 2)
    assert found.share == 0.75
    assert count([]).share is None


def test_survivors_are_printed_as_diffs(capsys: pytest.CaptureFixture[str]) -> None:
    print_results(Console(width=120), [result("killed", 2), result("survived", 3)])
    said = capsys.readouterr().out
    assert "survived in tf2.15.1, trainer.py:3" in said
    assert "+new" in said
    assert "trainer.py:2" not in said


def test_the_page_of_faults_keeps_what_is_told_of_mutants() -> None:
    page = "# What the suite catches\n\n## Faults\n\nall\n"
    once = put(page, section([*[result("killed")] * 15, *[result("survived")] * 5], "Measured."))
    assert "75%" in once
    assert "+new" in once
    assert once.index("## Mutants") < once.index("## Faults")
    twice = put(once, section([result("killed")], "Measured."))
    assert "| 1 | 1 | 0 | 0 | – | 0 |" in twice
    assert "75%" not in twice
    assert kept(twice, page) == twice


def test_a_file_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(candidates(tmp_path, 3))


def test_the_newest_of_each_keras_is_mutated() -> None:
    """A TensorFlow named alone comes with the Keras of its day, which is not the newest."""
    catalog = load_catalog()
    chosen = {major: catalog[id_] for id_, major in RELEASES.items()}
    assert set(chosen) == {2, 3}
    for major, release in chosen.items():
        others = [each for each in catalog.values() if each.on_tensorflow and each.groups & {"default"}]
        kerases = [Version(each.keras.removesuffix("-tf")) for each in others if each.keras[0] == str(major)]
        assert Version(release.keras) == max(kerases)
