"""What people take away: the link, pictures, files, citations, a page to embed, a printed sheet."""

from __future__ import annotations

import json
import re
import struct
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect
from thorough import thoroughly

SVG = "{http://www.w3.org/2000/svg}"
STATE = "plan=point21-cbs&date=2026-01-01&reading=luhansk_pocket:retained"
DRAWN = ".take-files li[data-format=gpkg]"


def open_take(witness: Any, query: str = "") -> Any:
    page = witness.open(query)
    page.locator('[data-panel="take"]').click()
    page.locator(".feature--take:not([aria-busy])").wait_for()
    page.locator(DRAWN).wait_for()
    return page


def make(page: Any, kind: str, folder: Path) -> Path:
    with page.expect_download() as waiting:
        page.locator(f'[data-make="{kind}"]').click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def digits(text: str) -> int:
    return int(re.sub(r"\D", "", text.split("km", maxsplit=1)[0].split("км", maxsplit=1)[0]))


@pytest.mark.parametrize("language", ["uk", *thoroughly("en")])
def test_the_svg_holds_what_is_shown_and_nothing_from_elsewhere(
    witness: Any, ask: Any, tmp_path: Path, language: str
) -> None:
    page = open_take(witness, f"?{STATE}&lang={language}")
    path = make(page, "svg", tmp_path)
    assert path.name.startswith("point21-cbs_2026-01-01_luhansk_pocket-retained_map")
    text = path.read_text("utf-8")
    root = ElementTree.fromstring(text)
    outside = re.findall(
        r'(?:href|src)="(?!#)[^"]*"|url\((?!#)[^)]*\)|<script|<foreignObject', text
    )
    assert outside == [], "nothing in it is asked for elsewhere or runs"
    bundle = ask(f"api/map?{STATE}&lang={language}")
    shown = {row["category"]: row for row in bundle["categories"] if row["area_km2"] > 0}
    rows = {
        row.get("data-category"): [node.text for node in row.iter(f"{SVG}text")]
        for row in root.iter(f"{SVG}g")
        if row.get("class") == "legend-row" and row.get("data-category")
    }
    assert rows.keys() == shown.keys()
    for category, words in rows.items():
        assert digits(words[-2]) == round(shown[category]["area_km2"]), category
        assert " ".join(words[:-2]) == shown[category]["label"]
    faces = {
        (node.get("data-oblast"), node.get("data-held-by"), node.get("data-category"))
        for node in root.iter(f"{SVG}path")
        if node.get("data-oblast")
    }
    facts = [face["properties"] for face in bundle["faces"]["features"]]
    assert faces == {(f["oblast"], f["held_by"], f["category"]) for f in facts}
    everything = " ".join(node.text or "" for node in root.iter(f"{SVG}text"))
    for part in (bundle["plan"]["title"], bundle["identity"]["data_version"], "Natural Earth"):
        assert part in everything
    assert bundle["note"].split(". ")[0] in everything.replace("  ", " ")
    witness.assert_quiet()


def test_the_png_is_the_same_picture_twice_as_large(witness: Any, tmp_path: Path) -> None:
    page = open_take(witness)
    root = ElementTree.fromstring(make(page, "svg", tmp_path).read_text("utf-8"))
    pixels = make(page, "png", tmp_path).read_bytes()
    assert pixels[:8] == b"\x89PNG\r\n\x1a\n"
    size = struct.unpack(">II", pixels[16:24])
    assert size == (2 * int(root.get("width", "0")), 2 * int(root.get("height", "0")))
    assert len(pixels) > 100_000, "something is drawn"
    witness.assert_quiet()


def test_a_layer_that_is_off_is_in_neither_picture_nor_link(
    witness: Any, ask: Any, tmp_path: Path
) -> None:
    page = open_take(witness)
    page.locator('[data-layer="buffer_zone"]').uncheck()
    text = make(page, "svg", tmp_path).read_text("utf-8")
    assert 'data-category="buffer_zone"' not in text
    assert 'data-category="frozen"' in text
    page.locator("#take-link").focus()
    page.locator('[data-copy="link"]').click()
    expect(page.locator("#take-link")).to_have_value(re.compile("off=buffer_zone"))
    link = page.locator("#take-link").input_value()
    page.goto("about:blank")
    page.goto(link)
    witness.ready()
    expect(page.locator('[data-layer="buffer_zone"]')).not_to_be_checked()
    expect(page.locator("path.face--buffer_zone")).to_have_count(0)
    expect(page.locator("path.face--frozen")).not_to_have_count(0)


def test_the_copied_link_restores_the_state(witness: Any, context: Any) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = open_take(witness, f"?{STATE}&lang=uk")
    page.locator('[data-copy="link"]').click()
    page.locator(".take-told").first.filter(has_text="Скопійовано").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.locator("#take-link").input_value()
    headline = page.locator("#headline").inner_text()
    page.goto("about:blank")
    page.goto(link)
    witness.ready()
    witness.settled("point21-cbs", "2026-01-01")
    expect(page.locator("html")).to_have_attribute("lang", "uk")
    expect(page.locator("#headline")).to_have_text(headline, use_inner_text=True)
    expect(page.locator("#drawer")).to_be_hidden()


