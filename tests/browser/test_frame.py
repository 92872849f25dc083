"""The page's frame: nothing covers, nothing sticks out, everything has a name."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from typing import Any

import pytest
from playwright.sync_api import expect
from thorough import thoroughly

from pages import BOXES, KRAMATORSK, caption_read, click_at, faces

# Controls without a name: neither a label, nor text, nor aria-label.
NAMELESS = """() => [...document.querySelectorAll("button, select, input, a, path[tabindex]")]
  .filter(node => !node.hidden)
  .filter(node => !(node.ariaLabel ?? node.labels?.[0]?.textContent ?? node.textContent).trim())
  .map(node => node.outerHTML.slice(0, 120))"""


def test_tiles_are_off_and_never_block(witness: Any) -> None:
    page = witness.open()
    tiles = page.locator('[data-layer="tiles"]')
    assert not tiles.is_checked()
    assert witness.external == []
    tiles.check()
    page.locator("#status", has_text="OpenStreetMap cannot be reached").wait_for()
    expect(page.locator(".leaflet-control-attribution")).to_contain_text("OpenStreetMap")
    assert faces(page, "buffer_zone") > 0
    tiles.uncheck()
    expect(page.locator(".leaflet-control-attribution")).to_have_count(0)
    assert witness.errors == []


def test_labels_touch_no_other_label(witness: Any) -> None:
    page = witness.open()
    for zoom in (4.5, 6, 7, 8, 9.5):
        page.evaluate(
            "zoom => void map_point21.setView([48.4, 37.3], zoom, {animate: false})", zoom
        )
        boxes = page.evaluate(BOXES, ".label")
        assert len(boxes) > 5
        clashes = [
            (a, b)
            for a, b in combinations(boxes, 2)
            if a["left"] < b["right"]
            and b["left"] < a["right"]
            and a["top"] < b["bottom"]
            and b["top"] < a["bottom"]
        ]
        assert clashes == [], zoom


@pytest.mark.both_sizes
def test_panels_do_not_cover_what_they_speak_of(witness: Any) -> None:
    page = witness.open()
    click_at(page, *KRAMATORSK)
    caption_read(page)
    canvas, inspector, title, notes = page.evaluate(
        BOXES, ":is(#canvas, #inspector, #inspector-title, #notes)"
    )
    assert inspector["top"] >= canvas["bottom"] - 1
    assert canvas["top"] >= -1
    assert title["bottom"] <= notes["top"]


@pytest.mark.both_sizes
def test_neutrality_date_and_sources_are_always_in_sight(witness: Any) -> None:
    page = witness.open()
    for position in (0, 600, 100_000):
        page.mouse.wheel(0, position)
        page.evaluate("y => window.scrollTo(0, y)", position)
        [notes] = page.evaluate(BOXES, "#notes")
        assert notes["top"] < notes["bottom"] <= page.viewport_size["height"] + 1
    text = page.locator("#notes").inner_text()
    assert "takes no side" in text
    assert "21 November 2025" in text
    page.locator("#notes a").click()
    for name in ("Natural Earth", "GeoNames", "CC BY 4.0"):
        expect(page.locator("#sources")).to_contain_text(name)


@pytest.mark.parametrize("width", [320, 768, *thoroughly(390, 1024)])
def test_nothing_sticks_out_sideways(witness: Any, width: int) -> None:
    witness.page.set_viewport_size({"width": width, "height": 740})
    page = witness.open()
    page.evaluate("document.querySelectorAll('details').forEach(node => { node.open = true; })")
    click_at(page, *KRAMATORSK)
    caption_read(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_prints_with_map_figures_and_sources(witness: Any) -> None:
    page = witness.open()
    page.emulate_media(media="print")
    for selector in ("#map_point21", "#legend", '[data-table="change"]', "#sources", "#notes"):
        [box] = page.evaluate(BOXES, selector)
        assert box["bottom"] > box["top"], selector
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.panel')).overflowY") == "visible"
    )
    assert not page.locator(".leaflet-control-zoom").is_visible()


def test_every_control_has_a_name(witness: Any) -> None:
    page = witness.open()
    nameless = page.evaluate(NAMELESS)
    assert nameless == []
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    levels = page.locator("h1, h2, h3").evaluate_all("nodes => nodes.map(n => +n.tagName[1])")
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_reduced_motion_is_respected(witness: Any) -> None:
    witness.page.emulate_media(reduced_motion="reduce")
    page = witness.open()
    assert page.evaluate("map_point21.options.zoomAnimation") is False


def test_the_dark_scheme_has_dark_paper(witness: Any) -> None:
    witness.page.emulate_media(color_scheme="dark")
    page = witness.open()
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(int(part) for part in re.findall(r"\d+", colour)[:3]) < 64
