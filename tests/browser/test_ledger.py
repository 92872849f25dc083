"""The ledger and the other tables: read, sorted, copied and taken away as people do."""

from __future__ import annotations

import csv
import io
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import expect

PLAN = "point21-axios"
DAY = "2025-11-21"
TABLES = ("change", "leaving", "oblast", "oblast,category", "category")


def table(page: Any, name: str) -> Any:
    return page.locator(f'[data-table="{name}"]')


def rows_of(page: Any, name: str, part: str = "tbody") -> list[list[str]]:
    rows = table(page, name).locator(f"{part} tr")
    return [row.split("\t") for row in rows.all_inner_texts()]


def figure(value: float) -> str:
    return "< 1" if 0 < value < 0.5 else f"{round(value):,}"


def tab_separated(text: str, point: str = ".") -> list[list[str | float]]:
    """Read what was copied; numbers become numbers."""

    def read(cell: str) -> str | float:
        try:
            return float(cell.replace(point, "."))
        except ValueError:
            return cell

    return [[read(cell) for cell in line.split("\t")] for line in text.splitlines()]


def test_the_tables_say_what_the_api_says(witness: Any, ask: Any) -> None:
    page = witness.open()
    short = {row["oblast"]: row["name_en"] for row in ask("api/statistics?by=oblast")["rows"]}
    answer = ask("api/statistics?by=leaving")
    leaving = answer["rows"]
    expected = [
        [
            short[row["oblast"]].replace(" Oblast", ""),
            row["leaves"].capitalize(),
            figure(row["population_recorded"]),
            figure(row["settlements"]),
            figure(row["settlements_population_unknown"]),
        ]
        for row in leaving
    ]
    assert sorted(rows_of(page, "leaving")) == sorted(expected)
    assert [row[2:] for row in rows_of(page, "leaving", "tfoot")] == [
        [
            figure(row["population_recorded"]),
            figure(row["settlements"]),
            figure(row["settlements_population_unknown"]),
        ]
        for row in answer["totals"]
    ]
    everywhere = ask("api/statistics?by=country")["rows"][0]
    page.locator("#statistics-people summary").click()
    [whole] = rows_of(page, "category", "tfoot")
    assert whole[1:] == [
        figure(everywhere["population_recorded"]),
        figure(everywhere["settlements"]),
        figure(everywhere["settlements_population_unknown"]),
    ]
    [*_, country] = rows_of(page, "oblast", "tfoot")
    held = [figure(everywhere[f"{side}_held_km2"]) for side in ("ukraine", "russia")]
    assert country[1:4] == [figure(everywhere["area_km2"]), *held]
    witness.assert_quiet()


def test_every_table_has_caption_heads_and_scopes(witness: Any) -> None:
    page = witness.open()
    for name in TABLES:
        node = table(page, name)
        assert node.locator("caption").text_content().strip(), name
        scopes = node.locator("thead th").evaluate_all("nodes => nodes.map(n => n.scope)")
        assert set(scopes) == {"col"}, name
        first = node.locator("tbody tr > :first-child")
        assert set(first.evaluate_all("nodes => nodes.map(n => `${n.tagName} ${n.scope}`)")) == {
            "TH row"
        }
        assert node.locator("thead th[aria-sort]").count() == 1, name