def test_every_format_of_the_server_is_offered(witness: Any, ask: Any) -> None:
    page = open_take(witness, f"?{STATE}")
    formats = ask(f"api/downloads?{STATE}")["formats"]
    items = page.locator(".take-files li").evaluate_all("nodes => nodes.map(n => n.dataset.format)")
    assert items == [*(one["format"] for one in formats), "tables"]
    for address in page.locator(".take-files a").evaluate_all("nodes => nodes.map(n => n.href)"):
        assert urlsplit(address).path.startswith("/api/")
        assert "reading=luhansk_pocket:retained" in address.replace("%3A", ":")
    with page.expect_download() as waiting:
        page.locator(".take-files li[data-format=tables] a").first.click()
    assert "point21-cbs" in Path(waiting.value.path()).read_text("utf-8")


def test_a_citation_names_date_version_and_permanent_parameters(witness: Any, ask: Any) -> None:
    page = open_take(witness, f"?{STATE}")
    identity = ask(f"api/map?{STATE}")["identity"]
    for name in ("text", "bibtex", "csl"):
        text = page.locator(f"#take-{name}").input_value().replace("\\_", "_")
        assert identity["data_version"] in text
        for part in ("plan=point21-cbs", "date=2026-01-01", "source=observations"):
            assert part in text, name
    [item] = json.loads(page.locator("#take-csl").input_value())
    assert item["URL"].startswith("http://127.0.0.1")


def test_the_embedded_page_is_map_sentence_legend_and_sources(witness: Any) -> None:
    page = open_take(witness, f"?{STATE}")
    code = page.locator("#take-embed").input_value()
    address = re.search(r'<iframe src="([^"]+)"', code)
    assert address
    page.goto(address[1].replace("&amp;", "&"))
    witness.ready()
    for selector in ("#headline", "#map_point21", "#legend", "#notes", "path.face >> nth=0"):
        expect(page.locator(selector), selector).to_be_visible()
    for selector in (".selectors", "#search", "#tools", "#panel", "#inspector", "h1"):
        expect(page.locator(selector), selector).to_be_hidden()
    page.set_viewport_size({"width": 320, "height": 300})
    page.wait_for_function("document.documentElement.scrollWidth === 320")
    assert page.locator("#map_point21").bounding_box()["height"] >= 180
    witness.assert_quiet()


def words_of_pdf(data: bytes) -> tuple[int, int]:
    """Number of pages, and of operators that show text."""
    shown = 0
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
        try:
            # A checksum that ends with 13 looks like the end of a line: its last byte may be gone.
            content = zlib.decompressobj().decompress(stream)
        except zlib.error:
            continue
        shown += len(re.findall(rb"\bT[jJ]\b", content))
    return len(re.findall(rb"/Type\s*/Page\b", data)), shown


def test_it_prints_on_one_sheet_whatever_asks_for_it(witness: Any, size: str) -> None:
    page = witness.open(f"?{STATE}")
    page.evaluate("""() => {
        window.printed = [];
        addEventListener("beforeprint", () => window.printed.push(
            document.querySelector("#sheet")?.textContent ?? ""));
    }""")
    pages, shown = words_of_pdf(page.pdf(format="A4"))
    assert pages == 1
    assert shown > 50, "text is text in the PDF"
    [sheet] = page.evaluate("window.printed")
    for part in ("28-point plan", "Ukraine leaves", "In all", "Natural Earth", "WGS 84", "plan="):
        assert part in sheet, part
    expect(page.locator("#sheet"), "the page is as it was").to_have_count(0)
    witness.assert_quiet()


# Every attribute of the sheet's drawing, and what the browser makes of it with the page's styles.
LOOKS = """() => {
  window.looks = [];
  addEventListener("beforeprint", () => {
    for (const node of document.querySelectorAll("#sheet svg *")) {
      for (const name of ["font-size", "font-weight", "letter-spacing", "stroke-width"]) {
        const given = node.getAttribute(name);
        if (given) window.looks.push([name, given, getComputedStyle(node)[name]]);
      }
    }
  });
}"""


def test_no_style_of_the_page_touches_the_drawing_on_the_sheet(witness: Any, size: str) -> None:
    page = witness.open(f"?{STATE}")
    page.evaluate(LOOKS)
    page.pdf(format="A4")
    looks = page.evaluate("window.looks")
    assert len(looks) > 100
    assert [look for look in looks if float(look[1]) != float(look[2].removesuffix("px"))] == []


def test_nothing_throws_while_a_page_is_turned_or_folded(witness: Any, size: str) -> None:
    page = witness.open()
    page.evaluate("document.querySelector('#canvas').style.display = 'none'")
    page.wait_for_timeout(100)
    page.evaluate("document.querySelector('#canvas').style.display = ''")
    for width, height in ((844, 390), (320, 200), (1, 1), (390, 4000), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(100)
    page.screenshot(full_page=True)
    expect(page.locator("path.face--buffer_zone").first).to_be_visible()
    assert page.evaluate("Number.isFinite(map_point21.getZoom())")
    witness.assert_quiet()
