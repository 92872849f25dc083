"""The map page as text: what Folium builds, what it links to, what it refuses to interpret."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import folium
import orjson
import pytest

from app.assets import STATIC
from app.page.elements import Legend, Notes, Selectors, describe_offer
from app.page.elements.assets import MODULES, _imports, join_modules, leaflet_styles
from app.page.elements.base import escape_json
from app.page.elements.data import without_shared_geometry
from app.page.elements.notes import shorten_credits
from app.page.elements.patterns import PATTERNED
from app.page.elements.picture import to_world, write_path
from app.page.folium_map import SettlementMap, build_map, render_page

HOSTILE = '"><script>wounded()</script><img src=x onerror=wounded()>'
SQUARE = {"type": "Polygon", "coordinates": [[[30, 48], [31, 48], [31, 49], [30, 49], [30, 48]]]}
# The western half of the square, cut off in the middle: the only border inside the data.
CUT = {
    "type": "Polygon",
    "coordinates": [[[30, 48], [30.5, 48], [30.5, 49], [30, 49], [30, 48]]],
}
BACKGROUND = {"type": "FeatureCollection", "features": []}


def make_bundle(*, plan: str = "one", name: str = "Oblast") -> dict[str, Any]:
    """A bundle with one face, in the form of ``GET /api/map``."""
    face = {"oblast": "UA-01", "held_by": "ukraine", "name_en": name, "category": "retained"}
    return {
        "identity": {"plan": plan, "date": "2025-11-21"},
        "plan": {"id": plan, "title": f"Plan {name}", "title_short": name, "clauses": []},
        "categories": [{"category": key, "label": f"{key} {name}"} for key in PATTERNED],
        "faces": {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "properties": face, "geometry": SQUARE}],
        },
        "sources": [{"title": name, "attribution": f"Credit to {name}"}],
        "note": name,
    }


def scripts_of(page: str) -> list[tuple[str, str]]:
    """Attributes and text of every script of a page."""
    return re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL)


def test_it_is_a_folium_map_that_anything_can_be_added_to() -> None:
    page = build_map(make_bundle())
    assert isinstance(page, folium.Map)
    folium.CircleMarker([48, 31]).add_to(page)
    assert ".addTo(map_point21)" in page.get_root().render()


def test_the_same_bundle_gives_the_same_bytes() -> None:
    assert render_page(make_bundle()) == render_page(make_bundle())
    inline = [render_page(make_bundle(), inline=True, background=BACKGROUND) for _ in range(2)]
    assert inline[0] == inline[1]


def test_leaflet_is_the_only_asset_and_no_other_map_is_touched() -> None:
    before = list(folium.Map.default_js), list(folium.Map.default_css)
    page = render_page(make_bundle())
    linked = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert not [
        address for address in linked if "//" in address and not address.startswith("data:")
    ]
    assert "assets/leaflet/leaflet.js" in linked
    assert "assets/leaflet/leaflet.css" in linked
    assert 'rel="stylesheet"' not in page
    assert "jquery" not in page.lower()
    assert "bootstrap" not in page.lower()
    assert (list(folium.Map.default_js), list(folium.Map.default_css)) == before


def test_a_served_page_carries_the_first_state_and_its_picture() -> None:
    page = render_page(make_bundle(plan="p-1"))
    carried = orjson.loads(next(text for kind, text in scripts_of(page) if "json" in kind))
    [bundle] = carried["bundles"]
    assert bundle["identity"] == make_bundle(plan="p-1")["identity"]
    assert [face["geometry"] for face in bundle["faces"]["features"]] == [None]
    [drawn] = re.findall(r'<path class="face [^>]*data-key="UA-01 ukraine"[^>]* d="([^"]+)"', page)
    assert drawn == write_path(SQUARE)
    assert '<path class="ground' not in page
    land = {"type": "Feature", "properties": {"layer": "land"}, "geometry": SQUARE}
    full = render_page(make_bundle(), background={**BACKGROUND, "features": [land]})
    assert f'<path class="ground ground--land" d="{write_path(SQUARE)}"/>' in full


def test_a_page_loads_leaflet_after_its_picture() -> None:
    page = render_page(make_bundle())
    scripts = scripts_of(page)
    assert [kind for kind, _ in scripts] == [' type="application/json" id="point21-data"', "", ""]
    assert scripts[1][1].startswith("function drawFoliumMap() {")
    assert "L.map(" in scripts[1][1]
    assert len(scripts[1][1]) < 1500
    assert scripts[2][1].strip() == join_modules().strip()
    assert '<link rel="preload" as="script" href="assets/leaflet/leaflet.js">' in page


def test_what_is_added_to_the_map_finds_leaflet_in_the_head() -> None:
    page = build_map(make_bundle())
    folium.CircleMarker([48, 31]).add_to(page)
    text = page.get_root().render()
    head, body = text.split("</head>")
    assert '<script src="assets/leaflet/leaflet.js"></script>' in head
    assert 'rel="stylesheet" href="assets/leaflet/leaflet.css"' in head
    assert "drawFoliumMap() {" not in body


def test_paths_are_whole_steps_and_keep_shared_borders() -> None:
    east = [[31, 48], [32, 48], [32, 49], [31, 49], [31, 48]]
    hole = [[30.2, 48.2], [30.2, 48.4], [30.4, 48.4], [30.2, 48.2]]
    with_hole = {"type": "Polygon", "coordinates": [*SQUARE["coordinates"], hole]}
    many = {"type": "MultiPolygon", "coordinates": [with_hole["coordinates"], [east]]}
    drawn = write_path(many)
    assert re.sub(r"-?\d+", "0", drawn).replace(" ", "0").count("z") == 3
    assert [part[0] for part in re.findall(r"[Mm][^Mm]+", drawn)] == ["M", "m", "M"]
    shared = to_world([[31, 48], [31, 49]])
    assert (shared == to_world([[31.0, 48.0], [31.0, 49.0]])).all()
    assert write_path({"type": "Polygon", "coordinates": [[[30, 48], [30, 48], [30, 48]]]}) == ""
    with pytest.raises(ValueError, match="got Point"):
        write_path({"type": "Point", "coordinates": [0, 0]})


def test_the_edge_of_the_data_is_no_border() -> None:
    page = render_page(
        make_bundle(),
        background={
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": {"layer": layer}, "geometry": geometry}
                for layer, geometry in (("land", SQUARE), ("country", CUT))
            ],
        },
    )
    [border] = re.findall(r'class="ground ground--border" d="([^"]+)"', page)
    inner = {"type": "LineString", "coordinates": [[30.5, 48], [30.5, 49]]}
    assert border == write_path(inner)


def test_an_inline_page_links_to_nothing() -> None:
    page = render_page(make_bundle(), inline=True, background=BACKGROUND)
    body = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", page, flags=re.DOTALL)
    linked = re.findall(r'(?:src|href)="([^"]+)"', body)
    assert not [address for address in linked if not address.startswith(("data:", "#"))]
    assert "sourceMappingURL" not in page
    assert not re.search(r"url\((?!data:|#|[\"']?#)", leaflet_styles())
    assert "api/statistics" not in body
    assert "BSD 2-Clause License" in page
    assert "Redistributions in binary form must reproduce the above copyright notice" in page
    assert "Vladimir Agafonkin" in page


def test_an_inline_page_offers_only_what_it_carries() -> None:
    page = render_page(
        make_bundle(),
        inline=True,
        background=BACKGROUND,
        others=[make_bundle(plan="two")],
        plans=[{"id": "three", "title": "Three"}],
        dates=[{"date": "2026-01-01"}, {"date": "2025-11-21"}],
    )
    options = re.findall(r'<option value="([^"]+)"', page.partition('id="timeline"')[0])
    assert options == ["one", "two", "2025-11-21"]


def test_other_plans_share_the_geometry_of_the_first() -> None:
    first, second = make_bundle(), make_bundle(plan="two")
    moved = make_bundle(plan="three")
    moved["faces"]["features"][0]["geometry"] = {"type": "Point", "coordinates": [0, 0]}
    before = orjson.dumps(second)
    lighter = without_shared_geometry(first, [second, moved])
    assert lighter[0]["faces"]["features"][0]["geometry"] is None
    assert lighter[1]["faces"]["features"][0]["geometry"] == {
        "type": "Point",
        "coordinates": [0, 0],
    }
    assert orjson.dumps(second) == before


@pytest.mark.parametrize("inline", [False, True])
def test_no_name_can_open_an_element(inline: bool) -> None:
    bundle = make_bundle(name=HOSTILE)
    page = render_page(bundle, inline=inline, background=BACKGROUND)
    assert "<img" not in page
    assert "<script>wounded" not in page
    assert len(scripts_of(page)) == len(
        scripts_of(render_page(make_bundle(name="x"), inline=inline, background=BACKGROUND))
    )


def test_json_in_a_page_is_still_the_same_json() -> None:
    value = {"name": HOSTILE, "note": "a & b \u2028 </SCRIPT> <!--"}
    text = str(escape_json(value))
    assert not set(text) & set("<>&\u2028")
    assert orjson.loads(text) == value


def test_elements_show_what_they_are_given() -> None:
    bundle = make_bundle()
    legend = Legend(bundle).render()
    assert legend.count("data-category=") == len(PATTERNED)
    for key in PATTERNED:
        assert f'fill="url(#pattern-{key})"' in legend
    offer = describe_offer(
        [bundle],
        plans=[{"id": "one", "title": "One"}, {"id": "two", "title_short": "Two"}],
        dates=[{"date": "2025-11-01"}, {"date": "2025-11-21"}],
        sources=["ours"],
        boundaries=["ours"],
    )
    chosen = Selectors(bundle, offer).render()
    assert re.findall(r'value="([^"]+)" selected', chosen) == ["one", "2025-11-21", "800"]
    first, last, shown = map(int, re.findall(r'(?:min|max|value)="(\d{5})"', chosen))
    assert (last - first, shown) == (20, last)
    assert "1 November 2025" in chosen
    notes = Notes(bundle).render()
    assert "takes no side" in notes
    assert "Credit to Oblast" in notes


def test_each_source_is_credited_once_and_an_unknown_one_in_full() -> None:
    known = ["Made with Natural Earth", "Places: GeoNames (CC BY 4.0); made with Natural Earth"]
    assert shorten_credits([*known, "Somebody Else", "Somebody Else"]) == [
        "Natural Earth",
        "GeoNames (CC BY 4.0)",
        "Somebody Else",
    ]


def test_the_page_can_be_zoomed_and_has_a_language() -> None:
    page = render_page(make_bundle())
    assert '<html lang="en">' in page
    assert "user-scalable" not in page
    assert "maximum-scale" not in page
    assert page.count("<title>") == 1


def test_its_id_is_fixed() -> None:
    assert SettlementMap(inline=False).get_name() == "map_point21"


# --- scripts -----------------------------------------------------------------------------------


def test_every_script_is_loaded_and_stands_after_what_it_imports() -> None:
    for index, name in enumerate(MODULES):
        assert set(_imports(name)) <= set(MODULES[:index]), name
    assert any(_imports(name) for name in MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_a_script_is_small_says_what_it_does_and_writes_no_markup(name: str) -> None:
    text = STATIC.read(name)[0].decode()
    assert text.startswith("// ")
    assert len(text.splitlines()) <= 200
    assert max(map(len, text.splitlines())) <= 110
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    assert not re.search(forbidden, text)
    assert not re.search(r"\bvar\b|console\.|TODO", text)


@pytest.fixture(scope="module")
def node() -> str:
    """Node.js, which only checks syntax here; the browser tests run the scripts."""
    path = shutil.which("node")
    if path is None:
        pytest.skip("no node to check the syntax of scripts with")
    return path


@pytest.mark.parametrize("name", [*MODULES, "joined"])
def test_a_script_is_well_formed(node: str, name: str) -> None:
    text = join_modules() if name == "joined" else STATIC.read(name)[0].decode()
    checked = subprocess.run(
        [node, "--input-type=module", "--check"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
