"""What the tests of the comparison share: its links, its panel, its matrix."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from pages import DAY, OTHER_DAY, PLAN_A, written

LATER = f"{PLAN_A}@{OTHER_DAY}"
DAYS = f"a={PLAN_A}@{DAY}&b={LATER}"
# Whether the part of the address behind the # has some words.
IN_HASH = "words => decodeURIComponent(location.hash).includes(words)"
# Which settlement is drawn where somebody would click, a share of the map's width from the left.
SIDE_AT = """share => {
  const box = document.getElementById("map_point21").getBoundingClientRect();
  const found = document.elementsFromPoint(box.left + share * box.width, box.top + box.height / 2);
  const face = found.find(node => node.matches("path.face"));
  if (!face) return null;
  return face.closest(".level").getAttribute("class").includes("compare") ? "b" : "a";
}"""


def link(reference: str, *words: str, a: str = PLAN_A, day: str = DAY, more: str = "") -> str:
    return f"?plan={a}&date={day}{more}#panel=compare&compare={';'.join([reference, *words])}"


def panel(page: Page) -> Locator:
    return page.locator(".feature--compare")


def compared(page: Page) -> Locator:
    """The panel once it shows a comparison."""
    panel(page).locator(".compare-matrix").wait_for()
    page.locator(".feature--compare:not([aria-busy])").wait_for()
    return panel(page)


def cell(page: Page, before: str, after: str) -> Locator:
    return page.locator(f'.compare-matrix [data-pair="{before} {after}"]')


def assert_matrix(page: Page, answer: dict[str, Any], by: str) -> None:
    """Wait until every figure of the matrix that is shown is that of the API."""
    matrix = answer[by]
    rows = {kind: sum(row.values()) for kind, row in matrix.items()}
    columns = {kind: sum(row[kind] for row in matrix.values()) for kind in matrix}
    listed = [kind for kind in matrix if rows[kind] > 0]
    headed = [kind for kind in matrix if columns[kind] > 0]
    lines = page.locator(".compare-matrix tbody tr")
    expect(lines).to_have_count(len(listed) + 1)
    for number, before in enumerate(listed):
        figures = [written(matrix[before][after]) for after in headed]
        expect(lines.nth(number).locator("td")).to_have_text([*figures, written(rows[before])])
    totals = [*(written(columns[kind]) for kind in headed), written(sum(rows.values()))]
    expect(lines.last.locator("td")).to_have_text(totals)
