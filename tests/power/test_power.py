"""The faults are declared rightly, judged rightly, and planted, found and undone in a real release."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bnregress.suite.checks import CHECKS
from bnregress.suite.paths import PATHS
from bnregress.suite.variants.cover import COSTLY_COVER, COVER
from tests.end_to_end.machine import require_releases
from tests.faults import FAULTS
from tests.faults.operations import Absent, Operations
from tests.faults.registry import CONVOLUTION, DIRECT, FIRST, LOADS, SECOND, USAGE, VARIED, Fault
from tests.power.__main__ import measure, parse
from tests.power.bounds import upper_bound
from tests.power.judge import Outcome, judge, without
from tests.power.page import render_page
from tests.power.place import Place, stage
from tests.power.soundness import judge_soundness
from tests.power.trials import RESNET50, SMALL, Answer, Trial, plan_trials

RELEASE = "tf9.9.9"
#: Checks of the paths that have their own.
OF_USAGE = [check.name for path in USAGE for check in PATHS[path].own or ()]
SWAPPED = Trial(fault="layers-swapped-by-h5")


def answer(trial: Trial, path: str, **evidence_of_regressing: dict[str, Any]) -> Answer:
    checks = [
        {
            "name": name,
            "status": "regress" if name.replace("-", "_") in evidence_of_regressing else "pass",
            "evidence": evidence_of_regressing.get(name.replace("-", "_"), {}),
        }
        for name in CHECKS
    ]
    record = {"status": "pass", "checks": checks, "seconds": {"build": 1.0, "checks": 2.0}}
    return Answer(release=RELEASE, trial=trial, path=path, record=record)


def judged(*answers: Answer, broken: frozenset[str] = frozenset()) -> Outcome:
    return judge(answers[0].trial, {each.path: each for each in answers}, broken, RELEASE)


@pytest.mark.parametrize("name", FAULTS)
def test_fault_names_checks_paths_and_layers_that_exist(name: str) -> None:
    fault = FAULTS[name]
    assert {fault.expected, *fault.also} <= {*CHECKS, *OF_USAGE}
    assert fault.varied or set(fault.paths) <= {DIRECT, *LOADS, *USAGE}
    assert not fault.varied or set(fault.paths) <= {f"{VARIED}@{name}" for name in (*COVER, *COSTLY_COVER)}
    assert set(fault.networks) <= {SMALL, RESNET50}
    assert fault.statement.endswith(".")
    assert set(fault.layers or ()) <= {"*", FIRST, SECOND, CONVOLUTION}


def test_a_fault_is_not_asked_for_if_the_release_lacks_what_it_shows_in() -> None:
    trial = Trial(fault="gathered-gradients-train-what-is-frozen")
    evidence: dict[str, dict[str, Any]] = {
        "ran": {"plain": 1.0},
        "absent": {"accumulation": "SGD of this release takes none"},
    }
    record: dict[str, Any] = {"checks": [{"name": "training-frozen", "status": "pass", "evidence": evidence}]}
    record |= {"status": "pass", "seconds": {"build": 1.0, "checks": 2.0}}
    given = Answer(release=RELEASE, trial=trial, path="training", record=record)
    assert judged(given).unasked == "SGD of this release takes none"
    evidence["ran"]["accumulation"] = 1.0
    asked = judged(given)
    assert (asked.unasked, asked.caught) == (None, False)


def test_every_check_is_expected_to_find_some_fault() -> None:
    assert {fault.expected for fault in FAULTS.values()} == {*CHECKS, *OF_USAGE}


def test_a_sound_network_is_asked_before_and_after_every_fault() -> None:
    trials = plan_trials(FAULTS.values(), seeds=2)
    assert trials[0] == trials[-1] == Trial(fault=None)
    assert trials.index(Trial(fault=None, network=RESNET50)) == min(
        place for place, trial in enumerate(trials) if trial.network == RESNET50
    )
    assert {trial.fault for trial in trials} == {None, *FAULTS}


def test_fault_found_by_the_expected_check_on_its_layers_is_right() -> None:
    outcome = judged(
        answer(SWAPPED, "h5", weights_kept={"changed": [f"{FIRST}/0", f"{SECOND}/0"]}), answer(SWAPPED, "json")
    )
    assert outcome.caught
    assert outcome.right


def test_fault_that_no_check_finds_is_not_caught() -> None:
    outcome = judged(answer(SWAPPED, "h5"), answer(SWAPPED, "json"))
    assert not outcome.caught
    assert not outcome.right


@pytest.mark.parametrize(
    ("h5", "json", "complaint"),
    [
        ({"weights_kept": {"changed": [f"{FIRST}/0"]}}, {}, f"not named: {SECOND}"),
        (
            {"weights_kept": {"changed": [f"{FIRST}/0", f"{SECOND}/0", "conv1_bn/0"]}},
            {},
            "wrongly named: conv1_bn",
        ),
        ({"oracle": {"changed": [f"{FIRST}/0", f"{SECOND}/0"]}}, {}, "weights-kept says nothing"),
        (
            {"weights_kept": {"changed": [f"{FIRST}/0", f"{SECOND}/0"]}, "frozen_state": {}},
            {},
            "unexpected: frozen-state",
        ),
        ({"weights_kept": {"changed": [f"{FIRST}/0", f"{SECOND}/0"]}}, {"oracle": {}}, "json is blamed too"),
    ],
)
def test_wrong_attribution_is_told(h5: dict[str, Any], json: dict[str, Any], complaint: str) -> None:
    outcome = judged(answer(SWAPPED, "h5", **h5), answer(SWAPPED, "json", **json))
    assert outcome.caught
    assert outcome.complaints == (complaint,)


def test_check_that_counts_its_layers_names_those_it_lists_as_lost() -> None:
    trial = Trial(fault="flag-of-one-layer-lost-by-json")
    outcome = judged(answer(trial, "json", flags_kept={"layers": 6, "lost": [SECOND]}), answer(trial, "clone"))
    assert outcome.right


def test_fault_on_a_path_that_is_broken_by_itself_is_not_asked() -> None:
    outcome = judged(answer(SWAPPED, "h5"), answer(SWAPPED, "json"), broken=frozenset({"h5"}))
    assert outcome.unasked == f"h5 regress in {RELEASE} by themselves"


def test_removing_the_only_check_that_found_a_fault_leaves_it_uncaught() -> None:
    outcome = judged(answer(SWAPPED, "h5", weights_kept={}, oracle={}), answer(SWAPPED, "json"))
    alone = judged(answer(SWAPPED, "h5", weights_kept={}), answer(SWAPPED, "json"))
    assert without([outcome, alone], "weights-kept") == [alone]


def test_false_alarm_counts_and_a_path_broken_by_itself_does_not() -> None:
    sound, seeded = Trial(fault=None), Trial(fault=None, seed=1)
    found = judge_soundness(
        RELEASE,
        [
            answer(sound, "direct"),
            answer(sound, "json", mode_parity={}),
            answer(seeded, "direct", oracle={}),
            answer(seeded, "json", mode_parity={}),
        ],
    )
    assert found.broken == {"json"}
    assert found.alarms == ("direct on small, seed 1: oracle",)
    assert (found.runs, found.cells, found.alarmed_runs) == (2, 2, 1)


def test_fault_that_outlives_its_trial_is_told() -> None:
    sound = Trial(fault=None)
    found = judge_soundness(RELEASE, [answer(sound, "h5"), answer(SWAPPED, "h5"), answer(sound, "h5", oracle={})])
    assert found.leaks == ("h5 on small is not what it was before the faults were planted",)


@pytest.mark.parametrize(("failures", "runs", "bound"), [(0, 59, 0.0495), (0, 60, 0.0487), (1, 60, 0.0766)])
def test_bound_is_that_of_clopper_and_pearson(failures: int, runs: int, bound: float) -> None:
    assert upper_bound(failures, runs) == pytest.approx(bound, abs=1e-4)


def test_the_page_tells_what_was_caught_missed_and_blamed_wrongly_and_what_each_check_is_for() -> None:
    found = judged(
        answer(SWAPPED, "h5", weights_kept={"changed": [f"{FIRST}/0", f"{SECOND}/0"]}), answer(SWAPPED, "json")
    )
    missed = judged(answer(SWAPPED, "h5"), answer(SWAPPED, "json"))
    wrong = judged(answer(SWAPPED, "h5", oracle={}), answer(SWAPPED, "json"))
    sound = judge_soundness(
        RELEASE, [answer(Trial(fault=None), "h5"), answer(Trial(fault=None, seed=1), "h5", oracle={})]
    )
    page = render_page([found], [sound], CHECKS, "Measured now.")
    assert "1 of 1 were caught, 1 of them blamed correctly; 0 could not be tested. Measured now." in page
    assert "| <code>weights-kept</code> | 1 | <code>layers-swapped-by-h5</code> |" in page
    assert "| <code>oracle</code> | 0 | – |" in page
    assert "1 run of 2 of the unbroken suite" in page
    assert "**missed**" in render_page([missed], [sound], CHECKS, "")
    assert "layers-swapped-by-h5</code> in tf9.9.9 on small: weights-kept says nothing" in render_page(
        [wrong], [sound], CHECKS, ""
    )


def test_nothing_of_the_host_is_staged(tmp_path: Path) -> None:
    suite, tests = stage(tmp_path)
    assert not (suite / "bnregress" / "cli.py").exists()
    assert not (tests / "tests" / "power" / "judge.py").exists()


def test_unknown_fault_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        parse(["--fault", "no-such-fault"])
    assert refused.value.code == 2
    assert "v1-behaviour" in capsys.readouterr().err


def one_for_each_check() -> list[Fault]:
    """The first fault that each check is expected to find on the small network, in the order of the checks."""
    first: dict[str, Fault] = {}
    for fault in FAULTS.values():
        if SMALL in fault.networks:
            first.setdefault(fault.expected, fault)
    return list(first.values())


@pytest.mark.end_to_end
def test_each_check_catches_its_fault_in_a_real_release_which_leaves_no_trace() -> None:
    """A check that never says `regress` any more turns this red; nothing else would."""
    require_releases("tf2.21.0")
    faults = one_for_each_check()
    # What loads other weights drifts from other releases too; no fault does that and nothing else.
    assert {fault.expected for fault in faults} >= {*CHECKS, *OF_USAGE} - {"release-drift"}
    outcomes, soundness = measure(Place.of("tf2.21.0", None, "cpu"), plan_trials(faults, seeds=1, networks=(SMALL,)))
    # What regresses there with nothing planted shows by that that its check can.
    assert soundness.broken <= {"constructor", "flags", "phases"}
    planted = [outcome for outcome in outcomes if not set(outcome.fault.paths) <= soundness.broken]
    assert not [outcome for outcome in planted if not (outcome.caught and outcome.right)]
    assert len(outcomes) == len(faults)
    assert (soundness.alarms, soundness.leaks) == ((), ())


def test_what_an_engine_has_nothing_like_is_told_by_name() -> None:
    names = "square sqrt reshape minimum where logical_and roll convert_to_tensor cast shape ones_like stop_gradient"
    ops = SimpleNamespace(is_tensor=None, moments=None, **dict.fromkeys(names.split()))
    numbers = SimpleNamespace(float32="float32", bfloat16="bfloat16")
    engine = SimpleNamespace(title="JAX", keras=SimpleNamespace(ops=ops), module=SimpleNamespace(numpy=numbers))
    operations = Operations(engine)  # type: ignore[no-untyped-call]
    with pytest.raises(Absent, match=r"Keras on JAX has nothing like tf\.Variable"):
        operations.Variable(0.0)
    assert operations.absent == ["Variable"]
