"""The colours of the token file keep their contrast, in both themes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = Path("src/creditwell/web/static/css/tokens.css").read_text()
TEXT = 4.5
BOUNDARY = 3.0

INKS = ("ink", "ink-2", "ink-3", "accent", "ok", "warn", "bad", "credit", "mute")
MEANINGS = ("ok", "warn", "bad", "credit", "mute", "accent")
HUES = ("sea", "clay", "heath", "moss", "dune", "dusk")
PAIRS = [
    *((ink, ground, TEXT) for ink in INKS for ground in ("paper", "surface", "hover")),
    *((f"ink{n}", "sunken", TEXT) for n in ("", "-2", "-3")),
    *((name, f"{name}-soft", TEXT) for name in (*MEANINGS, *HUES)),
    *(("ink", f"{name}-soft", TEXT) for name in (*MEANINGS, *HUES)),
    *(("on-accent", ground, TEXT) for ground in ("accent-fill", "accent-fill-hover")),
    *(("on-accent", ground, TEXT) for ground in ("bad-fill", "bad-fill-hover")),
    ("rail-ink", "rail", TEXT),
    ("rail-ink", "rail-on", TEXT),
    ("rail-ink-on", "rail-on", TEXT),
    ("paper", "ink", TEXT),
    *(("field", ground, BOUNDARY) for ground in ("surface", "paper")),
    *((bar, "surface", BOUNDARY) for bar in ("bar", "bar-2")),
    *(("accent", ground, BOUNDARY) for ground in ("paper", "surface", "sunken")),
]


def block(start: str) -> dict[str, str]:
    """The custom colours of the rule whose selector ends in `start`."""
    body = CSS.split(start, 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", body))


LIGHT = block("  :root {")
SYSTEM_DARK = block(":root:not([data-theme=light]) {" if ":not([data-theme=light]" in CSS else
                    ':root:not([data-theme="light"]) {')  # fmt: skip
CHOSEN_DARK = block(':root[data-theme="dark"] {')


def luminance(colour: str) -> float:
    def linear(part: str) -> float:
        value = int(part, 16) / 255
        return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(colour[n : n + 2]) for n in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_wcag_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [LIGHT, {**LIGHT, **CHOSEN_DARK}], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_pair(theme, ink, ground, least):
    assert contrast(theme[ink], theme[ground]) >= least, f"{ink} on {ground}"


def test_dark_is_the_same_whether_chosen_or_by_the_system():
    assert SYSTEM_DARK == CHOSEN_DARK
    assert len(CHOSEN_DARK) > 40


def test_paper_always_prints_light():
    before = CSS.split(':root[data-theme="dark"] {', 1)[0]
    assert before.rstrip().endswith("@media screen {")
    assert "@media screen and (prefers-color-scheme: dark)" in CSS
