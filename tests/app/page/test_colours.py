"""Colours of the page: categories told apart by every kind of eye, text and controls readable."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from app.assets import STATIC
from app.page.elements.patterns import PATTERNED

Colour = npt.NDArray[np.float64]

# Dichromats' colours in linear RGB, severity 1 (Machado, Oliveira and Fernandes 2009).
VISION = {
    "full": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
# Share of a pattern's tile that its mark covers, by its geometry in templates/patterns.html.
COVERED = {
    "de_facto_recognized": 1.0,
    "frozen": 1.4 / 5,
    "buffer_zone": 3.2 / 7,
    "relinquished": 2 * np.pi * 1.3**2 / 36,
    "retained": 1.0,
    "not_settled": (2 * 1.4 * 8 - 1.4**2) / 64,
}


def palette(scheme: str) -> dict[str, Colour]:
    """Custom properties of one scheme, in linear RGB."""
    light, _, dark = STATIC.read("styles/palette.css")[0].decode().partition("@media")
    found = dict(re.findall(r"--([\w-]+): #([0-9a-f]{6});", light if scheme == "light" else dark))
    rgb = {
        name: np.array([int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)])
        for name, code in found.items()
    }
    return {
        name: np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
        for name, c in rgb.items()
    }


def to_lab(linear: Colour) -> Colour:
    """CIELAB (D65) of a colour in linear RGB."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = to_xyz @ np.clip(linear, 0, 1) / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_categories_stand_apart_for_every_kind_of_eye(scheme: str, vision: str) -> None:
    """As areas seen from afar, where a pattern is its mean colour: at least 10 in CIELAB."""
    colours = palette(scheme)
    seen = {
        key: to_lab(
            VISION[vision]
            @ (
                COVERED[key] * colours[f"{key}-mark"]
                + (1 - COVERED[key]) * colours[f"{key}-ground"]
            )
        )
        for key in PATTERNED
    }
    for one, other in combinations(PATTERNED, 2):
        distance = float(np.linalg.norm(seen[one] - seen[other]))
        assert distance >= 10, (one, other, round(distance, 1))


def contrast(one: Colour, other: Colour) -> float:
    """Contrast ratio of WCAG 2.2."""
    weights = np.array([0.2126, 0.7152, 0.0722])
    low, high = sorted((float(weights @ one), float(weights @ other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_lines_can_be_read(scheme: str) -> None:
    colours = palette(scheme)
    for paper in ("paper", "paper-raised"):
        for ink in ("ink", "ink-soft", "accent", "alarm"):
            assert contrast(colours[ink], colours[paper]) >= 4.5, (ink, paper)
        for control in ("edge", "focus", "accent"):
            assert contrast(colours[control], colours[paper]) >= 3, (control, paper)
    for key in PATTERNED:
        assert contrast(colours["front"], colours[f"{key}-ground"]) >= 3, key
    for key in ("frozen", "buffer_zone", "relinquished", "not_settled"):
        ratio = contrast(colours[f"{key}-mark"], colours[f"{key}-ground"])
        assert ratio >= 1.5, (key, ratio)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_any_colour_lightness_and_pattern_tell_categories_apart(scheme: str) -> None:
    """Achromatopsia, a photocopy, a printer out of ink: L* of CIELAB is all there is."""
    colours = palette(scheme)
    plain = {}
    for key in PATTERNED:
        ground, mark = (to_lab(colours[f"{key}-{part}"])[0] for part in ("ground", "mark"))
        if COVERED[key] == 1.0:
            plain[key] = mark
        else:
            assert abs(ground - mark) >= 18, (key, "its pattern cannot be seen")
    assert len(plain) == 2
    for one, other in combinations(plain.values(), 2):
        assert abs(one - other) >= 25
