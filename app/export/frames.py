"""Layers and tables of a scenario as frames, with the metadata that every format writes."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from app.datasets.catalogue import Selection
from app.documents.common import METHOD, NEUTRALITY_NOTE, face_properties, list_sources
from app.documents.csv_rows import identity_columns, join_words
from geo.arrays import Geometries
from geo.model.contact_line import ContactLine
from geo.model.frames import to_geodataframe
from geo.statistics.tables import By, Table

if TYPE_CHECKING:
    import geopandas

__all__ = [
    "TABLES",
    "describe_export",
    "describe_in_words",
    "describe_line_row",
    "make_columns",
    "make_frame",
    "make_frames",
    "make_plain_columns",
    "name_crs",
    "name_sheet",
    "table_rows",
]

TABLES: Final = tuple(By)

Columns = dict[str, list[Any]]


def describe_export(selection: Selection) -> dict[str, Any]:
    """Say what a file is of and what it rests on, for its metadata."""
    scenario = selection.scenario
    plan = scenario.plan
    return {
        "title": f"{plan.title}: what becomes of territory, line of contact of "
        f"{scenario.line.date.isoformat()}",
        "identity": selection.identity,
        "plan": {
            "id": plan.id,
            "title": plan.title,
            "source": plan.source.model_dump(mode="json"),
        },
        "line": {
            "date": scenario.line.date.isoformat(),
            "source": scenario.line.source,
            "method": scenario.line.method,
            "uncertainty_km": scenario.line.uncertainty_km,
            "uncertainty_definition": scenario.line.uncertainty_definition,
        },
        "method": METHOD,
        "note": NEUTRALITY_NOTE,
        "sources": list_sources(selection),
    }


def describe_in_words(selection: Selection) -> str:
    """Say the same as :func:`describe_export` in lines for people."""
    about = describe_export(selection)
    identity = identity_columns(selection)
    sources = [
        f"- {source['title']}: {source['source']}, {source['date']}. Licence: {source['licence']} "
        f"({source['licence_url']}). {source['attribution']}"
        for source in about["sources"]
    ]
    facts = [f"{name}: {value}" for name, value in identity.items() if value]
    parts = [
        about["title"],
        *facts,
        "",
        about["method"],
        "",
        about["note"],
        "",
        "Sources",
        *sources,
    ]
    return "\n".join(parts) + "\n"


def make_frames(selection: Selection) -> "dict[str, geopandas.GeoDataFrame]":
    """Make every layer.

    Returns
    -------
    dict of str to geopandas.GeoDataFrame
        By name, longitude and latitude in degrees (OGC:CRS84). ``faces`` are the whole country.
    """
    return {name: make_frame(selection, name) for name in _MAKERS}


def make_frame(selection: Selection, layer: str) -> "geopandas.GeoDataFrame":
    """Make one layer as a frame; lists become words with spaces between.

    Parameters
    ----------
    selection
        The scenario and what was asked for.
    layer
        Its name.
    """
    about = {"identity": selection.identity}
    return to_geodataframe(*make_plain_columns(selection, layer), about=about)


def name_crs(frame: "geopandas.GeoDataFrame") -> "geopandas.GeoDataFrame":
    """Call the reference system EPSG:4326, as programs expect that put longitude first anyway."""
    return frame.set_crs("EPSG:4326", allow_override=True)


def make_columns(selection: Selection, layer: str) -> tuple[Columns, Geometries]:
    """Make one layer as columns of plain values; those that every layer has come last.

    Parameters
    ----------
    selection
        The scenario and what was asked for.
    layer
        Its name.

    Returns
    -------
    columns, geometry
        Column name to n values, and n geometries; ``None`` is what is not known.
    """
    columns, geometry = _MAKERS[layer](selection)
    for name, value in identity_columns(selection).items():
        columns.setdefault(name, [value] * len(geometry))
    known = {name: [_known(value) for value in values] for name, values in columns.items()}
    return known, geometry


def make_plain_columns(selection: Selection, layer: str) -> tuple[Columns, Geometries]:
    """Do the same as :func:`make_columns`; lists become words with spaces between."""
    columns, geometry = make_columns(selection, layer)
    plain = {name: [join_words(value) for value in values] for name, values in columns.items()}
    return plain, geometry


def _make_faces(selection: Selection) -> tuple[Columns, Geometries]:
    scenario = selection.scenario
    rows = [face_properties(scenario, row) for row in range(len(scenario.partition))]
    return {name: [row[name] for row in rows] for name in rows[0]}, scenario.partition.geometry


def _make_line(selection: Selection) -> tuple[Columns, Geometries]:
    line = selection.scenario.line
    columns = {name: [value] for name, value in describe_line_row(line).items()}
    return columns, np.array([line.geometry], dtype=object)


def describe_line_row(line: ContactLine) -> dict[str, Any]:
    """Describe a line of contact as one row, without what every layer has."""
    return {
        "date": line.date.isoformat(),
        "line_source": line.source,
        "method": line.method,
        "length_km": line.length_km,
        "observations": line.observations,
        "uncertainty_km": line.uncertainty_km,
    }


def _make_oblasts(selection: Selection) -> tuple[Columns, Geometries]:
    units = selection.scenario.boundaries
    rows = {row["oblast"]: row for row in selection.scenario.table(By.OBLAST).rows}
    columns: Columns = {
        "oblast": list(units.ids),
        "katottg": list(units.katottg),
        "name_en": list(units.name_en),
        "name_uk": list(units.name_uk),
        "area_km2": units.area_km2.tolist(),
        "area_official_km2": units.area_official_km2.tolist(),
        "population_2022": units.population_2022.tolist(),
    }
    for name in ("ukraine_held_km2", "russia_held_km2", "russia_held_share"):
        columns[name] = [rows[unit][name] for unit in units.ids]
    return columns, units.geometry


def _make_settlements(selection: Selection) -> tuple[Columns, Geometries]:
    gazetteer = selection.scenario.gazetteer
    inside = np.flatnonzero(gazetteer.face >= 0)
    places, faces = gazetteer.places, gazetteer.face[inside]
    columns: Columns = {
        "geoname_id": places.geoname_id[inside].tolist(),
        "name_en": places.name_en[inside].tolist(),
        "name_uk": places.name_uk[inside].tolist(),
        "oblast": places.oblast_id[inside].tolist(),
        "population": places.population[inside].tolist(),
        "category": [str(found) for found in selection.scenario.settlement.category[faces]],
        "observed_as": [str(held) for held in places.held_by[inside]],
    }
    return columns, places.points[inside]


_MAKERS: Final = {
    "faces": _make_faces,
    "contact_line": _make_line,
    "oblasts": _make_oblasts,
    "settlements": _make_settlements,
}


def table_rows(selection: Selection, by: By) -> tuple[Table, list[dict[str, Any]]]:
    """Return a table and its rows as plain values, what they depend on at the end of each."""
    table = selection.scenario.table(by)
    about = identity_columns(selection)
    return table, [{**_plain_row(row), **about} for row in table.rows]


def _plain_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _known(join_words(value)) for name, value in row.items()}


def _known(value: object) -> object:
    """Write what is not known as nothing."""
    return None if isinstance(value, float) and math.isnan(value) else value


def name_sheet(by: By) -> str:
    """Name a table where commas are not allowed."""
    return by.value.replace(",", "_")
