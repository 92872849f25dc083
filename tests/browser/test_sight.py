"""How the page looks to different eyes, fingers and settings, as Chromium paints it."""

from __future__ import annotations

import io
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from thorough import thoroughly

from app.page.elements.patterns import PATTERNED

pytestmark = pytest.mark.photographed
EYES = ("none", "achromatopsia", "deuteranopia", "protanopia", "tritanopia")
# Targets smaller than this, neither inline in a sentence nor the map's own shapes.
SMALL = """least => [...document.querySelectorAll("button, select, input, summary, a")]
  .filter(node => node.checkVisibility() && !node.closest("p, li, q, .leaflet-control"))
  .map(node => [node, node.closest("label") ?? node])
  .map(([node, target]) => [node.outerHTML.slice(0, 90), target.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.width < least || box.height < least))
  .map(([text, box]) => `${text} ${box.width}x${box.height}`)"""


def swatches(page: Any) -> dict[str, npt.NDArray[np.float64]]:
    """The legend's patterns, cut out of one photograph."""
    legend = page.locator("#legend")
    image = np.asarray(Image.open(io.BytesIO(legend.screenshot())).convert("RGB"), dtype=np.float64)
    corner = legend.bounding_box()
    found = {}
    for key in PATTERNED:
        shape = legend.locator(f'[data-category="{key}"] .swatch')
        if shape.count():
            box = shape.bounding_box()
            left, top = round(box["x"] - corner["x"]), round(box["y"] - corner["y"])
            right, bottom = left + int(box["width"]), top + int(box["height"])
            found[key] = image[top + 3 : bottom - 3, left + 3 : right - 3]
            assert found[key].size, key
    return found


def distance(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """Mean difference of two patterns in the place where they fit best."""
    rows, columns = min(one.shape[0], other.shape[0]), min(one.shape[1], other.shape[1])
    one, other = one[:rows, :columns], other[:rows, :columns]
    return min(
        float(np.abs(one - np.roll(other, (down, right), axis=(0, 1))).mean())
        for down in range(-3, 4)
        for right in range(-3, 4)
    )


@pytest.mark.parametrize("scheme", ["light", *thoroughly("dark")])
def test_the_legend_can_be_told_apart_by_every_kind_of_eye(
    witness: Any, size: str, scheme: str
) -> None:
    if size == "phone":
        pytest.skip("the swatches are the same")
    witness.page.emulate_media(color_scheme=scheme)
    page = witness.open("?reading=frozen_far_side:undefined")
    session = page.context.new_cdp_session(page)
    for eye in EYES:
        session.send("Emulation.setEmulatedVisionDeficiency", {"type": eye})
        shown = swatches(page)
        assert len(shown) == len(PATTERNED)
        for one, other in combinations(shown, 2):
            apart = distance(shown[one], shown[other])
            assert apart > 12, (eye, one, other, round(apart, 1))


@pytest.mark.parametrize(
    ("panel", "filled"),
    [
        ("", "#legend"),
        ("#panel=readings", ".feature:not([aria-busy]) fieldset"),
        ("#panel=compare", ".feature:not([aria-busy]) .compare-matrix"),
    ],
)
@pytest.mark.both_sizes
def test_targets_are_large_enough(witness: Any, size: str, panel: str, filled: str) -> None:
    page = witness.open(panel)
    page.locator(filled).first.wait_for()
    assert page.evaluate(SMALL, 24) == [], "WCAG 2.5.8: 24 by 24 CSS pixels"


def test_forced_colours_keep_map_controls_and_focus(witness: Any) -> None:
    witness.page.emulate_media(forced_colors="active")
    page = witness.open("#panel=readings")
    page.locator(".feature--readings fieldset").first.wait_for()
    shown = swatches(page)
    for one, other in combinations(shown, 2):
        assert distance(shown[one], shown[other]) > 12, (one, other)
    button = page.locator('#tools [data-panel="readings"]')
    style = "node => getComputedStyle(node).backgroundColor"
    others = page.locator('#tools [aria-expanded="false"]').first
    assert button.evaluate(style) != others.evaluate(style), "which tool is open can be seen"
    page.locator("#day").focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


@pytest.mark.both_sizes
def test_text_grows_with_the_reader_s_own_size(witness: Any) -> None:
    page = witness.open()
    size = "parseFloat(getComputedStyle(document.getElementById('headline')).fontSize)"
    before = page.evaluate(size)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate(size) == pytest.approx(2 * before, rel=0.01)
    width, height = page.viewport_size["width"], page.viewport_size["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.wait_for_function(
        """height => {
          const notes = document.getElementById("notes");
          const long = notes.getBoundingClientRect().height > 0.3 * height;
          return getComputedStyle(notes).position === (long ? "static" : "sticky");
        }""",
        arg=height,
    )


@pytest.mark.parametrize(("width", "height"), [(3840, 2160), (320, 256), (844, 390)])
def test_it_works_from_a_wall_to_a_magnified_corner(
    witness: Any, size: str, width: int, height: int
) -> None:
    if size == "phone":
        pytest.skip("this test brings sizes of its own")
    witness.page.set_viewport_size({"width": width, "height": height})
    page = witness.open("#panel=readings")
    page.locator(".feature--readings fieldset").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    canvas = page.locator("#canvas").bounding_box()
    assert canvas is not None
    assert canvas["height"] >= 120
    if height < 400:
        covered = page.evaluate(
            """[...document.querySelectorAll("#canvas, #notes, .drawer")]
              .filter(node => ["sticky", "fixed"].includes(getComputedStyle(node).position))
              .map(node => node.id)"""
        )
        assert covered == [], "nothing stays that would leave no room for the rest"
    witness.assert_quiet()
