"""Styles that QGIS applies by itself: a table ``layer_styles`` inside of a GeoPackage.

References
----------
QGIS User Guide, "Storing styles in a database": the columns of ``layer_styles``; the style document
is QGIS's own (QML).
"""

import sqlite3
from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as Xml

from app.palette import LABEL, LINE_COLOUR, OUTLINE, colours_of
from geo.plans.categories import CATEGORIES, Category, Pattern
from geo.plans.outcomes import Settlement

__all__ = ["add_styles"]

_PATTERNS: Final = {
    Pattern.LEVEL_LINES: "horizontal",
    Pattern.STRIPES: "b_diagonal",
    Pattern.DOTS: "dense6",
    Pattern.GRID: "cross",
}

_CREATE: Final = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
  f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME)
"""
_REGISTER: Final = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)
VALUES ('layer_styles', 'attributes', 'layer_styles', 'Styles that QGIS applies', ?, 0)
"""
_INSERT: Final = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,
  styleName, styleQML, styleSLD, useAsDefault, description, owner, update_time)
VALUES ('', '', ?, 'geom', ?, ?, '', 1, ?, '', ?)
"""


def add_styles(database: sqlite3.Connection, settlement: Settlement, *, moment: str) -> None:
    """Add a default style for each layer of a GeoPackage.

    Parameters
    ----------
    database
        The open file. The caller commits.
    settlement
        What a plan makes of each face; gives the categories and what they are called.
    moment
        ISO 8601; when the styles were last changed.
    """
    database.execute(_CREATE)
    database.execute(_REGISTER, [moment])
    styles = {
        "faces": _faces_style(settlement),
        "contact_line": _single(_symbol("line", "0", [_line(LINE_COLOUR, 0.9)])),
        "oblasts": _single(_symbol("fill", "0", [_fill("#000000", "no", outline=OUTLINE)])),
        "settlements": _single(_symbol("marker", "0", [_marker()])),
    }
    for category in settlement.categories:
        styles[category.value] = _single(_category_symbol(category, "0"))
    for layer, style in styles.items():
        described = "point21: colours and patterns of the map"
        database.execute(_INSERT, [layer, layer[:30], style, described, moment])


def _options(parent: Xml.Element, values: dict[str, str]) -> None:
    options = Xml.SubElement(parent, "Option", type="Map")
    for name, value in values.items():
        Xml.SubElement(options, "Option", type="QString", name=name, value=value)


def _layer(kind: str, values: dict[str, str]) -> Xml.Element:
    element = Xml.Element("layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    _options(element, values)
    return element


def _rgba(colour: str) -> str:
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)) + ",255"


def _fill(colour: str, style: str, *, outline: str | None = None) -> Xml.Element:
    values = {
        "color": _rgba(colour),
        "style": style,
        "outline_color": _rgba(outline or OUTLINE),
        "outline_style": "solid" if outline else "no",
        "outline_width": "0.2",
        "outline_width_unit": "MM",
    }
    return _layer("SimpleFill", values)


def _line(colour: str, width_mm: float) -> Xml.Element:
    values = {"line_color": _rgba(colour), "line_width": f"{width_mm:g}", "line_width_unit": "MM"}
    return _layer("SimpleLine", {**values, "line_style": "solid", "joinstyle": "round"})


def _marker() -> Xml.Element:
    values = {"name": "circle", "color": _rgba(LABEL), "size": "0.8", "size_unit": "MM"}
    return _layer("SimpleMarker", {**values, "outline_style": "no"})


def _symbol(kind: str, name: str, layers: Sequence[Xml.Element]) -> Xml.Element:
    symbol = Xml.Element("symbol", type=kind, name=name, alpha="1", clip_to_extent="1")
    symbol.extend(layers)
    return symbol


def _category_symbol(category: Category, name: str) -> Xml.Element:
    ground, mark = colours_of(category)
    layers = [_fill(ground, "solid", outline=OUTLINE)]
    pattern = CATEGORIES[category].pattern
    if pattern in _PATTERNS:
        layers.append(_fill(mark, _PATTERNS[pattern]))
    return _symbol("fill", name, layers)


def _document(renderer: Xml.Element) -> str:
    root = Xml.Element("qgis", version="3.22", styleCategories="Symbology")
    root.append(renderer)
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + Xml.tostring(
        root, encoding="unicode"
    )


def _single(symbol: Xml.Element) -> str:
    renderer = Xml.Element("renderer-v2", type="singleSymbol", enableorderby="0")
    Xml.SubElement(renderer, "symbols").append(symbol)
    return _document(renderer)


def _faces_style(settlement: Settlement) -> str:
    renderer = Xml.Element(
        "renderer-v2", type="categorizedSymbol", attr="category", enableorderby="0"
    )
    listed = Xml.SubElement(renderer, "categories")
    symbols = Xml.SubElement(renderer, "symbols")
    for number, category in enumerate(settlement.categories):
        Xml.SubElement(
            listed,
            "category",
            render="true",
            symbol=str(number),
            value=category.value,
            label=settlement.label_of(category),
        )
        symbols.append(_category_symbol(category, str(number)))
    return _document(renderer)
