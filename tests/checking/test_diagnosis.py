"""What an inspection comes to, as exit code, document and text."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from bnregress.cells.identifiers import CellId
from bnregress.checking.diagnosis import _release, diagnose
from bnregress.checking.inspector import Inspection
from bnregress.checking.printing import print_diagnosis
from bnregress.errors import FatalError, UsageError
from bnregress.judging.known.entries import find_entry, load_known
from bnregress.releases.catalog import load_catalog
from bnregress.suite import status

FACTS = {"tensorflow": "2.1.0", "keras": "2.2.4-tf", "python": "3.7.16", "executable": "/venv/python", "eager": True}


def environment(**statuses: str) -> Inspection:
    paths: list[dict[str, Any]] = [
        {"path": path.replace("_", "-"), "status": found, "kind": None, "reason": f"because of {path}"}
        | {"checks": [], "seconds": {"build": 0.5, "checks": 0.5}, "traceback": None}
        for path, found in statuses.items()
    ]
    return Inspection(facts=FACTS, paths=paths, last={"event": "done"})


def model(*layers: tuple[str, str, str, str | None], **sentences: tuple[str, ...]) -> Inspection:
    rows = [
        {"name": name, "class": "keras.BatchNormalization", "frozen": verdict != "not-frozen", "verdict": verdict}
        | {"reason": reason, "cure": cure, "evidence": {}}
        for name, verdict, reason, cure in layers
    ]
    return Inspection(facts=FACTS, last={"event": "model", "name": "m", "layers": rows, **sentences})


def text(inspection: Inspection, target: str | None = None) -> str:
    console = Console(file=io.StringIO(), width=300)
    print_diagnosis(console, diagnose(inspection, target))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        ({"h5": status.PASS, "json": status.NOT_APPLICABLE}, 0),
        ({"h5": status.REGRESS, "json": status.ERROR}, 1),
        ({"h5": status.ERROR, "json": status.PASS}, 4),
        ({"h5": status.INCONCLUSIVE}, 4),
        ({"h5": status.NOT_APPLICABLE}, 3),
        ({}, 3),
    ],
)
def test_the_exit_code_of_an_environment(statuses: dict[str, str], code: int) -> None:
    assert diagnose(environment(**statuses), None).exit_code == code


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        (["sound", "not-frozen"], 0),
        (["sound", "affected", "undecided"], 1),
        (["sound", "undecided"], 4),
        (["not-frozen"], 3),
        ([], 3),
    ],
)
def test_the_exit_code_of_a_model(verdicts: list[str], code: int) -> None:
    layers = [(f"bn{place}", verdict, "reason", None) for place, verdict in enumerate(verdicts)]
    assert diagnose(model(*layers), "m:build").exit_code == code


def test_the_cure_of_an_environment_is_a_path_that_passed_in_it() -> None:
    statuses = {"tf_keras_applications": status.REGRESS, "tf_keras_applications_layers": status.PASS}
    document = diagnose(environment(**statuses), None).to_json()
    assert document["verdict"] == "affected"
    assert document["exit_code"] == 1
    assert "tf-keras-applications-layers" in document["paths"][0]["remedy"]
    assert document["paths"][1]["remedy"] is None
    printed = text(environment(**statuses))
    assert "because of tf_keras_applications" in printed
    assert "Go through tf-keras-applications-layers" in printed
    assert printed.splitlines()[-1].strip().startswith("AFFECTED  This TensorFlow breaks a frozen BatchNorm")


def known_regression(path: str, release: str = "2.1.0") -> Inspection:
    """Return an inspection in which a path regresses just as is listed, and another passes."""
    entry = find_entry(load_known(), CellId(release=f"tf{release}", path=path))
    assert entry is not None
    checks: list[dict[str, Any]] = [
        {
            "name": name,
            "status": status.REGRESS,
            "reason": "; ".join(words),
            "evidence": {"deviating": entry.affected.get(name, 1)},
            "repro": None,
        }
        for name, words in entry.checks.items()
    ]
    rows: list[dict[str, Any]] = [
        {"path": path, "status": status.REGRESS, "kind": None, "reason": "it breaks", "checks": checks},
        {"path": "vgg16", "status": status.PASS, "kind": None, "reason": "fine", "checks": []},
    ]
    paths: list[dict[str, Any]] = [{**row, "seconds": {"build": 0.5}, "traceback": None} for row in rows]
    return Inspection(facts={**FACTS, "tensorflow": release}, paths=paths, last={"event": "done"})


def test_what_is_listed_as_known_is_as_expected_and_never_called_sound() -> None:
    inspection = known_regression("tf-keras-applications")
    document = diagnose(inspection, None).to_json()
    assert (document["verdict"], document["exit_code"]) == ("as-known", 0)
    printed = text(inspection)
    assert "sound on 1 of 2 loading paths" in printed
    assert "Known regressions (1)" in printed
    assert "Pass `layers=tf.keras.layers` to the network" in printed
    assert "PASS" not in printed
    assert "AS KNOWN" in printed


def test_what_is_broken_in_every_release_is_said_first() -> None:
    printed = text(known_regression("weights-h5.nested", "2.15.1"))
    assert "Broken in every release: weights-h5.nested." in printed
    assert "Broken in every release" not in text(known_regression("tf-keras-applications"))


def test_layers_that_differ_in_figures_alone_are_told_once_and_each_is_named() -> None:
    rows = [(f"bn{place}", "affected", f"off by {place}.5 times", "do this") for place in range(1, 13)]
    printed = text(model(*rows, ("other", "affected", "its statistics move", "do that")), "m:build")
    assert printed.count("off by 1.5 to 12.5 times") == 1
    assert printed.count("cure: do this") == 1
    assert "cure: do that" in printed
    for name in [row[0] for row in rows]:
        assert name in printed
    assert "13 of the 13 frozen layers of m:build do not behave as frozen." in printed


def test_with_anything_unmeasured_nothing_is_sound_and_it_is_said() -> None:
    found = model(("bn", "sound", "fine", None), unseen=("the training step failed",))
    assert diagnose(found, "m:build").exit_code == 4
    printed = text(found, "m:build")
    assert "Could not be measured" in printed
    assert "the training step failed" in printed
    assert "Cannot tell whether m:build is sound" in printed
    assert "PASS" not in printed
    affected = model(("bn", "affected", "it moves", None), unseen=("the training step failed",))
    assert diagnose(affected, "m:build").exit_code == 1


def test_a_warning_comes_before_the_layers_and_changes_no_exit_code() -> None:
    found = model(("bn", "sound", "fine", None), warnings=("bn_a is not frozen amid frozen layers",))
    assert diagnose(found, "m:build").exit_code == 0
    printed = text(found, "m:build")
    assert printed.index("bn_a is not frozen") < printed.index("Behave as frozen")


def test_escape_sequences_of_the_persons_own_names_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in text(model(("\x1b[31mbn", "sound", "fi\x1b[2Jne", None)), "m:build")


@pytest.mark.parametrize(("kind", "error"), [("usage", UsageError), ("undecided", FatalError)])
def test_a_problem_ends_the_command_with_its_reason(kind: str, error: type[FatalError]) -> None:
    last: dict[str, Any] = {"event": "problem", "kind": kind, "reason": "no weights", "detail": None}
    with pytest.raises(error, match=r"(?i)no weights") as raised:
        diagnose(Inspection(last=last), "m:build")
    assert type(raised.value) is error


def test_an_environment_is_compared_with_what_is_known_of_its_own_keras() -> None:
    catalog = load_catalog()
    for row in catalog.values():
        if not row.is_floating:
            engine = {"name": row.engine, "version": row.engine_version}
            facts = {"tensorflow": row.tensorflow or None, "keras": row.keras, "engine": engine}
            found = catalog[_release(facts)]
            assert (found.tensorflow, found.keras) == (row.tensorflow, row.keras)
    assert _release({"tensorflow": "2.18.1", "keras": "3.99.0"}) == "tf2.18.1"
