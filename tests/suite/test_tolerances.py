"""Room above what was measured in sound releases, and below the faults."""

import pytest

from bnregress.suite import tolerances

#: Largest deviation of a sound cell, what is allowed of it, and the smallest of the planted faults that were run.
MEASURED = {
    "features": (2.4e-6, tolerances.relative("float32", 175), None),
    "one layer": (2.2e-7, tolerances.relative("float32", 1), None),
    "losses": (2.1e-7, tolerances.losses("float32", 175), 0.0149),
    "training": (2.14e-6, tolerances.TRAINED, 0.0347),
    "features in mixed precision": (5.1e-4, tolerances.relative("float16", 1), None),
}


@pytest.mark.parametrize(("sound", "allowed", "fault"), MEASURED.values(), ids=MEASURED)
def test_at_most_twenty_times_what_is_sound_and_a_tenth_of_what_is_not(
    sound: float, allowed: float, fault: float | None
) -> None:
    assert 2 * sound < allowed <= 20 * sound
    assert fault is None or 10 * allowed <= fault


def test_losses_of_half_precision_have_their_own_room() -> None:
    assert tolerances.losses("float16", 4) == tolerances.relative("float16", 4)


def test_a_model_that_was_never_measured_has_more_room() -> None:
    assert tolerances.unmeasured("float32", 9) > tolerances.relative("float32", 9)
    assert tolerances.unmeasured("bfloat16", 9) == tolerances.relative("bfloat16", 9)
