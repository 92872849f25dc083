"""KML in the colours of the map: faces by category, the line of contact, the oblasts.

Written here and not by GDAL, whose driver takes styles only from a drawing tool of its own.

References
----------
OGC 12-007r2, KML 2.3.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final
from xml.etree import ElementTree as Xml

import numpy as np
import shapely

from app.datasets.catalogue import Selection
from app.documents.csv_rows import join_words
from app.export.frames import describe_export, describe_in_words, make_columns
from app.palette import BORDER, LINE_COLOUR, OUTLINE, colours_of
from geo.text import strip_controls

__all__ = ["write_kml"]

_NAMESPACE: Final = "http://www.opengis.net/kml/2.2"
_OPACITY: Final = "99"


def write_kml(selection: Selection) -> bytes:
    """Write a scenario as KML: every layer but the settlements.

    Parameters
    ----------
    selection
        The scenario.

    Returns
    -------
    bytes
        The document, UTF-8. Positions are longitude and latitude in degrees, all digits.
    """
    root = Xml.Element("kml", xmlns=_NAMESPACE)
    document = Xml.SubElement(root, "Document", id="point21")
    _say(document, "name", describe_export(selection)["title"])
    _say(document, "description", describe_in_words(selection))
    document.extend(_styles(selection))
    faces, shapes = make_columns(selection, "faces")
    settlement = selection.scenario.settlement
    for category in settlement.categories:
        rows = [row for row, found in enumerate(faces["category"]) if found == category.value]
        folder = _folder(document, settlement.label_of(category), visible=True)
        for row in rows:
            name = f"{faces['name_en'][row]}: {settlement.outcomes[row].label}"
            _placemark(folder, name, category.value, faces, row, shapes[row])
    for layer_name, title, visible in _OTHERS:
        columns, geometry = make_columns(selection, layer_name)
        folder = _folder(document, title, visible=visible)
        for row, shape in enumerate(geometry):
            label = columns.get("name_en", columns["date"])[row]
            _placemark(folder, str(label), layer_name, columns, row, shape)
    written: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


_OTHERS: Final = (("contact_line", "Line of contact", True), ("oblasts", "Oblasts", False))


def _say(parent: Xml.Element, tag: str, text: str) -> Xml.Element:
    element = Xml.SubElement(parent, tag)
    element.text = strip_controls(text)  # XML has no place for them
    return element


def _abgr(colour: str, opacity: str = "ff") -> str:
    """Write ``#rrggbb`` as KML does: opacity, blue, green, red."""
    return f"{opacity}{colour[5:7]}{colour[3:5]}{colour[1:3]}"


def _styles(selection: Selection) -> Iterator[Xml.Element]:
    for category in selection.scenario.settlement.categories:
        _, mark = colours_of(category)
        yield _style(category.value, line=(OUTLINE, 1), fill=_abgr(mark, _OPACITY))
    yield _style("contact_line", line=(LINE_COLOUR, 3), fill=None)
    yield _style("oblasts", line=(BORDER, 1), fill=_abgr("#ffffff", "00"))


def _style(name: str, *, line: tuple[str, int], fill: str | None) -> Xml.Element:
    style = Xml.Element("Style", id=name)
    stroke = Xml.SubElement(style, "LineStyle")
    _say(stroke, "color", _abgr(line[0]))
    _say(stroke, "width", str(line[1]))
    if fill is not None:
        _say(Xml.SubElement(style, "PolyStyle"), "color", fill)
    return style


def _folder(document: Xml.Element, name: str, *, visible: bool) -> Xml.Element:
    folder = Xml.SubElement(document, "Folder")
    _say(folder, "name", name)
    _say(folder, "visibility", str(int(visible)))
    return folder


def _placemark(
    folder: Xml.Element,
    name: str,
    style: str,
    columns: dict[str, list[Any]],
    row: int,
    shape: shapely.Geometry,
) -> None:
    placemark = Xml.SubElement(folder, "Placemark")
    _say(placemark, "name", name)
    _say(placemark, "styleUrl", f"#{style}")
    extended = Xml.SubElement(placemark, "ExtendedData")
    for column, values in columns.items():
        if values[row] is not None:
            entry = Xml.SubElement(extended, "Data", name=column)
            _say(entry, "value", str(join_words(values[row])))
    multi = Xml.SubElement(placemark, "MultiGeometry")
    for part in shapely.get_parts(shape):
        multi.append(_polygon(part) if isinstance(part, shapely.Polygon) else _string(part))


def _polygon(polygon: shapely.Polygon) -> Xml.Element:
    element = Xml.Element("Polygon")
    rings: Sequence[Any] = [polygon.exterior, *polygon.interiors]
    for number, ring in enumerate(rings):
        boundary = Xml.SubElement(element, "innerBoundaryIs" if number else "outerBoundaryIs")
        _positions(Xml.SubElement(boundary, "LinearRing"), ring)
    return element


def _string(line: shapely.LineString) -> Xml.Element:
    element = Xml.Element("LineString")
    _say(element, "tessellate", "1")
    _positions(element, line)
    return element


def _positions(parent: Xml.Element, line: shapely.Geometry) -> None:
    positions = np.asarray(shapely.get_coordinates(line)).tolist()
    _say(parent, "coordinates", " ".join(f"{lon!r},{lat!r}" for lon, lat in positions))
