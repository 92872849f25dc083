"""Texts of plans, boundaries and lines are data: no output executes, interprets or obeys them.

One server whose default plan, operator's source and operator's boundaries hold hostile texts
wherever a text may stand answers every address; a notebook map and the terminal are looked at too.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import tomllib
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import shapely
from typer.testing import CliRunner

import geo
from app.cli.main import app as cli
from app.main import create_app
from app.notebook_map import explore
from app.settings import Settings
from geo.io.load import data_directory

TEMPLATE = "{{ 'execu' ~ 'ted' }}{% set x = 1 %}{# {{1..5}} ${'execu'+'ted'} <%= 1 %>"
MARKUP = "</script></style></title>]]>--><script>wounded()</script><img src=x onerror=wounded()>\"'"
HOSTILE = f"Words {TEMPLATE} {MARKUP}"
TEXTS = {"title", "title_short", "note", "publisher", "quote", "article", "reading", "name"}
PLAN = "hostile"
QUERY = f"plan={PLAN}&date=2025-11-21&source=own"


def with_hostile_texts(value: Any, key: str = "") -> Any:
    """Append the payload to every text of a plan that people wrote."""
    if isinstance(value, dict):
        return {name: with_hostile_texts(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_hostile_texts(inner, key) for inner in value]
    return f"{value} {HOSTILE}" if isinstance(value, str) and key in TEXTS else value


def to_toml(value: Any) -> str:
    """Write plain data as TOML: tables inline, texts as JSON strings (their escapes are TOML's)."""
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(k)} = {to_toml(v)}" for k, v in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(to_toml, value))}]"
    return json.dumps(value) if isinstance(value, str | int | float) else str(value)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a hostile plan, and hostile lines and boundaries beside it."""
    root = tmp_path_factory.mktemp("hostile")
    data = root / "data"
    ignored = shutil.ignore_patterns("sources", "SHA256SUMS")
    shutil.copytree(data_directory(), data, ignore=ignored)
    plan = tomllib.loads((data / "plans/point21-axios.toml").read_text("utf-8"))
    plan = with_hostile_texts(plan) | {"id": PLAN}
    lines = [f"{name} = {to_toml(value)}" for name, value in plan.items()]
    (data / "plans" / f"{PLAN}.toml").write_text("\n".join(lines), "utf-8")
    stated = dict.fromkeys(("title", "source", "date", "licence", "attribution"), HOSTILE)
    area = json.loads(shapely.to_geojson(shapely.box(36.0, 44.0, 41.0, 51.0)))
    line = {"type": "FeatureCollection", "provenance": stated, "features": [
        {"type": "Feature", "properties": {"name": HOSTILE}, "geometry": area}]}  # fmt: skip
    (root / "l{{7*191}}{#.geojson").write_text(json.dumps(line), "utf-8")
    units = json.loads((data / "oblasts.geojson").read_text("utf-8"))
    units["provenance"] = {**units["provenance"], "title": HOSTILE, "attribution": HOSTILE}
    for feature in units["features"]:
        names = ("name_en", "name_uk")
        feature["properties"] |= {key: HOSTILE for key in names if key in feature["properties"]}
    (root / "units.geojson").write_text(json.dumps(units), "utf-8")
    return root


@pytest.fixture(scope="module")
def hostile(folder: Path, client: Any) -> Iterator[Any]:
    settings = Settings(
        warm_up=False,
        data_directory=folder / "data",
        sources={"own": str(folder / "l{{7*191}}{#.geojson")},
        boundaries={"theirs": str(folder / "units.geojson")},
    )
    application = create_app(settings)
    yield type(client)(application)
    application.state.what_if_pool.close()
    application.state.request_pool.close()


class Elements(HTMLParser):
    """Gathers the elements of a page, and the code that a browser would run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.code: list[str] = []
        self._runs = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.names.append(tag)
        self.code += [value or "" for name, value in attrs if name.startswith("on")]
        self._runs = tag == "script" and "json" not in (given.get("type") or "")

    def handle_data(self, data: str) -> None:
        if self._runs:
            self.code.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._runs = False


