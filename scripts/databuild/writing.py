"""Write data files with the same bytes every time, and all or nothing."""

import csv
import io
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

__all__ = ["SOURCES", "csv_text", "feature_collection", "metadata_text", "read_csv", "write_text"]

SOURCES: Final = Path(__file__).resolve().parents[2] / "data" / "sources"


def read_csv(name: str) -> list[dict[str, str]]:
    """Return the rows of one of the project's own fact tables."""
    with (SOURCES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 with LF to a neighbour of ``path``, then move it into place."""
    draft = path.with_name(path.name + ".part")
    draft.write_text(text, encoding="utf-8", newline="\n")
    os.replace(draft, path)  # noqa: PTH105  (Path.replace does the same; this says it is atomic)


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Return RFC 4180 text with a header and LF line ends."""
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def metadata_text(
    table: str, provenance: Mapping[str, str], columns: Sequence[Mapping[str, str]]
) -> str:
    """Return the CSVW metadata document that stands beside a CSV file."""
    document = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": table,
        "dc:title": provenance["title"],
        "dc:source": provenance["source"],
        "dc:license": provenance["licence_url"],
        "dc:date": provenance["date"],
        "dc:rights": provenance["attribution"],
        "tableSchema": {"columns": list(columns)},
        "provenance": dict(provenance),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _positions(coordinates: np.ndarray, decimals: int) -> list[list[float]]:
    return [[_number(x, decimals), _number(y, decimals)] for x, y in coordinates.tolist()]


def _number(value: float, decimals: int) -> float:
    return round(value, decimals) + 0.0  # + 0.0 turns -0.0 into 0.0


def _geometry(geometry: shapely.Geometry, decimals: int) -> dict[str, Any]:
    """GeoJSON with exterior rings counter-clockwise (RFC 7946, section 3.1.6)."""
    parts = shapely.get_parts(geometry)
    if shapely.get_dimensions(geometry) == 1:
        lines = [_positions(shapely.get_coordinates(part), decimals) for part in parts]
        return {"type": "MultiLineString", "coordinates": lines}
    polygons = [
        [_positions(shapely.get_coordinates(ring), decimals) for ring in shapely.get_rings(part)]
        for part in shapely.orient_polygons(parts)
    ]
    return {"type": "MultiPolygon", "coordinates": polygons}


def feature_collection(
    features: Iterable[tuple[str, Mapping[str, Any], shapely.Geometry]],
    provenance: Mapping[str, str],
    *,
    decimals: int,
) -> str:
    """Return a GeoJSON text with one feature a line.

    Parameters
    ----------
    features
        ``(id, properties, geometry)``; polygons and lines become Multi-geometries.
    provenance
        Written as the foreign member ``provenance``.
    decimals
        Decimal places of the coordinates.
    """
    head = json.dumps(dict(provenance), ensure_ascii=False, indent=2)
    lines = []
    for name, properties, geometry in features:
        feature = {
            "type": "Feature",
            "id": name,
            "properties": dict(properties),
            "geometry": _geometry(geometry, decimals),
        }
        lines.append(json.dumps(feature, ensure_ascii=False, separators=(",", ":")))
    body = ",\n".join(lines)
    return (
        f'{{\n"type": "FeatureCollection",\n"provenance": {head},\n"features": [\n{body}\n]\n}}\n'
    )
