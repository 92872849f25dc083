"""No way of taking a plan away calls its categories otherwise than the plan does."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from pathlib import Path

import pytest

from app.datasets.catalogue import Catalogue, Selection
from app.documents.common import describe_layers
from app.documents.geojson import write_json
from app.documents.map import describe_map
from app.documents.place import describe_location
from app.export import FORMATS, export_file
from app.page.elements.legend import Legend
from app.tiles.style import describe_style
from geo.io.load import data_directory

EXACT, WRONG = "Recognised internationally as Russian", "de facto Russian"


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Selection:
    """A plan that recognises internationally, drawn like the first text."""
    path: Path = tmp_path_factory.mktemp("plans") / "mine.toml"
    text = (data_directory() / "plans/point21-axios.toml").read_text("utf-8")
    text = text.replace('id = "point21-axios"', 'id = "mine"')
    text = text.replace('"russia_de_facto"', '"russia_international"')
    path.write_text(text, encoding="utf-8")
    return Catalogue(plan_files=True).select(str(path))


def test_documents_name_the_category_as_the_clause_does(selection: Selection) -> None:
    documents = (
        describe_layers(selection),
        describe_style(selection, base=""),
        {name: describe_map(selection)[name] for name in ("categories", "faces", "tables")},
    )
    for document in documents:
        text = write_json(document).decode()
        assert EXACT in text
        assert f"Recognised as {WRONG}" not in text


def test_a_place_is_told_of_its_own_plan(selection: Selection) -> None:
    [match] = describe_location(selection, lon=34.1, lat=44.95, place=None)["matches"]
    assert match["label"] == EXACT


def test_the_legend_of_the_page(selection: Selection) -> None:
    assert ("de_facto_recognized", EXACT) in Legend(describe_map(selection)).categories


@pytest.mark.parametrize("name", ["geojson", "kml", "csv"])
def test_files_name_the_category_as_the_clause_does(selection: Selection, name: str) -> None:
    content = export_file(selection, FORMATS[name])
    if name == "csv":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"".join(archive.read(part) for part in archive.namelist())
    assert EXACT.encode() in content
    assert f"Recognised as {WRONG}".encode() not in content


def test_faces_and_style_of_a_geopackage(selection: Selection, tmp_path: Path) -> None:
    path = tmp_path / "mine.gpkg"
    path.write_bytes(export_file(selection, FORMATS["gpkg"]))
    with sqlite3.connect(path) as database:
        rows = database.execute(
            "SELECT DISTINCT label FROM faces WHERE category = 'de_facto_recognized'"
        ).fetchall()
        [[style]] = database.execute(
            "SELECT styleQML FROM layer_styles WHERE f_table_name = 'faces'"
        ).fetchall()
    assert rows == [(EXACT,)]
    assert EXACT in style and WRONG not in style
