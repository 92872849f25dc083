"""The page in Ukrainian: nothing is left in English but quotations and names, and it fits."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect
from thorough import thoroughly

from pages import DRAWS_MS, caption_read, in_address

PLAN_B = "point21-cbs"
DAY = "2025-11-21"

# Names that are written in Latin letters in a Ukrainian text too, and marks of files and formats.
NAMES = (
    r"Axios|UNITED24 Media|CBS News|CBS|Folium|Leaflet|Natural Earth|GeoNames|DeepState|point21|"
    r"OpenStreetMap|WGS 84|QGIS|CSVW|README\.txt|BibTeX|CSL|RIS|CC BY|CC0|"
    r"Admin 1|States|Provinces|GeoJSON|GeoPackage|GeoParquet|"
    r"FlatGeobuf|KML|PMTiles|Shapefile|CSV|Excel|\.xlsx|PNG|SVG|HTML|iframe|TSV|zip|area_source|"
    r"deepstatemap\.live|data/control_observations\.csv|natural-earth|observations|ISO 3166-2|"
    r"https?://\S+|DOI|URL|TOML|JSON|[0-9a-f]{16}|Page Down|Page Up|Home|End|Delete|Backspace|"
    r"Insert|Shift|Ctrl|Esc|Enter|Tab"
)
# Every text that can be read or heard, with the language it stands in and where it is.
TEXTS = """() => {
  const found = [];
  const languageOf = (node) => node.closest("[lang]").lang;
  const isThere = (node) => node.checkVisibility({ visibilityProperty: true });
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    const text = walk.currentNode.textContent.trim();
    if (!text || node.closest("script, style, noscript") || !isThere(node)) continue;
    found.push([languageOf(node), text, node.tagName]);
  }
  for (const node of document.querySelectorAll("[aria-label], [title], [alt], [placeholder]")) {
    if (!isThere(node)) continue;
    for (const name of ["aria-label", "title", "alt", "placeholder"]) {
      const text = node.getAttribute(name);
      if (text) found.push([languageOf(node), text, `${node.tagName} ${name}`]);
    }
  }
  found.push([document.documentElement.lang, document.title, "TITLE"]);
  const about = document.querySelector("meta[name=description]").content;
  found.push([document.documentElement.lang, about, "META"]);
  return found;
}"""

# What says that it is still working ends in dots.
SETTLED = """() => !/(Вимірюємо|Оцінюємо|Порівнюємо|Завантаження|Перерахунок).* …/
  .test(document.getElementById("drawer").innerText)"""


def english_left(page: Any) -> list[str]:
    """Texts in Latin words that are not marked as another language."""
    left = []
    for language, text, where in page.evaluate(TEXTS):
        if language == "uk" and re.search(r"[A-Za-z]{3,}", re.sub(NAMES, "", text)):
            left.append(f"{where}: {text}")
    return left


def open_everything(page: Any) -> None:
    """Unfold what is folded."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


@pytest.mark.parametrize(
    "plan", [PLAN_B, *thoroughly("point21-axios", "borders-1991", "freeze-everywhere")]
)
def test_nothing_is_left_in_english(witness: Any, plan: str) -> None:
    page = witness.open(f"?plan={plan}&date={DAY}&lang=uk")
    open_everything(page)
    assert page.evaluate("document.documentElement.lang") == "uk"
    assert english_left(page) == []
    page.locator('[data-face="UA-14 russia"]').focus()
    page.keyboard.press("Enter")
    caption_read(page)
    expect(page.locator("#inspector-title")).to_contain_text("Донецька область")
    assert english_left(page) == []
    witness.assert_quiet()


def test_no_panel_is_left_in_english(witness: Any) -> None:
    page = witness.open("?lang=uk")
    names = page.locator("#tools [data-panel]").evaluate_all("all => all.map(b => b.dataset.panel)")
    assert names
    left = {}
    for name in names:
        page.locator(f'#tools [data-panel="{name}"]').click()
        page.locator("#drawer section.feature:not([aria-busy])").wait_for()
        page.wait_for_function(SETTLED, timeout=DRAWS_MS)
        open_everything(page)
        found = english_left(page)
        if found:
            left[name] = found
        page.locator("#drawer .drawer-close").click()
    assert left == {}
    assert witness.errors == []


def test_the_headline_is_a_ukrainian_sentence(witness: Any, ask: Any) -> None:
    page = witness.open("?lang=uk")
    words = page.locator("#headline").inner_text().replace("\u00a0", " ")
    rows = {row["oblast"]: row for row in ask("api/statistics?by=change")["rows"]}
    area = f"{round(rows['UA-14']['ukraine_leaves_km2']):,}".replace(",", " ")
    assert words.startswith(
        f"За лінією зіткнення станом на 21 листопада 2025 р. Україна залишила б {area} км² "
        "у Донецькій області; Росія залишила б до "
    )
    assert "у Харківській, Сумській, Дніпропетровській та Миколаївській областях" in words
    row = page.locator("#legend [data-category=frozen]").inner_text().replace("\u00a0", " ")
    assert re.search(r"\b\d\d \d{3}\s+\d,\d %", row)


