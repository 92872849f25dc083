"""Documents that HTTP and command line share: plans, lines, oblasts, layers, statistics.

One function for each answer, so that both give the same bytes. Nothing here knows a web framework.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

import numpy as np

from app.datasets.catalogue import Selection
from app.datasets.dataset import Dataset
from app.documents.csv_rows import identity_columns, write_csv
from app.documents.geojson import write_feature, write_features
from app.errors import UnknownCategoryError
from app.sources import foreign_ground
from geo.arguments import there_is_no
from geo.model.contact_line import ContactLine
from geo.model.line_series import LineSeries
from geo.plans.layers import Layer
from geo.plans.plan import Category, Plan
from geo.scenario import Scenario
from geo.statistics.tables import By, Table

__all__ = [
    "CSV_MEDIA_TYPE",
    "METHOD",
    "NEUTRALITY_NOTE",
    "describe_layer",
    "describe_layers",
    "describe_line",
    "describe_lines",
    "describe_oblasts",
    "describe_plan",
    "describe_plans",
    "describe_statistics",
    "face_properties",
    "find_layer",
    "join_credits",
    "list_sources",
    "name_selection",
    "name_table",
    "statistics_path",
    "write_query",
    "write_statistics_csv",
    "write_totals",
]

CSV_MEDIA_TYPE: Final = "text/csv; charset=utf-8; header=present"

METHOD: Final = (
    "Areas and lengths are measured on the WGS 84 ellipsoid at full precision. An edge is a "
    "straight line in longitude and latitude (RFC 7946), so that the parts add up to the whole. "
    "Inland water is included. The line of contact has an uncertainty of its own, which is far "
    "larger than any numerical error; it is stated with the line."
)

NEUTRALITY_NOTE: Final = (
    "This describes what a published proposal says about territory. It takes no side and makes no "
    "claim about title: borders are the internationally recognised ones, 'held' means who "
    "controlled a place on the day of the line, according to the source named."
)


def write_query(selection: Selection, **more: str) -> str:
    """Write what selects a scenario as a query, with further parameters before the readings."""
    identity = selection.scenario.identity
    readings = [("reading", f"{name}:{option}") for name, option in identity.readings.items()]
    named = {
        "plan": identity.plan,
        "date": identity.date,
        **foreign_ground(identity.to_dict()),
        **more,
    }
    return urlencode([*named.items(), *readings], safe=",:", errors="surrogateescape")


def _number(value: float | None) -> float | None:
    """Turn ``nan`` into nothing, and numpy's numbers into Python's."""
    return None if value is None or math.isnan(value) else float(value)


# --- plans -------------------------------------------------------------------------------------


def describe_plan(plan: Plan) -> dict[str, Any]:
    """Describe a plan with all its clauses, quotations included."""
    document = plan.model_dump(mode="json", by_alias=True, exclude={"clause", "reading"})
    return {
        **document,
        "clauses": [clause.model_dump(mode="json") for clause in plan.clauses],
        "readings": [reading.model_dump(mode="json") for reading in plan.reading],
        "links": {"self": f"/api/plans/{plan.id}"},
    }


def describe_plans(plans: Mapping[str, Plan], *, default_plan: str) -> dict[str, Any]:
    """List the plans, without their clauses."""
    listed = []
    for plan in plans.values():
        document = describe_plan(plan)
        document["clauses"] = len(document["clauses"])
        document["readings"] = len(document["readings"])
        listed.append(document)
    return {"default": default_plan, "plans": listed}


# --- lines and oblasts -------------------------------------------------------------------------


def _line_properties(line: ContactLine) -> dict[str, Any]:
    return {
        "date": line.date.isoformat(),
        "source": line.source,
        "method": line.method,
        "length_km": line.length_km,
        "observations": line.observations,
        "uncertainty_km": _number(line.uncertainty_km),
        "uncertainty_definition": line.uncertainty_definition,
    }


def describe_lines(dataset: Dataset) -> dict[str, Any]:
    """List the dates that have a contact line, with source and length.

    Lines of other sources, or fitted to other boundaries, are made when one is asked for: until
    then their length is not known.
    """
    lines = dataset.lines
    if isinstance(lines, LineSeries):
        days = [_line_properties(line) for line in lines]
        sources = [asdict(found) for found in dict.fromkeys(line.provenance for line in lines)]
    else:
        unknown = {"method": "", "length_km": None, "observations": None, "uncertainty_km": None}
        unknown = {**unknown, "uncertainty_definition": ""}
        source = {"source": lines.provenance.source}
        days = [{"date": day.isoformat(), **source, **unknown} for day in lines.dates]
        sources = [asdict(lines.provenance)]
    ground = {"source": lines.id, "boundaries": dataset.boundaries.id}
    for day in days:
        query = urlencode(
            {"date": day["date"], **foreign_ground(ground)}, safe=",:", errors="surrogateescape"
        )
        day["links"] = {"geojson": f"/api/contact-line?{query}"}
    return {"dates": [day["date"] for day in days], "lines": days, "sources": sources}


def describe_line(line: ContactLine, *, requested: date) -> dict[str, Any]:
    """Make the contact line of one day a GeoJSON Feature; say so if another day was asked for."""
    properties = _line_properties(line)
    if requested != line.date:
        properties["requested_date"] = requested.isoformat()
    members = {"provenance": asdict(line.provenance)}
    return write_feature(line.geometry, properties, feature_id=properties["date"], members=members)


def describe_oblasts(dataset: Dataset) -> dict[str, Any]:
    """Make the first-level units a GeoJSON FeatureCollection, with facts and measured area."""
    units = dataset.boundaries
    properties = [
        {
            "oblast": unit,
            "katottg": units.katottg[row],
            "name_en": units.name_en[row],
            "name_uk": units.name_uk[row],
            "area_km2": float(units.area_km2[row]),
            "area_official_km2": _number(units.area_official_km2[row]),
            "population_2022": _number(units.population_2022[row]),
        }
        for row, unit in enumerate(units.ids)
    ]
    members = {"provenance": asdict(units.provenance)}
    return write_features(units.geometry, properties, ids=units.ids, members=members)


# --- layers ------------------------------------------------------------------------------------


def face_properties(scenario: Scenario, row: int) -> dict[str, Any]:
    """Describe one face: where it is, who holds it and what the plan makes of it."""
    partition, outcome = scenario.partition, scenario.settlement.outcomes[row]
    oblast = partition.oblast_row[row]
    area_km2 = float(partition.area_km2[row])
    if outcome.category is None:
        raise ValueError(f"row {row} has no category")
    return {
        "oblast": partition.oblast_id[row],
        "name_en": partition.boundaries.name_en[oblast],
        "name_uk": partition.boundaries.name_uk[oblast],
        "category": outcome.category.value,
        "label": outcome.label,
        "held_by": outcome.held_by.value,
        "recognised_as": outcome.recognised_as.value,
        "forces_allowed": outcome.forces_allowed.value,
        "change": outcome.change.value,
        "clauses": list(outcome.clauses),
        "flags": [flag.value for flag in outcome.flags],
        "area_km2": area_km2,
        "share_of_oblast": area_km2 / float(partition.boundaries.area_km2[oblast]),
    }


def find_layer(scenario: Scenario, category: str) -> Layer:
    """Find a layer by its category.

    Raises
    ------
    UnknownCategoryError
        There is no such category; all are listed.
    """
    known = [layer.category.value for layer in scenario.layers]
    if category in list(Category):
        return scenario.layer(Category(category))
    raise UnknownCategoryError(
        f"{there_is_no('category', category, known)} The categories are {', '.join(known)}.",
        valid=known,
    )


def describe_layers(selection: Selection) -> dict[str, Any]:
    """List the layers of a scenario with their area and share of the country."""
    scenario = selection.scenario
    country_km2 = math.fsum(scenario.partition.area_km2)
    layers = []
    for layer in scenario.layers:
        path = f"/api/layers/{layer.category.value}?{write_query(selection)}"
        layers.append(
            {
                "category": layer.category.value,
                "label": layer.label,
                "area_km2": layer.area_km2,
                "share": layer.area_km2 / country_km2,
                "features": len(layer),
                "oblasts": list(dict.fromkeys(layer.oblast_id)),
                "links": {"geojson": path},
            }
        )
    return {"identity": selection.identity, "area_km2": country_km2, "layers": layers}


def describe_layer(
    selection: Selection, category: str, *, among: Sequence[int] | None = None
) -> dict[str, Any]:
    """Make one layer a GeoJSON FeatureCollection: a feature for each oblast and holder.

    Parameters
    ----------
    selection
        The scenario and what was asked for.
    category
        Which layer.
    among
        Rows of the layer that are given; by default all. The area is that of the whole layer.

    Raises
    ------
    UnknownCategoryError
        There is no such category.
    """
    scenario = selection.scenario
    layer = find_layer(scenario, category)
    rows = slice(None) if among is None else np.asarray(among, dtype=np.int64)
    properties = [face_properties(scenario, int(row)) for row in layer.rows[rows]]
    members = {
        "identity": selection.identity,
        "category": layer.category.value,
        "label": layer.label,
        "area_km2": layer.area_km2,
        "sources": list_sources(selection),
    }
    ids = [f"{facts['oblast']}:{facts['held_by']}" for facts in properties]
    return write_features(layer.geometry[rows], properties, ids=ids, members=members)


def list_sources(selection: Selection) -> list[dict[str, Any]]:
    """List where the figures of a scenario come from, with licence and attribution."""
    scenario = selection.scenario
    found = (
        scenario.boundaries.provenance,
        scenario.line.provenance,
        selection.dataset.observations.provenance,
    )
    return [asdict(provenance) for provenance in dict.fromkeys(found)]


def join_credits(sources: Iterable[Mapping[str, Any]]) -> str:
    """Join the attributions of sources, each once."""
    return "; ".join(dict.fromkeys(source["attribution"] for source in sources))


# --- statistics --------------------------------------------------------------------------------


def describe_statistics(selection: Selection, by: By) -> dict[str, Any]:
    """Give one table of figures with its method, units and the meaning of its columns."""
    table = selection.scenario.table(by)
    return {
        "identity": selection.identity,
        "by": by.value,
        "method": METHOD,
        "units": _units(table),
        "columns": [asdict(column) for column in table.columns],
        "rows": list(table.rows),
        "totals": list(table.totals),
        "links": {"csv": statistics_path(selection, by, format="csv")},
    }


def write_totals(scenario: Scenario) -> dict[str, list[dict[str, Any]]]:
    """Give the totals of the tables that have some, by table; rows never hold them."""
    found = {by.value: list(scenario.table(by).totals) for by in (By.CHANGE, By.LEAVING)}
    return {by: totals for by, totals in found.items() if totals}


def statistics_path(selection: Selection, by: By, **more: str) -> str:
    """Return the address of a table."""
    return f"/api/statistics?{write_query(selection, by=by.value, **more)}"


def name_selection(selection: Selection) -> str:
    """Name a file after what its figures depend on."""
    identity = selection.scenario.identity
    chosen = [f"{name}-{option}" for name, option in identity.readings.items()]
    ground = [value.replace(":", "-") for value in foreign_ground(identity.to_dict()).values()]
    parts = [identity.plan, identity.date, *ground, *chosen]
    return "_".join(part.replace(",", "-") for part in parts)


def name_table(selection: Selection, by: By) -> str:
    """Name the file of a table."""
    return f"{name_selection(selection)}_{by.value.replace(',', '-')}"


def _units(table: Table) -> dict[str, str]:
    return {column.name: column.unit for column in table.columns if column.unit}


def write_statistics_csv(selection: Selection, by: By, *, totals: bool = False) -> bytes:
    """Write one table as CSV, what the figures depend on at the end of each row.

    Parameters
    ----------
    selection
        The scenario and what was asked for.
    by
        What the table has one row for.
    totals
        Add the table's totals as its last rows.

    See Also
    --------
    app.documents.csv_rows.write_csv : How values are written.
    """
    table = selection.scenario.table(by, totals=totals)
    names = [column.name for column in table.columns]
    return write_csv(names, table.rows, identity_columns(selection))
