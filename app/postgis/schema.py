"""Create the schema with its tables and views, or check those that exist."""

import re
from typing import TYPE_CHECKING, Any, Final

from app.postgis.errors import AddressError, OtherTableError, PostgisAbsentError
from app.postgis.shapes import PUBLICATION, SHAPES, TableShape

if TYPE_CHECKING:
    import psycopg

__all__ = ["check_schema_name", "prepare_schema"]

_NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,58}")

_NEWEST: Final = (
    "CREATE VIEW {view} AS SELECT DISTINCT ON (plan, source, boundaries, readings) * "
    "FROM {table} ORDER BY plan, source, boundaries, readings, date DESC, published_at DESC"
)
_OF_NEWEST: Final = (
    "CREATE VIEW {view} AS SELECT found.* FROM {table} AS found "
    "JOIN {newest} AS newest ON newest.id = found.publication"
)


def check_schema_name(name: str) -> str:
    """Return the name of a schema if every program can write it without quotation marks.

    Raises
    ------
    AddressError
        It cannot be used.
    """
    if not _NAME.fullmatch(name) or name.startswith("pg_"):
        raise AddressError(
            f"expected a schema name of small letters, digits and _, such as point21; got {name!r}"
        )
    return name


def prepare_schema(cursor: "psycopg.Cursor[Any]", schema: str) -> None:
    """Make what is missing, and refuse what is there in another shape.

    Existing tables are not touched, so that nobody who reads them has to wait.

    Raises
    ------
    PostgisAbsentError
        The database has no PostGIS.
    OtherTableError
        A table or view has one of the names, and other columns.
    """
    from psycopg import sql

    home = _find_postgis(cursor)
    names = [sql.Identifier(schema), sql.Identifier(home), sql.SQL("pg_temp")]
    cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema])
    if cursor.fetchone() is None:
        cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    cursor.execute(sql.SQL("SET LOCAL search_path = {}").format(sql.SQL(", ").join(names)))
    found = _columns_in(cursor, schema)
    for shape in SHAPES.values():
        if _is_missing(schema, shape.name, shape.types, found):
            _make(cursor, shape)
    for shape in SHAPES.values():  # that of the publications first: the others refer to it
        if _is_missing(schema, f"newest_{shape.name}", shape.types, found):
            _make_view(cursor, shape)


def _find_postgis(cursor: "psycopg.Cursor[Any]") -> str:
    """Return the schema in which PostGIS is installed."""
    cursor.execute(
        "SELECT nspname FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace "
        "WHERE extname = 'postgis'"
    )
    row = cursor.fetchone()
    if row is None:
        cursor.execute("SELECT current_database()")
        (database,) = cursor.fetchone() or ("",)
        raise PostgisAbsentError(
            f"the database {database!r} has no PostGIS; its administrator installs it with "
            "CREATE EXTENSION postgis"
        )
    return str(row[0])


def _columns_in(cursor: "psycopg.Cursor[Any]", schema: str) -> dict[str, dict[str, str]]:
    """Return table or view to column to type, in order, of everything in a schema."""
    cursor.execute(
        "SELECT relname, attname, format_type(atttypid, atttypmod) FROM pg_attribute "
        "JOIN pg_class c ON c.oid = attrelid JOIN pg_namespace n ON n.oid = relnamespace "
        "WHERE nspname = %s AND relkind IN ('r', 'p', 'v', 'm', 'f') AND attnum > 0 "
        "AND NOT attisdropped ORDER BY relname, attnum",
        [schema],
    )
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in cursor.fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def _is_missing(
    schema: str, name: str, wanted: dict[str, str], found: dict[str, dict[str, str]]
) -> bool:
    """Tell whether a table or view has to be made; refuse one of another shape."""
    if name not in found:
        return True
    there = found[name]
    faults = [f"no column {column}" for column in wanted if column not in there]
    faults += [
        f"{column} is {there[column]} instead of {kind}"
        for column, kind in wanted.items()
        if column in there and there[column] != kind
    ]
    faults += [f"a column {column} of somebody else's" for column in there if column not in wanted]
    if faults:
        raise OtherTableError(
            f"{schema}.{name} is not as this program makes it: {'; '.join(faults)}. Publish into "
            f"another schema (--schema), or drop this one: DROP SCHEMA {schema} CASCADE"
        )
    return False


def _make(cursor: "psycopg.Cursor[Any]", shape: TableShape) -> None:
    """Make a table with its keys, indexes and what its columns mean."""
    from psycopg import sql

    table = sql.Identifier(shape.name)
    columns: list[sql.Composable] = [
        sql.SQL("{} {}{}").format(
            sql.Identifier(name),
            sql.SQL(kind),
            sql.SQL(" PRIMARY KEY" if name == "id" else " NOT NULL" if name == "geom" else ""),
        )
        for name, kind in shape.types.items()
    ]
    if "publication" in shape.types:
        reference = "FOREIGN KEY (publication) REFERENCES publication (id) ON DELETE CASCADE"
        columns.append(sql.SQL(reference))
    cursor.execute(sql.SQL("CREATE TABLE {} ({})").format(table, sql.SQL(", ").join(columns)))
    if "publication" in shape.types:
        cursor.execute(sql.SQL("CREATE INDEX ON {} (publication)").format(table))
    if shape.geometry:
        cursor.execute(sql.SQL("CREATE INDEX ON {} USING gist (geom)").format(table))
    meanings = {name: text for name, (_, text) in shape.columns.items()}
    if shape.geometry:
        meanings["geom"] = "Shape, longitude and latitude on WGS 84 (EPSG:4326), full precision"
    for name, text in meanings.items():
        comment = sql.SQL("COMMENT ON COLUMN {}.{} IS {}")
        cursor.execute(comment.format(table, sql.Identifier(name), sql.Literal(text)))


def _make_view(cursor: "psycopg.Cursor[Any]", shape: TableShape) -> None:
    """Make the view of the newest publications, or of what belongs to them."""
    from psycopg import sql

    text = _NEWEST if shape is PUBLICATION else _OF_NEWEST
    view = sql.Identifier(f"newest_{shape.name}")
    names = {"view": view, "table": sql.Identifier(shape.name)}
    newest = sql.Identifier(f"newest_{PUBLICATION.name}")
    cursor.execute(sql.SQL(text).format(**names, newest=newest))
    meaning = (
        f"{shape.meaning}: of each plan, source, boundaries and readings the newest day, and of "
        "that day what was published last"
    )
    cursor.execute(sql.SQL("COMMENT ON VIEW {} IS {}").format(view, sql.Literal(meaning)))
