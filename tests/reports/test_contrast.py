"""Text of the pages can be read: WCAG 2.1's contrast of 4.5 for each pair of ink and ground, in both schemes."""

from __future__ import annotations

import re

import pytest

from bnregress.reports.html.page import STYLES, asset

LEAST_TEXT = 4.5
#: Success criterion 1.4.11: what is drawn and has a meaning.
LEAST_DRAWN = 3.0


def schemes() -> dict[str, dict[str, str]]:
    light, dark = asset("colours.css").split("@media")
    found = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", part)) for part in (light, dark)]
    return {"light": found[0], "dark": found[1]}


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula_gives_its_known_values() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)


def test_both_schemes_have_the_same_colours() -> None:
    found = schemes()
    assert set(found["light"]) == set(found["dark"])
    assert len([name for name in found["light"] if name.endswith("-ink")]) >= 12


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_ink_stands_out_from_its_ground(scheme: str) -> None:
    colours = schemes()[scheme]
    inks = [name.removesuffix("-ink") for name in colours if name.endswith("-ink")]
    weak = {
        name: round(ratio, 2)
        for name in inks
        if (ratio := contrast(colours[f"{name}-ink"], colours[f"{name}-bg"])) < LEAST_TEXT
    }
    assert not weak


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_small_text_and_drawn_marks_stand_out_from_each_ground_they_are_on(scheme: str) -> None:
    colours = schemes()[scheme]
    for ground in ("page-bg", "raised-bg"):
        for text in ("muted-ink", "link-ink", "remedy-ink"):
            assert contrast(colours[text], colours[ground]) >= LEAST_TEXT, (text, ground)
        for drawn in ("line", "focus", "mark", "calm"):
            assert contrast(colours[drawn], colours[ground]) >= LEAST_DRAWN, (drawn, ground)


def test_no_other_style_has_colours_of_its_own() -> None:
    for name in (*STYLES, "history.css"):
        if name != "colours.css":
            assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s])", asset(name)), name
