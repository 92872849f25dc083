"""axe-core finds no barrier: in no panel, no language, at no size, in light or dark.

axe-core comes with the package axe-playwright-python and is put into the page by the browser's own
tools, which the page's policy does not forbid.

References
----------
W3C, Web Content Accessibility Guidelines 2.2, levels A and AA.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from pages import DRAWS_MS

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Of what passes axe-core then describes one place for each rule, which spares it half its work.
RUN = """([tags, part]) => axe.run(part ?? document,
  { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] })"""
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
# What each panel shows once it has loaded everything.
FILLED = {
    "history": ".history-chart",
    "ranges": ".range .whisker",
    "readings": "fieldset",
    "compare": ".compare-matrix",
    "whatif": '.whatif-status[data-phase="known"]',
    "take": ".take-files li, .take-part[data-part=files] [data-make]",
}
# Each size, language and scheme once; thoroughly, each size and language in light and in dark.
VIEWS = [
    ("desktop", "en", "light"),
    ("phone", "uk", "dark"),
    pytest.param("desktop", "uk", "dark", marks=pytest.mark.thorough),
    pytest.param("phone", "uk", "light", marks=pytest.mark.thorough),
    pytest.param("phone", "en", "dark", marks=pytest.mark.thorough),
]
CHOSEN = "area=UA-14:ukraine"


# What the map clips away has a box all the same; axe-core takes it for something that lies over
# the targets beside the map.
OVER_BY_BOX_ONLY = "target-size"


def is_clipped(rule: str, node: dict[str, Any]) -> bool:
    """Whether a target is only said to lie under areas of the map, which the map clips away."""
    related = [other["html"] for check in node["any"] for other in check["relatedNodes"]]
    return rule == OVER_BY_BOX_ONLY and bool(related) and all('"face ' in text for text in related)


def barriers(page: Page, part: str | None = None) -> list[str]:
    """What axe-core calls a violation: rule, help, and where; of the page, or a part of it.

    From the top of the page: what has been scrolled below the map, which stays in sight on a small
    screen, is no target there.
    """
    page.evaluate("window.scrollTo(0, 0)")
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(f"{AXE}\n;void 0")
    found = page.evaluate(RUN, [TAGS, part])
    assert len(found["passes"]) > (5 if part else 10), "axe-core looked at it"
    return [
        f"{rule['id']}: {rule['help']}: {node['target']} {node.get('failureSummary', '')}"
        for rule in found["violations"]
        for node in rule["nodes"]
        if not is_clipped(rule["id"], node)
    ]


def view(new_context: Any, size: str, scheme: Any) -> BrowserContext:
    context: BrowserContext = new_context(
        viewport=SIZES[size], color_scheme=scheme, reduced_motion="reduce"
    )
    context.set_default_timeout(DRAWS_MS)
    return context


def complete(page: Page) -> None:
    page.locator("html[data-ready=true][data-complete=true]").wait_for(state="attached")


def panels(page: Page) -> list[str]:
    return page.locator("[data-panel]").evaluate_all("nodes => nodes.map(n => n.dataset.panel)")


def open_panel(page: Page, name: str) -> None:
    page.locator(f'[data-panel="{name}"]').click()
    page.locator(f".feature--{name}:not([aria-busy]):not([data-waiting])").wait_for()
    page.locator(f".feature--{name} :is({FILLED[name]})").first.wait_for()


def in_every_panel(page: Page, *, whole: bool = False) -> dict[str, list[str]]:
    """Barriers of each panel when it is open, and of the page around the last one.

    Every panel opens in the same place, so the page around it is looked at once; ``whole`` looks at
    all of it again with each.
    """
    found = {"page": barriers(page)}
    names = panels(page)
    for name in names:
        open_panel(page, name)
        found[name] = barriers(page, None if whole or name == names[-1] else f".feature--{name}")
    return found


@pytest.mark.both_sizes
@pytest.mark.parametrize(
    ("size", "language", "scheme"),
    [VIEWS[0], pytest.param(*VIEWS[1], marks=pytest.mark.thorough), *VIEWS[2:]],
)
def test_no_barrier_on_the_page_and_in_any_panel(
    request: pytest.FixtureRequest,
    new_context: Any,
    server: str,
    size: str,
    language: str,
    scheme: str,
) -> None:
    context = view(new_context, size, scheme)
    page = context.new_page()
    page.goto(f"{server}?lang={language}#{CHOSEN}")
    complete(page)
    found = in_every_panel(page, whole=request.node.get_closest_marker("thorough") is not None)
    assert set(found) == {"page", *FILLED}
    assert found == {name: [] for name in found}


@pytest.mark.both_sizes
@pytest.mark.parametrize(("size", "language", "scheme"), VIEWS)
def test_no_barrier_in_the_reduced_page(
    new_context: Any, server: str, size: str, language: str, scheme: str
) -> None:
    context = view(new_context, size, scheme)
    page = context.new_page()
    page.goto(f"{server}embed?lang={language}")
    complete(page)
    assert barriers(page) == []


@pytest.mark.parametrize(
    ("size", "scheme"),
    [("desktop", "dark"), pytest.param("phone", "light", marks=pytest.mark.thorough)],
)
def test_no_barrier_in_the_single_file(
    new_context: Any, server: str, tmp_path: Path, size: str, scheme: str
) -> None:
    context = view(new_context, size, scheme)
    page = context.new_page()
    answer: Any = page.request.get(f"{server}map.html", timeout=DRAWS_MS)
    path = tmp_path / "map.html"
    path.write_bytes(answer.body())
    page.goto(path.as_uri())
    complete(page)
    found = in_every_panel(page)
    assert found == {name: [] for name in found}
