"""Facts and tables that notebooks show of the public types."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from geo.analysis.sensitivity import ReadingRanges
from geo.analysis.source_spread import BandBy, SourceBand
from geo.comparison.compare import Comparison
from geo.histories.history import History
from geo.model.boundaries import Boundaries
from geo.model.contact_line import ContactLine
from geo.model.control import Control
from geo.model.identity import Identity, write_choices
from geo.model.line_series import LineSeries
from geo.model.observations import Observations, Places
from geo.model.partition import Partition
from geo.model.provenance import Provenance
from geo.places.location import Location
from geo.plans.layers import Layer
from geo.plans.outcomes import Settlement
from geo.plans.plan import Plan
from geo.repr_html import Card, describe_card
from geo.scenario import Scenario
from geo.statistics.tables import By, Table
from geo.uncertainty.estimate import Uncertainty

__all__: list[str] = []

_HELD: Final = (
    "Borders are the internationally recognised ones; 'held' says who is where on the day of the "
    "line, according to its source, and nothing about title."
)
_LARGEST: Final = 10


def _origin(provenance: Provenance) -> dict[str, object]:
    return {
        "source": provenance.source,
        "state of": provenance.date,
        "licence": provenance.licence,
        "attribution": provenance.attribution,
    }


def _facts(identity: Identity) -> dict[str, object]:
    row = identity.to_row()
    names = {"date": "line of", "data_version": "data version"}
    facts: dict[str, object] = {names.get(name, name): value for name, value in row.items()}
    features = "" if identity.united is None else str(identity.united)
    return {**facts, "basis": identity.basis, "features": features}


def _rows(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> list[list[object]]:
    return [[row[name] for name in names] for row in rows]


def _with_units(table: Table) -> list[str]:
    units = {"km2": "km²", "1": "share", "deg": "°"}
    return [
        f"{column.name} [{units.get(column.unit, column.unit)}]" if column.unit else column.name
        for column in table.columns
    ]


@describe_card.register
def _(shown: Boundaries) -> Card:
    columns = ("oblast", "name_en", "name_uk", "area [km²]", "official [km²]")
    values = (shown.ids, shown.name_en, shown.name_uk, shown.area_km2, shown.area_official_km2)
    facts = {**_origin(shown.provenance), "area, km²": float(shown.area_km2.sum())}
    title = f"{shown.provenance.title}: {len(shown)} units"
    return Card(title, facts, columns, list(zip(*map(_plain, values), strict=True)))


def _plain(values: Any) -> list[object]:  # noqa: ANN401
    """Turn numpy's numbers into Python's."""
    return list(np.asarray(values, dtype=object))


@describe_card.register
def _(shown: ContactLine) -> Card:
    facts = {
        **_origin(shown.provenance),
        "says so": shown.source,
        "made by": shown.method,
        "length, km": shown.length_km,
        "observed places": shown.observations,
        "uncertainty, km": shown.uncertainty_km,
        "that is": shown.uncertainty_definition,
    }
    return Card(f"Line of contact of {shown.date}", facts)


@describe_card.register
def _(shown: Places) -> Card:
    largest = np.argsort(np.nan_to_num(shown.population, nan=-1.0))[::-1][:_LARGEST]
    values = (shown.name_en, shown.name_uk, shown.oblast_id, shown.population, shown.held_by)
    rows = [[column[row] for column in map(_plain, values)] for row in largest]
    facts = {f"held by {side}": int((shown.held_by == side).sum()) for side in Control}
    columns = ("name_en", "name_uk", "oblast", "population recorded", "held by")
    return Card(f"{len(shown):,} populated places, the largest", facts, columns, rows)


@describe_card.register
def _(shown: Observations) -> Card:
    facts = {**_origin(shown.provenance), "rows (place and interval)": len(shown.rows)}
    return Card("Who held which place, and when", facts)


@describe_card.register
def _(shown: LineSeries) -> Card:
    rows = [(line.date, line.length_km, line.uncertainty_km) for line in shown]
    title = f"Lines of contact of {len(shown)} days ({shown.id})"
    columns = ("date", "length [km]", "uncertainty [km]")
    return Card(title, _origin(shown.provenance), columns, rows)


@describe_card.register
def _(shown: Partition) -> Card:
    km2 = {
        (unit, holder): float(area)
        for unit, holder, area in zip(shown.oblast_id, shown.held_by, shown.area_km2, strict=True)
    }
    both = [unit for unit in shown.boundaries.ids if all((unit, side) in km2 for side in Control)]
    rows = [(unit, km2[unit, Control.UKRAINE], km2[unit, Control.RUSSIA]) for unit in both]
    facts = {"line of": shown.line.date, "oblasts": len(shown.boundaries), "faces": len(shown)}
    columns = ("divided oblast", "Ukrainian-held [km²]", "Russian-held [km²]")
    return Card("The country by oblast and holder", facts, columns, rows, _HELD)


@describe_card.register
def _(shown: Settlement) -> Card:
    km2 = shown.partition.area_km2
    rows = [
        (
            shown.label_of(kind),
            int((shown.category == kind).sum()),
            float(km2[shown.category == kind].sum()),
        )
        for kind in shown.categories
    ]
    facts = _facts(shown.identity)
    return Card("What becomes of each face", facts, ("category", "faces", "area [km²]"), rows)


@describe_card.register
def _(shown: Scenario) -> Card:
    table = shown.table(By.CATEGORY)
    names = ("label", "area_km2", "share_of_country", "ukraine_held_km2", "russia_held_km2")
    heads = ("category", "area [km²]", "share of country", "Ukrainian-held [km²]")
    columns = (*heads, "Russian-held [km²]", "settlements")
    rows = _rows(table.rows, (*names, "settlements"))
    return Card(shown.plan.title, _facts(shown.identity), columns, rows, _HELD)


@describe_card.register
def _(shown: Layer) -> Card:
    columns = ("oblast", "held by", "recognised as", "forces allowed", "area [km²]")
    areas = shown.settlement.partition.area_km2[shown.rows].tolist()
    rows = [
        (unit, outcome.held_by, outcome.recognised_as, outcome.forces_allowed, area)
        for unit, outcome, area in zip(shown.oblast_id, shown.outcomes, areas, strict=True)
    ]
    return Card(shown.label, {"area, km²": shown.area_km2, "faces": len(shown)}, columns, rows)


@describe_card.register
def _(shown: Plan) -> Card:
    facts = {
        "published": shown.published,
        "source": shown.source.publisher,
        "line of": shown.line_date,
        "readings": ", ".join(reading.id for reading in shown.reading),
        "chosen": write_choices(shown.chosen),
    }
    rows = [(clause.id, clause.kind, clause.quote, clause.reading) for clause in shown.clauses]
    return Card(shown.title, facts, ("clause", "kind", "text", "our reading"), rows, shown.note)


@describe_card.register
def _(shown: Table) -> Card:
    names = [column.name for column in shown.columns]
    rows = shown.with_totals().rows
    return Card(f"By {shown.by.value}", {}, _with_units(shown), _rows(rows, names))


@describe_card.register
def _(shown: Comparison) -> Card:
    table = shown.table(totals=True)
    names = [column.name for column in table.columns]
    facts = {
        "a (rows)": str(shown.a.identity),
        "b (columns)": str(shown.b.identity),
        "another category, km²": shown.differs_km2,
        "another holder, km²": shown.changed_hands_km2,
        "places that differ": len(shown.places),
    }
    return Card("Comparison", facts, _with_units(table), _rows(table.rows, names))


@describe_card.register
def _(shown: History) -> Card:
    days = shown.days
    facts = {
        **_facts(shown.identity),
        "days": len(days),
        "from": days[0].date if days else None,
        "to": days[-1].date if days else None,
        "not measured": len(shown.failed) or None,
    }
    names = [column.name for column in shown.columns]
    ends = (days[0], days[-1]) if len(days) > 1 else days
    rows = [row for day in ends for row in shown.table.rows(day)]
    note = "The table shows the first and the last day; to_dataframe() has them all."
    return Card("History", facts, names, _rows(rows, names), note)


@describe_card.register
def _(shown: Uncertainty) -> Card:
    facts = {
        **_facts(shown.identity),
        "draws": shown.draws,
        "interval": f"{shown.interval:.0%} of the draws",
        "half-width, km": shown.half_width_km,
        "correlation length, km": shown.correlation_length_km,
        "seed": shown.seed,
    }
    moving = [row for row in shown.table.rows if row["sd_km2"]]
    names = ("by", "key", "figure", "value_km2", "low_km2", "high_km2", "sd_km2")
    title = "Intervals of the figures that the line moves"
    return Card(title, facts, names, _rows(moving, names), shown.definition)


@describe_card.register
def _(shown: ReadingRanges) -> Card:
    facts = {
        "plan": shown.plan.title,
        "line of": shown.day,
        "combinations": shown.combinations,
        "held": write_choices(shown.fixed),
        "varied": ", ".join(shown.free),
    }
    open_rows = [row for row in shown.rows() if row["low"] != row["high"]]
    names = ("figure", "of", "unit", "default", "low", "high", "low_readings", "high_readings")
    return Card("What the readings leave open", facts, names, _rows(open_rows, names))


@describe_card.register
def _(shown: SourceBand) -> Card:
    rows = [row for row in shown.table(BandBy.FIGURE).rows if row["spread_km2"]]
    facts = {
        "plan": shown.plan.title,
        "sources": ", ".join(
            f"{name} ({day})" for name, day in zip(shown.sources, shown.dates, strict=True)
        ),
        "disputed, km²": float(shown.disputed.area_km2.sum()),
    }
    names = ("by", "key", "figure", "low_km2", "low_source", "high_km2", "high_source")
    return Card("The same plan over several sources", facts, names, _rows(rows, names))


@describe_card.register
def _(shown: Location) -> Card:
    outcome, place = shown.outcome, shown.place
    name = f"{place.name_en} ({place.name_uk})" if place else "This position"
    facts = {
        "category": outcome.label or None,
        "held by": outcome.held_by,
        "recognised as": outcome.recognised_as,
        "forces allowed": outcome.forces_allowed,
        "to the line, km": shown.distance_to_line_km,
    }
    rows = [(clause.article, clause.quote, clause.reading) for clause in shown.clauses]
    title = f"{name}, {shown.name_en}, {shown.lon_deg:.4f}, {shown.lat_deg:.4f}"
    return Card(title, facts, ("article", "text", "our reading"), rows)