def test_quotations_stay_and_say_in_which_language(witness: Any) -> None:
    page = witness.open("?lang=uk")
    quotes = page.locator("#inspector blockquote")
    expect(quotes).to_have_count(4)
    assert set(quotes.evaluate_all("all => all.map((one) => one.lang)")) == {"en"}
    assert quotes.first.inner_text().startswith("Crimea, Luhansk and Donetsk will be recognized")
    translation = page.locator("#inspector .translation").first
    assert "Крим, Луганськ і Донецьк" in translation.inner_text()
    assert "переклад наш" in translation.inner_text()
    english = witness.open("?lang=en")
    assert english.locator(".translation").count() == 0


def test_the_link_to_the_other_language_leads_to_the_same_state(witness: Any) -> None:
    page = witness.open(f"?plan={PLAN_B}&date={DAY}&reading=luhansk_pocket:retained")
    page.locator("#date").select_option("2026-08-01")
    witness.settled(PLAN_B, "2026-08-01")
    page.locator("#languages a[lang=uk]").click()
    page.locator("html[lang=uk][data-ready=true]").wait_for(state="attached")
    witness.settled(PLAN_B, "2026-08-01")
    in_address(page, "lang=uk")
    in_address(page, "reading=luhansk_pocket:retained")
    witness.ready()
    page.locator("#plan").select_option("point21-axios")
    witness.settled("point21-axios", "2026-08-01")
    in_address(page, "lang=uk")
    expect(page.locator("#kicker")).to_contain_text("Axios")
    assert english_left(page) == []
    page.locator("#languages a[lang=en]").click()
    page.locator("html[lang=en][data-ready=true]").wait_for(state="attached")
    witness.settled("point21-axios", "2026-08-01")
    expect(page.locator("#heading")).to_have_text("What the text means on the map")
    witness.ready()
    witness.assert_quiet()


def test_what_a_link_asks_for_in_vain_is_told_in_ukrainian(witness: Any) -> None:
    page = witness.open("?lang=uk&plan=nothing&date=2025-11-20")
    expect(page.locator("#notice")).to_contain_text("немає плану «nothing»")
    notice = page.locator("#notice").inner_text()
    assert notice.endswith("21 листопада 2025 р.")
    assert ".." not in notice
    in_address(page, "lang=uk")


def test_the_first_bundle_is_not_asked_for_again(witness: Any) -> None:
    witness.open("?lang=uk")
    assert not [url for url in witness.requests if "/api/map" in url]


def test_english_carries_and_fetches_no_words(witness: Any) -> None:
    page = witness.open("")
    assert page.locator("#point21-words").count() == 0
    assert not [url for url in witness.requests if "/i18n/" in url]


@pytest.mark.both_sizes
def test_ukrainian_fits_the_narrowest_screen(new_context: Any, server: str, size: str) -> None:
    if size != "phone":
        pytest.skip("one size of its own")
    page = new_context(viewport={"width": 320, "height": 640}, has_touch=True).new_page()
    page.goto(f"{server}?lang=uk")
    page.locator("html[data-ready=true][data-complete=true]").wait_for(state="attached")
    open_everything(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for selector in ("#languages", "#selectors", "#legend", "#inspector", "#notes"):
        box = page.locator(selector).bounding_box()
        assert box is not None
        assert box["x"] >= 0, selector
        assert box["x"] + box["width"] <= 320.5, selector


def test_who_prefers_ukrainian_is_led_there_once(new_context: Any, server: str) -> None:
    page = new_context(locale="uk-UA").new_page()
    page.goto(server)
    expect(page).to_have_url(f"{server}?lang=uk")
    page.goto(f"{server}?lang=en")
    page.locator("html[lang=en]").wait_for(state="attached")
    page.goto(f"{server}?plan={PLAN_B}")
    page.locator("html[lang=en]").wait_for(state="attached")


def test_one_file_speaks_ukrainian_without_a_server(witness: Any) -> None:
    page = witness.open(f"map.html?date={DAY}&lang=uk")
    assert page.locator("#languages").count() == 0
    page.locator("#plan").select_option(PLAN_B)
    witness.settled(PLAN_B, DAY)
    open_everything(page)
    assert english_left(page) == []
    assert not [url for url in witness.requests if "/api/" in url or "/i18n/" in url]
    witness.assert_quiet()


# What the page writes, and what Intl writes: the twelve months, and numbers of every size.
FORMS = """async () => {
  const { number, locale } = await import("/static/core/i18n.js");
  const { day } = await import("/static/core/format.js");
  const days = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });
  const values = [0, 7, -7, 12.34, 999, 1000, -1234.56, 99999.96, 123456, 7654321.04, 1e9 + 0.3];
  const found = [];
  for (let month = 1; month <= 12; month += 1) {
    const iso = `2025-${String(month).padStart(2, "0")}-0${(month % 9) + 1}`;
    found.push([day(iso), days.format(new Date(`${iso}T00:00:00Z`))]);
  }
  for (const digits of [0, 1, 3]) {
    const fixed = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    const numbers = new Intl.NumberFormat(locale, { ...fixed, useGrouping: true });
    for (const value of values) {
      found.push([number(value, digits), numbers.format(value).replace("-", "−")]);
    }
  }
  return found;
}"""


@pytest.mark.parametrize("language", ["en", "uk"])
def test_numbers_and_days_are_written_as_the_platform_does(witness: Any, language: str) -> None:
    forms = witness.open(f"?lang={language}").evaluate(FORMS)
    assert len(forms) == 45
    assert [ours for ours, _ in forms] == [theirs for _, theirs in forms]