def check_text(text: str) -> None:
    """Check that no template was executed."""
    assert "executed" not in text
    assert "l1337" not in text


def check_page(text: str) -> None:
    """Check a page: nothing executed, no element and no code of the payload."""
    check_text(text)
    page = Elements(text)
    assert "img" not in page.names
    code = re.sub(r'"(?:[^"\\\n]|\\.)*"', '""', "\n".join(page.code))
    assert "wounded" not in code


PAGES = [
    *("/", "/embed", "/?lang=uk"),
    *(f"/map.html?{QUERY}", f"/map.html?{QUERY}&boundaries=theirs", f"/map.html?{QUERY}&lang=uk"),
    *("/ogc", "/ogc/collections", "/ogc/collections/faces"),
    *(f"/ogc/collections/{name}/items?{QUERY}" for name in ("faces", "contact_lines", "oblasts")),
    f"/ogc/collections/oblasts/items?{QUERY}&boundaries=theirs",
]


@pytest.mark.parametrize("path", PAGES)
def test_pages_show_texts_as_text(hostile: Any, path: str) -> None:
    answer = hostile.get(path, accept="text/html")
    assert answer.status_code == 200, answer.text[:400]
    assert answer.headers["content-type"].startswith("text/html")
    check_page(answer.text)
    assert "execu" in answer.text or "/ogc" in path


def test_every_plan_has_its_page_beside_a_hostile_one(hostile: Any) -> None:
    for plan in ("point21-axios", "freeze-everywhere"):
        assert hostile.get(f"/?plan={plan}").status_code == 200


@pytest.mark.parametrize("form", ["kml", "geojson", "gpkg", "xlsx", "csv", "shp"])
def test_files_hold_texts_as_text(hostile: Any, form: str) -> None:
    answer = hostile.get(f"/api/downloads/{form}?{QUERY}&boundaries=theirs")
    assert answer.status_code == 200, answer.text[:400]
    content = answer.content
    members = {"": content}
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    for name, inner in members.items():
        check_text(inner.decode("utf-8", "replace"))
        if form == "kml" or name.endswith((".xml", ".rels", ".kml", ".qml", ".qgs")):
            ElementTree.fromstring(inner)


@pytest.mark.parametrize(
    "path", ["/api/map", "/api/plans", "/api/statistics?by=category", "/dataset.jsonld"]
)
def test_documents_repeat_texts_as_they_are(hostile: Any, path: str) -> None:
    joined = path + ("&" if "?" in path else "?") + (QUERY if "plans" not in path else "")
    answer = hostile.get(joined.rstrip("?&"))
    if answer.status_code in (404, 422):
        answer = hostile.get(path)
    assert answer.status_code == 200, answer.text[:400]
    check_text(answer.text)


def test_a_notebook_map_shows_texts_as_text(folder: Path) -> None:
    boundaries = geo.read_boundaries(folder / "units.geojson", geo.load_boundaries())
    line = geo.open_source(folder / "l{{7*191}}{#.geojson", boundaries).on(
        geo.load_plan("point21-axios").line_date
    )
    plan = geo.load_plan(folder / "data/plans/hostile.toml")
    text = str(
        explore(geo.build_scenario(boundaries, line, plan, geo.load_observations()))
        .get_root()
        .render()
    )
    check_page(text)
    assert "{{ &#39;execu" in text or "{{ \\u0026#39;execu" in text


def test_the_command_line_draws_texts_as_text(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "map.html"
    plan, source = folder / "data/plans/hostile.toml", folder / "l{{7*191}}{#.geojson"
    arguments = ["map", "--plan", str(plan), "--source", str(source), "-o", str(target)]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    check_page(target.read_text("utf-8"))
    assert "execu" in target.read_text("utf-8")
    shown = CliRunner().invoke(cli, ["stats", "--plan", str(plan), "--source", str(source)])
    assert shown.exit_code == 0, shown.output
    check_text(shown.output)