def test_a_table_is_sorted_by_its_heads_and_the_sums_stay(witness: Any, ask: Any) -> None:
    page = witness.open()
    rows = ask("api/statistics?by=change")["rows"]
    rows.sort(key=lambda row: -row["net_leaves_km2"])
    names = [row["name_en"].replace(" Oblast", "") for row in rows]
    head = table(page, "change").locator("thead th").nth(3)
    head.locator("button").focus()
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending")
    assert [row[0] for row in rows_of(page, "change")] == names
    expect(page.locator("#said")).to_contain_text("largest first")
    expect(head.locator("button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert [row[0] for row in rows_of(page, "change")] == names[::-1]
    assert table(page, "change").locator("thead [aria-sort]").count() == 1
    assert [row[0] for row in rows_of(page, "change", "tfoot")] == ["In all"]
    page.reload()
    witness.ready()
    assert [row[0] for row in rows_of(page, "change")] == names[::-1]
    page.locator("#plan").select_option("point21-cbs")
    witness.settled("point21-cbs", DAY)
    expect(head).to_have_attribute("aria-sort", "ascending")


@pytest.mark.parametrize("way", ["clipboard", "selection"])
def test_a_table_is_copied_with_all_digits(witness: Any, ask: Any, way: str) -> None:
    witness.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = witness.open()
    if way == "selection":
        page.evaluate(
            """() => {
                navigator.clipboard.writeText = () => Promise.reject(new Error("not allowed"));
            }"""
        )
    part = page.locator("#statistics-ledger")
    part.locator(".grid-copy").click()
    part.locator(".grid-told", has_text="Copied 5 rows").wait_for()
    [head, *lines] = tab_separated(page.evaluate("navigator.clipboard.readText()"))
    assert head[:3] == ["Oblast", "Ukraine leaves, km²", "Russia leaves, km²"]
    found = {line[0]: line[1:] for line in lines}
    for row in ask("api/statistics?by=change")["rows"]:
        name = row["name_en"].replace(" Oblast", "")
        keys = ("ukraine_leaves_km2", "russia_leaves_km2", "to_be_agreed_km2", "net_leaves_km2")
        assert found[name] == [row[key] for key in keys]
    assert len(found) == len(ask("api/statistics?by=change")["rows"])  # no sum among them


def test_the_csv_of_a_table_has_every_row(witness: Any, ask: Any) -> None:
    page = witness.open("?plan=point21-cbs&date=2026-08-01")
    for name in TABLES:
        address = page.locator(f'[data-csv="{name}"]').get_attribute("href")
        with urllib.request.urlopen(witness.server + address) as answer:
            rows = list(csv.DictReader(io.TextIOWrapper(answer, "utf-8")))
        assert {row["plan"] for row in rows} == {"point21-cbs"}
        assert {row["date"] for row in rows} == {"2026-08-01"}
        assert len(rows) == len(
            ask(f"api/statistics?plan=point21-cbs&date=2026-08-01&by={name}")["rows"]
        )


def test_the_csv_of_the_towns_names_each(witness: Any, ask: Any) -> None:
    page = witness.open("?plan=point21-cbs&date=2026-08-01")
    with page.expect_download() as saved:
        page.locator("#statistics-towns .grid-csv").click()
    text = saved.value.path().read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    towns = ask("api/map?plan=point21-cbs&date=2026-08-01")["towns"]
    wanted = {t["name_en"]: t["population"] for t in towns if t["category"] == "buffer_zone"}
    assert {row["name"]: int(row["population"]) for row in rows} == wanted
    assert len(rows) == len(wanted) > 0


def test_ukrainian_names_are_sorted_the_ukrainian_way(witness: Any) -> None:
    witness.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = witness.open("?lang=uk")
    head = table(page, "oblast").locator("thead th").first
    head.locator("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    names = [row[0] for row in rows_of(page, "oblast")]
    assert "Донецька" in names
    assert names == page.evaluate("names => [...names].sort(Intl.Collator('uk').compare)", names)
    page.locator("#statistics-oblasts .grid-copy").click()
    page.locator("#statistics-oblasts .grid-told", has_text="Скопійовано").wait_for()
    text = page.evaluate("navigator.clipboard.readText()")
    lines = tab_separated(text, ",")
    assert "." not in text.splitlines()[1]
    assert all(isinstance(cell, float) for cell in lines[1][1:])


def test_wide_tables_scroll_inside_and_by_keyboard(witness: Any) -> None:
    witness.page.set_viewport_size({"width": 320, "height": 700})
    page = witness.open()
    page.evaluate("document.querySelectorAll('details').forEach(node => { node.open = true; })")
    page.wait_for_function(
        """() => [...document.querySelectorAll(".grid-scroll")]
          .every(n => (n.scrollWidth > n.clientWidth + 1) === (n.tabIndex === 0))"""
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    expect(page.locator(".grid-scroll[tabindex='0']")).not_to_have_count(0)


def test_without_the_ledgers_module_the_map_still_works(witness: Any) -> None:
    witness.page.route("**/tools/ledger/ledger.js*", lambda route: route.abort())
    page = witness.open()
    alert = page.locator("#ledger .alert")
    expect(alert).to_contain_text("could not be loaded")
    page.unroute("**/tools/ledger/ledger.js*")
    alert.locator("button").click()
    table(page, "change").locator("tbody tr").first.wait_for()
