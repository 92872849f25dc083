"""Files read back: what they hold as text, whatever moment or library stands in their bytes."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, Final

__all__ = ["READERS", "read_file"]


def _hash(content: object) -> str:
    if isinstance(content, bytes):
        return f"{len(content)} bytes {hashlib.sha256(content).hexdigest()[:10]}"
    return repr(content)


def _read_text(content: bytes) -> Iterator[str]:
    yield content.decode("utf-8-sig")


def _read_kml(content: bytes) -> Iterator[str]:
    yield re.sub(r">\s*<", ">\n<", content.decode())


def _read_geopackage(content: bytes) -> Iterator[str]:
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(content)
        query = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        for (name,) in connection.execute(query).fetchall():
            if name.startswith(("rtree_", "sqlite_")) or name == "gpkg_ogr_contents":
                continue
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')]
            yield f"{name}: {', '.join(columns)}"
            skipped = {columns.index(each) for each in ("last_change",) if each in columns}
            for row in connection.execute(f'SELECT * FROM "{name}"'):
                cells = [_hash(cell) for at, cell in enumerate(row) if at not in skipped]
                yield " | ".join(cells)
    finally:
        connection.close()


def _read_flatgeobuf(content: bytes) -> Iterator[str]:
    import pyogrio

    meta, _, geometry, fields = pyogrio.raw.read(io.BytesIO(content))
    yield f"{meta['crs'][:40]} {meta['geometry_type']} {', '.join(meta['fields'])}"
    for row, shape in enumerate(geometry):
        yield " | ".join([_hash(bytes(shape)), *(repr(_plain(each[row])) for each in fields)])


def _plain(value: Any) -> Any:  # noqa: ANN401
    return value.item() if hasattr(value, "item") else value


def _read_parquet(content: bytes) -> Iterator[str]:
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(io.BytesIO(content))
    for key, value in sorted((table.schema.metadata or {}).items()):
        if key not in (b"ARROW:schema", b"pandas"):
            yield f"{key.decode()}: {json.dumps(json.loads(value), sort_keys=True)}"
    yield ", ".join(f"{column.name} {column.type}" for column in table.schema)
    for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
        yield " | ".join(_hash(cell) for cell in row)


def _read_pmtiles(content: bytes) -> Iterator[str]:
    from pmtiles.reader import MemorySource, Reader, all_tiles

    reader = Reader(MemorySource(content))
    header = reader.header()
    sizes = ("offset", "length", "version")
    yield str({name: str(value) for name, value in header.items() if not name.endswith(sizes)})
    yield json.dumps(reader.metadata(), sort_keys=True)
    for (zoom, column, row), tile in all_tiles(MemorySource(content)):
        plain = gzip.decompress(tile) if tile[:2] == b"\x1f\x8b" else tile
        yield f"{zoom}/{column}/{row}: {_hash(plain)}"


def _read_archive(content: bytes) -> Iterator[str]:
    """Yield the files of an archive; the day on which a DBF was written is left out."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            member = archive.read(name)
            if name.endswith((".csv", ".json", ".txt", ".prj", ".cpg")):
                yield f"{name}:\n{member.decode('utf-8-sig')}"
            else:
                yield f"{name}: {_hash(member[4:] if name.endswith('.dbf') else member)}"


def _read_workbook(content: bytes) -> Iterator[str]:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book:
        yield f"sheet {sheet.title}, {sheet.dimensions}"
        for row in sheet.iter_rows(values_only=True):
            yield " | ".join("" if cell is None else str(cell) for cell in row)


READERS: Final[dict[str, Callable[[bytes], Iterator[str]]]] = {
    "geojson": _read_text,
    "gpkg": _read_geopackage,
    "parquet": _read_parquet,
    "fgb": _read_flatgeobuf,
    "kml": _read_kml,
    "pmtiles": _read_pmtiles,
    "shp": _read_archive,
    "csv": _read_archive,
    "xlsx": _read_workbook,
}
"""Short name of a format to what reads a file of it."""


def read_file(form: str, content: bytes) -> str:
    """Read a file back as text: its rows, cells, tiles."""
    return "\n".join(READERS[form](content))
