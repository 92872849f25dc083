"""Documents of ``/api/band`` and ``point21 band``: one plan over several sources of the line."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from app.datasets.catalogue import Catalogue, Selection
from app.documents.common import METHOD, list_sources, write_query
from app.documents.csv_rows import identity_columns, write_csv
from app.documents.geojson import write_features
from app.errors import InvalidRequestError, ParameterFault
from geo.analysis.source_spread import BandBy, SourceBand, measure_band
from geo.plans.choices import Chosen

__all__ = [
    "Banded",
    "describe_band",
    "describe_disputed",
    "find_band",
    "parse_sources",
    "write_band_csv",
]

_MOST_SOURCES: Final = 8
_EXPLANATION: Final = (
    "Every area for the line of each source: lowest, highest, and which source gives them. "
    "'disputed_km2' is the land of which the sources do not name the same holder. The band shows "
    "that sources differ, not which is right: they differ in what they count as held."
)


@dataclass(frozen=True)
class Banded:
    """A band, and what was selected for each source, in order."""

    band: SourceBand
    selections: tuple[Selection, ...]

    @property
    def disputed_km2(self) -> float:
        """Land of which the sources do not name the same holder."""
        return float(self.band.disputed.area_km2.sum())


def parse_sources(named: Sequence[str] | None, catalogue: Catalogue) -> tuple[str, ...]:
    """Check a list of sources; all that can be chosen by default.

    Raises
    ------
    InvalidRequestError
        Fewer than two, too many, or one of them twice.
    """
    names = catalogue.sources if named is None else tuple(named)
    got, known = ", ".join(names), ", ".join(catalogue.sources)
    if len(names) < 2:
        fault = f"expected at least two; got {got}. Known here: {known}."
    elif len(names) > _MOST_SOURCES:
        fault = f"expected at most {_MOST_SOURCES}; got {len(names)}."
    elif len(set(names)) < len(names):
        fault = f"expected each once; got {got}."
    else:
        return names
    message = f"Parameter 'sources': {fault}"
    raise InvalidRequestError([ParameterFault("sources", message, got, catalogue.sources)])


def find_band(
    catalogue: Catalogue,
    sources: Sequence[str],
    *,
    plan_id: str | None = None,
    day: date | None = None,
    nearest: bool | str = False,
    readings: Mapping[str, Chosen] | None = None,
    boundaries: str | None = None,
) -> Banded:
    """Apply a plan to the line of each source and put the results side by side.

    Raises
    ------
    NotFoundError
        There is no such source, plan or line.
    ReadingError
        There is no such reading or option.
    """
    grounds = {name: catalogue.using(name, boundaries) for name in sources}
    for ground in grounds.values():  # what is chosen wrongly is refused before anything is divided
        ground.read(plan_id, readings or {})
    selections = {
        name: ground.select(plan_id, day, nearest=nearest, readings=readings)
        for name, ground in grounds.items()
    }
    band = measure_band({name: found.scenario for name, found in selections.items()})
    return Banded(band, tuple(selections.values()))


def describe_band(banded: Banded, by: BandBy) -> dict[str, Any]:
    """Give one table of the band, the identity of each source's figures, and what is disputed."""
    table = banded.band.table(by)
    return {
        "identities": _identities(banded),
        "explanation": _EXPLANATION,
        "method": METHOD,
        "by": by.value,
        "disputed_km2": banded.disputed_km2,
        "units": {column.name: column.unit for column in table.columns if column.unit},
        "columns": [asdict(column) for column in table.columns],
        "rows": list(table.rows),
        "sources": _sources(banded),
        "links": {
            "csv": _path(banded, by=by.value, format="csv"),
            "geojson": _path(banded, format="geojson"),
        },
    }


def _identities(banded: Banded) -> dict[str, dict[str, Any]]:
    names = banded.band.sources
    return {name: found.identity for name, found in zip(names, banded.selections, strict=True)}


def _sources(banded: Banded) -> list[dict[str, Any]]:
    listed = [entry for found in banded.selections for entry in list_sources(found)]
    return [entry for row, entry in enumerate(listed) if entry not in listed[:row]]


def _path(banded: Banded, **more: str) -> str:
    first = banded.selections[0]
    named: dict[str, str] = {"sources": ",".join(banded.band.sources)}
    others = [
        (found.scenario.line.date, found.requested_date)
        for found in banded.selections
        if found.requested_date is not None
    ]
    if others:
        earlier = all(day <= asked for day, asked in others)
        named["on_or_before" if earlier else "nearest"] = "true"
    query = dict(parse_qsl(write_query(first)))
    readings = [("reading", f"{name}:{option}") for name, option in _chosen(first).items()]
    named = {**query, "date": str(first.requested_date or query["date"]), **named, **more}
    for name in ("source", "reading"):
        named.pop(name, None)
    return f"/api/band?{urlencode([*named.items(), *readings], safe=',:')}"


def _chosen(selection: Selection) -> dict[str, str]:
    readings: dict[str, str] = selection.identity["readings"]
    return readings


def describe_disputed(banded: Banded) -> dict[str, Any]:
    """Make the disputed land a GeoJSON FeatureCollection: a feature for oblast and holders."""
    band, disputed = banded.band, banded.band.disputed
    properties = [
        {
            "oblast": oblast,
            "name_en": band.boundaries.name_en[band.boundaries.index(oblast)],
            "held_by": dict(zip(band.sources, holders.tolist(), strict=True)),
            "area_km2": float(area_km2),
        }
        for oblast, holders, area_km2 in zip(
            disputed.oblast_id, disputed.held_by, disputed.area_km2, strict=True
        )
    ]
    ids = [":".join([facts["oblast"], *facts["held_by"].values()]) for facts in properties]
    members = {
        "identities": _identities(banded),
        "area_km2": banded.disputed_km2,
        "sources": _sources(banded),
    }
    return write_features(disputed.geometry, properties, ids=ids, members=members)


def write_band_csv(banded: Banded, by: BandBy) -> bytes:
    """Write one table of the band as CSV (RFC 4180), what it depends on at the end of each row."""
    shared = identity_columns(banded.selections[0])
    names = ("plan", "boundaries", "readings")
    more = {name: shared[name] for name in names}
    more["sources"] = " ".join(banded.band.sources)
    more["dates"] = " ".join(day.isoformat() for day in banded.band.dates)
    table = banded.band.table(by)
    return write_csv([column.name for column in table.columns], table.rows, more)
