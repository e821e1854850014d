"""What counts as a release's own refusal, and what stays an error."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bnregress.suite import bare
from bnregress.suite.finding import NotApplicable, Refused, refused
from bnregress.suite.subject import Subject

WORDS = "must correspond 1:1"


def test_an_exception_with_the_words_means_that_the_release_has_no_such_path() -> None:
    expected = pytest.raises(NotApplicable, match=r"this release refuses it: ValueError: .*name already exists")
    with expected, refused(ValueError, "name already exists"):
        raise ValueError("Unable to create dataset (name already exists)")


@pytest.mark.parametrize("error", [ValueError("shapes differ"), TypeError("name already exists")])
def test_any_other_exception_stays_what_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, refused(ValueError, "name already exists"):
        raise error
    assert raised.value is error


def test_what_ends_well_is_left_alone() -> None:
    with refused(ValueError, "name already exists"):
        done = True
    assert done


def fail_late(monkeypatch: pytest.MonkeyPatch, error: Exception, bare_error: Exception | None, late: bool) -> None:
    """Let a step raise on an engine that refuses one with `WORDS`, where a bare script ends as given."""

    def script(framework: object) -> None:
        if bare_error is not None:
            raise bare_error

    monkeypatch.setattr(bare, "train_frozen_late", script)
    engine = SimpleNamespace(refuses_late=WORDS)
    subject: Any = SimpleNamespace(
        framework=SimpleNamespace(engine=engine), making=SimpleNamespace(late=late), untrainable=None
    )
    with Subject._may_refuse(subject, "fit"):
        raise error


def test_a_step_that_is_refused_once_the_flags_have_changed_is_the_release_s_refusal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error = ValueError("Exception encountered when calling Cond.call().\n\nThe variables " + WORDS + "\n\nArguments")
    with pytest.raises(Refused) as raised:
        fail_late(monkeypatch, error, ValueError("refused"), late=True)
    assert raised.value.evidence["refused"] == {"call": "fit", "error": "ValueError: " + WORDS}


@pytest.mark.parametrize(
    ("error", "bare_error", "late"),
    [
        pytest.param(ValueError(WORDS), None, True, id="a bare script trains"),
        pytest.param(ValueError(WORDS), TypeError("no"), True, id="a bare script fails otherwise"),
        pytest.param(ValueError(WORDS), ValueError("no"), False, id="nothing was frozen late"),
        pytest.param(ValueError("shapes differ"), ValueError("no"), True, id="other words"),
        pytest.param(TypeError(WORDS), TypeError("no"), True, id="another exception"),
    ],
)
def test_any_other_failing_step_stays_what_it_is(
    monkeypatch: pytest.MonkeyPatch, error: Exception, bare_error: Exception | None, late: bool
) -> None:
    with pytest.raises(type(error)) as raised:
        fail_late(monkeypatch, error, bare_error, late)
    assert raised.value is error
