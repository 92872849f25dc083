"""Pages of the features that a request asks for."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from app.cql2.feature_table import Booleans, FeatureTable, Integers
from app.cql2.fields import FIELDS
from app.cql2.filters import find_rows
from app.ogc.collections import Collection
from app.ogc.links import GEOJSON, JSON, Links
from app.ogc.query import Query, parse_value
from app.ogc.reader import Chosen, Library
from geo.arguments import show
from geo.errors import NotFoundError

__all__ = ["UnknownFeatureError", "describe_item", "describe_items", "select_rows"]


class UnknownFeatureError(NotFoundError):
    """There is no feature with this id."""


def select_rows(table: FeatureTable, query: Query) -> Integers:
    """Find the features that are asked for, in order.

    Parameters
    ----------
    table
        The features.
    query
        What is asked for; its limit and offset are passed over.

    Returns
    -------
    numpy.ndarray
        Their rows.
    """
    kept = np.ones(len(table), dtype=bool)
    if query.boxes:
        inside = np.zeros(len(table), dtype=bool)
        inside[table.rows_within(query.boxes)] = True
        kept &= inside
    kept &= _matches(table, query)
    if query.filter is not None:
        kept &= find_rows(table, query.filter, query.filter_lang)
    rows = np.flatnonzero(kept)
    return _sort(table, rows, query.sortby) if query.sortby else rows


def _matches(table: FeatureTable, query: Query) -> Booleans:
    kept = np.ones(len(table), dtype=bool)
    if query.days is not None:
        values, _ = table.values("date")
        first, last = (day.toordinal() for day in query.days)
        kept &= (values >= first) & (values <= last)
    for name, text in query.equal.items():
        values, missing = table.values(name)
        kept &= (values == parse_value(FIELDS[name], text)) & ~missing
    return kept


def _sort(table: FeatureTable, rows: Integers, keys: Sequence[tuple[str, bool]]) -> Integers:
    """Sort by the first key, then the others; what is not known comes last."""
    for name, descends in reversed(keys):
        values, missing = table.values(name)
        _, ranks = np.unique(values[rows], return_inverse=True)
        ranks = np.where(missing[rows], len(rows), -ranks if descends else ranks)
        rows = rows[np.argsort(ranks, kind="stable")]
    return rows


def describe_items(
    library: Library,
    collection: Collection,
    query: Query,
    links: Links,
    pairs: Sequence[tuple[str, str]],
    *,
    shown: str = "json",
) -> dict[str, Any]:
    """Make a page of features a GeoJSON FeatureCollection.

    Parameters
    ----------
    library
        Whose features they are.
    collection
        The collection.
    query
        What is asked for.
    links
        Writes addresses.
    pairs
        The parameters as they came; the links to other pages keep them.
    shown
        The representation that asks, ``json`` or ``html``.
    """
    table = library.read(collection, query.chosen)
    rows = select_rows(table, query)
    page = rows[query.offset : query.offset + query.limit]
    return {
        "type": "FeatureCollection",
        "numberMatched": len(rows),
        "numberReturned": len(page),
        "timeStamp": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "links": _page_links(collection, query, links, pairs, len(rows), shown),
        "features": [_feature(table, int(row), query) for row in page],
    }


def _feature(table: FeatureTable, row: int, query: Query) -> Any:  # noqa: ANN401
    if query.properties is None and query.geometry:
        return table.feature(row)
    return table.describe(row, properties=query.properties, geometry=query.geometry)


def _page_links(
    collection: Collection,
    query: Query,
    links: Links,
    pairs: Sequence[tuple[str, str]],
    matched: int,
    shown: str,
) -> list[dict[str, str]]:
    path = ("collections", collection.id, "items")
    media_type = GEOJSON if shown == "json" else "text/html"
    found = links.both(GEOJSON, *path, query=pairs, shown=shown)
    others = [pair for pair in pairs if pair[0] != "offset"]

    def page(rel: str, offset: int) -> dict[str, str]:
        kept = [*others, *([("offset", str(offset))] if offset else [])]
        return links.link(rel, media_type, f"The {rel} page", *path, query=kept)

    if query.offset:
        found.append(page("prev", max(0, query.offset - query.limit)))
    if query.offset + query.limit < matched:
        found.append(page("next", query.offset + query.limit))
    found.append(links.link("collection", JSON, collection.title, *path[:2]))
    return found


def describe_item(
    library: Library,
    collection: Collection,
    feature_id: str,
    chosen: Chosen,
    links: Links,
    *,
    shown: str = "json",
) -> dict[str, Any]:
    """Make one feature a GeoJSON document.

    Raises
    ------
    UnknownFeatureError
        There is none of this id.
    """
    table = library.read(collection, chosen)
    if feature_id not in table.rows:
        raise UnknownFeatureError(
            f"There is no feature {show(feature_id)} in the collection {collection.id!r}; "
            f"/ogc/collections/{collection.id}/items lists those that there are."
        )
    path = ("collections", collection.id)
    return {
        **table.describe(table.rows[feature_id]),
        "links": [
            *links.both(GEOJSON, *path, "items", feature_id, shown=shown),
            links.link("collection", JSON, collection.title, *path),
        ],
    }
