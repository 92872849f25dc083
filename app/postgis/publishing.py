"""Publish results in one transaction."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from app.datasets.catalogue import Selection
from app.documents.common import METHOD, NEUTRALITY_NOTE, join_credits, list_sources
from app.documents.csv_rows import identity_columns
from app.export.frames import TABLES, make_columns, table_rows
from app.postgis.address import Address, connect
from app.postgis.errors import BusyError, NotPermittedError, PublishError
from app.postgis.schema import check_schema_name, prepare_schema
from app.postgis.shapes import LAYERS, PUBLICATION, SHAPES, name_table
from app.version import program_version
from geo.arrays import Geometries

if TYPE_CHECKING:
    import psycopg

__all__ = ["DEFAULT_SCHEMA", "Published", "key_of", "publish"]

DEFAULT_SCHEMA: Final = "point21"
_LOCK_S: Final = 30
_MANY: Final[dict[str, Callable[..., Any]]] = {
    "MultiPolygon": shapely.multipolygons,
    "MultiLineString": shapely.multilinestrings,
}

Published = dict[str, int]
"""Table to the number of rows that were written."""


def publish(
    address: Address,
    selections: Iterable[Selection],
    *,
    schema: str = DEFAULT_SCHEMA,
    progress: Callable[[int], None] | None = None,
) -> Published:
    """Write layers and tables of scenarios into PostGIS.

    Parameters
    ----------
    address
        The database.
    selections
        The scenarios; they may be made one by one while they are written.
    schema
        Name of the schema; made if it does not exist.
    progress
        Called with the number of scenarios written so far.

    Returns
    -------
    dict of str to int
        Rows written, by table.

    Raises
    ------
    PublishError
        It could not be done; the database is as it was. No message holds a password.
    """
    check_schema_name(schema)
    written: Published = dict.fromkeys(SHAPES, 0)
    with _explained(address, schema), connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{_LOCK_S}s'")
        # One publisher at a time for each schema; readers are not kept waiting.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"point21 {schema}"])
        prepare_schema(cursor, schema)
        for number, selection in enumerate(selections, start=1):
            for table, rows in _write(cursor, selection).items():
                written[table] += rows
            if progress is not None:
                progress(number)
        _finish(cursor)
    return written


def key_of(selection: Selection) -> str:
    """Name a publication: the same for the same plan, day, ground, readings and data."""
    text = "\n".join(f"{name}={value}" for name, value in identity_columns(selection).items())
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@contextmanager
def _explained(address: Address, schema: str) -> Iterator[None]:
    """Turn what PostgreSQL says into our errors, without anything secret."""
    import psycopg
    from psycopg import errors

    try:
        yield
    except errors.InsufficientPrivilege as error:
        user = address.parameters.get("user", "this user")
        raise NotPermittedError(
            f"{user} may not publish into schema {schema} of {address}: "
            f"{address.redact(_first_line(error))}. An administrator allows it with "
            f"CREATE SCHEMA {schema} AUTHORIZATION {user}"
        ) from None
    except (errors.LockNotAvailable, errors.DeadlockDetected):
        raise BusyError(
            f"somebody else is publishing into schema {schema} of {address}, or holds one of its "
            f"tables, for more than {_LOCK_S} seconds; nothing was changed, try again later"
        ) from None
    except psycopg.Error as error:
        raise PublishError(
            f"{address} broke off: {address.redact(_first_line(error))}. Nothing was changed"
        ) from None


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no reason given"])[0]


def _write(cursor: "psycopg.Cursor[Any]", selection: Selection) -> Published:
    """Replace one publication and everything that belongs to it."""
    key = key_of(selection)
    cursor.execute("DELETE FROM publication WHERE id = %s", [key])
    written = {PUBLICATION.name: _copy(cursor, PUBLICATION.name, [_describe(selection, key)])}
    for name, shape in LAYERS.items():
        columns, geometry = make_columns(selection, name)
        columns["geom"] = _write_geometry(geometry, shape.geometry)
        rows = (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
        written[name] = _copy(cursor, name, _with_keys(rows, key))
    for by in TABLES:
        _, listed = table_rows(selection, by)
        written[name_table(by)] = _copy(cursor, name_table(by), _with_keys(listed, key))
    return written


def _with_keys(rows: Iterable[dict[str, Any]], key: str) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(rows, start=1):
        yield {**row, "id": f"{key}-{number:05d}", "publication": key}


def _write_geometry(geometry: Geometries, kind: str) -> list[str]:
    """Write geometries as hexadecimal EWKB, single ones as collections of one."""
    if kind in _MANY:
        single = np.array([not shape.geom_type.startswith("Multi") for shape in geometry])
        geometry = geometry.copy()
        geometry[single] = [_MANY[kind]([shape]) for shape in geometry[single]]
    stamped = shapely.set_srid(geometry, 4326)
    return [str(text) for text in shapely.to_wkb(stamped, hex=True, include_srid=True)]


def _copy(cursor: "psycopg.Cursor[Any]", table: str, rows: Iterable[dict[str, Any]]) -> int:
    """Copy rows into a table.

    Every column is named, so that a row that lacks one or has another is an error.
    """
    from psycopg import sql

    names: Sequence[str] = list(SHAPES[table].types)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    count = 0
    with cursor.copy(statement) as copy:
        for count, row in enumerate(rows, start=1):  # noqa: B007
            copy.write_row([row[name] for name in names])
    return count


def _describe(selection: Selection, key: str) -> dict[str, Any]:
    from datetime import UTC, datetime

    sources = list_sources(selection)
    licences = dict.fromkeys(f"{found['title']}: {found['licence']}" for found in sources)
    return {
        "id": key,
        **identity_columns(selection),
        "title": selection.scenario.plan.title,
        "line_source": selection.scenario.line.source,
        "method": METHOD,
        "note": NEUTRALITY_NOTE,
        "licence": "; ".join(licences),
        "attribution": join_credits(sources),
        "sources": json.dumps(sources, ensure_ascii=False),
        "program_version": program_version(),
        "published_at": datetime.now(UTC),
    }


def _finish(cursor: "psycopg.Cursor[Any]") -> None:
    """Say on every table what is in it now, and count for the planner."""
    from psycopg import sql

    cursor.execute(
        "SELECT count(*), min(date), max(date), string_agg(DISTINCT plan, ', '), "
        "string_agg(DISTINCT data_version, ', '), string_agg(DISTINCT licence, ' | '), "
        "string_agg(DISTINCT attribution, ' | '), string_agg(DISTINCT line_source, ' | ') "
        "FROM publication"
    )
    count, first, last, plans, versions, licences, credit, sources = cursor.fetchone() or [None] * 8
    facts = (
        f"{count} publications: plans {plans}; lines of {first} to {last}; line after: {sources}; "
        f"data versions {versions}. Licences: {licences}. Attribution: {credit}. {NEUTRALITY_NOTE}"
    )
    for shape in SHAPES.values():
        table = sql.Identifier(shape.name)
        text = sql.Literal(f"{shape.meaning}. {facts}")
        cursor.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(table, text))
        cursor.execute(sql.SQL("ANALYZE {}").format(table))
