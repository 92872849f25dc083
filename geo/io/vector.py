"""Layers of vector files by GDAL and Arrow, behind limits; imported only when a file is read."""

import re
import tempfile
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

import numpy as np
import orjson
import shapely

from geo.errors import DataFormatError
from geo.territory import Geometries

__all__ = ["VectorLayer", "read_vector_layer"]

_MOST_UNPACKED_BYTES: Final = 256 * 2**20
_MOST_ENTRIES: Final = 1_000
_MAGIC: Final = {
    ".gpkg": b"SQLite format 3\x00",
    ".shp": b"\x00\x00\x27\x0a",
    ".fgb": b"fgb\x03",
    ".parquet": b"PAR1",
    ".geoparquet": b"PAR1",
    ".kmz": b"PK\x03\x04",
    ".zip": b"PK\x03\x04",
}
_KNOWN: Final = (".geojson", ".json", ".gpkg", ".shp", ".zip", ".kml", ".kmz", ".fgb", ".parquet")
_ENTITY: Final = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_IN_ARCHIVE: Final = frozenset({".shp", ".kml", ".gpkg", ".fgb", ".geojson", ".json"})


@dataclass(frozen=True, eq=False)
class VectorLayer:
    """One layer of a file, as the file has it.

    Parameters
    ----------
    name
        The layer.
    crs
        What the file states, empty when it states nothing.
    geometry
        Two-dimensional, shape (n,); ``None`` where a feature has none.
    labels
        Name of each feature, empty where it has none.
    dates
        Property ``date`` of each feature, ``None`` where it has none.
    properties
        All properties of each feature.
    """

    name: str
    crs: str
    geometry: Geometries
    labels: tuple[str, ...]
    dates: tuple[Any, ...]
    properties: tuple[Mapping[str, Any], ...]

    def label(self, row: int) -> str:
        """Name a feature for a message, counted from 1."""
        named = f" ({self.labels[row]})" if self.labels[row] else ""
        return f"feature {row + 1} of {len(self.geometry)}{named}"


def read_vector_layer(path: Path, *, layer: str | None = None) -> VectorLayer:
    """Read one layer of a file.

    Parameters
    ----------
    path
        GeoPackage, Shapefile, KML, FlatGeobuf or GeoParquet, or a ``.kmz`` or ``.zip`` that holds
        one of them.
    layer
        Which layer, when there are several with geometry.

    Returns
    -------
    VectorLayer
        Geometries as the file has them; nothing is reprojected or checked.

    Raises
    ------
    DataFormatError
        The file is none of these, is damaged, unpacks to more than is allowed, declares XML
        entities, or has several layers and none was chosen.
    """
    suffix = path.suffix.lower()
    magic = _MAGIC.get(suffix)
    with path.open("rb") as file:
        head = file.read(512)
    if suffix not in _KNOWN and magic is None:
        raise DataFormatError(
            f"{path.name}: expected one of {', '.join(_KNOWN)}; {suffix or 'no suffix'!r} came."
        )
    if magic is not None and not head.startswith(magic):
        raise DataFormatError(
            f"{path.name}: expected the contents its name promises ({suffix}); it begins otherwise."
        )
    if suffix in {".parquet", ".geoparquet"}:
        return _read_parquet(path, layer)
    if suffix in {".zip", ".kmz"}:
        with _unpacked(path) as inner:
            return _read_gdal(inner, layer, name=path.name)
    return _read_gdal(path, layer, name=path.name)


# --- archives -----------------------------------------------------------------------------------


@contextmanager
def _unpacked(path: Path) -> Iterator[Path]:
    """Unpack an archive within limits and give the one file in it that can be read."""
    with tempfile.TemporaryDirectory(prefix="point21-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                names = _members(path.name, archive)
                _unpack(path.name, archive, names, Path(folder))
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise DataFormatError(f"{path.name}: the archive is damaged ({error}).") from error
        readable = [Path(folder, name) for name in names if Path(name).suffix in _IN_ARCHIVE]
        main = [file for file in readable if file.name == "doc.kml"] or readable
        if len(main) != 1:
            held = ", ".join(sorted(file.name for file in main)) or "none"
            raise DataFormatError(
                f"{path.name}: expected one file that can be read inside; it holds {held}. "
                "Unpack it and name the one you mean."
            )
        yield main[0]


def _members(name: str, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return what to unpack under flat names, so that no path leads out of the folder."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > _MOST_ENTRIES:
        raise DataFormatError(
            f"{name}: expected at most {_MOST_ENTRIES:,} files inside, {len(infos):,} came."
        )
    members: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        entry = PurePosixPath(info.filename)
        if "__MACOSX" in entry.parts or entry.name.startswith("."):
            continue
        flat = entry.stem + entry.suffix.lower()
        if flat in members:
            raise DataFormatError(f"{name}: {flat!r} is inside twice. Unpack it and name the file.")
        members[flat] = info
    return members


def _unpack(
    name: str, archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], folder: Path
) -> None:
    """Write the members, counting what really comes out: sizes in an archive may lie."""
    left = _MOST_UNPACKED_BYTES
    for flat, info in members.items():
        with archive.open(info) as source, (folder / flat).open("wb") as target:
            while block := source.read(1 << 20):
                left -= len(block)
                if left < 0:
                    raise DataFormatError(
                        f"{name}: unpacks to more than {_MOST_UNPACKED_BYTES / 2**20:g} MiB, "
                        "which is more than is allowed."
                    )
                target.write(block)


# --- GDAL ---------------------------------------------------------------------------------------


def _read_gdal(path: Path, layer: str | None, *, name: str) -> VectorLayer:
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError, FieldError, GeometryError

    source: Any = path
    if path.suffix.lower() == ".kml":
        source = _checked_xml(name, path.read_bytes())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # GDAL's remarks; what matters is checked here
            listed = pyogrio.list_layers(source)
            # A KML document without a name is called after GDAL's buffer, anew at each opening.
            kinds = {
                path.stem if str(key).startswith("pyogrio_") else str(key): kind
                for key, kind in listed
            }
            chosen = _choose_layer(name, kinds, layer)
            meta, _, blobs, columns = pyogrio.raw.read(
                source, layer=list(kinds).index(chosen), force_2d=True, datetime_as_string=True
            )
    except (DataSourceError, DataLayerError, FieldError, GeometryError, OSError) as error:
        raise DataFormatError(f"{name}: cannot be read: {error}") from error
    fields = dict(zip([str(field).lower() for field in meta["fields"]], columns, strict=True))
    return VectorLayer(
        name=chosen,
        crs=str(meta["crs"] or ""),
        geometry=_from_wkb(name, blobs),
        labels=tuple(str(text or "") for text in fields.get("name", [""] * len(blobs))),
        dates=tuple(fields.get("date", [None] * len(blobs))),
        properties=tuple({key: fields[key][row] for key in fields} for row in range(len(blobs))),
    )


def _checked_xml(name: str, content: bytes) -> bytes:
    """Refuse declarations of entities: they can grow without end, or read other files."""
    text = content if b"\x00" not in content[:200] else content.replace(b"\x00", b"")
    if _ENTITY.search(text):
        raise DataFormatError(
            f"{name}: expected KML without a document type or entities; it declares some. "
            "Save it again without them."
        )
    if b"<kml" not in text[:4096].lower():
        raise DataFormatError(f"{name}: expected KML; no <kml> element begins the file.")
    return content


def _choose_layer(name: str, kinds: dict[str, str | None], wanted: str | None) -> str:
    if wanted is not None:
        if wanted in kinds:
            return wanted
        raise DataFormatError(
            f"{name}: has no layer {wanted!r}; its layers are {', '.join(kinds)}."
        )
    spatial = [layer for layer, kind in kinds.items() if kind is not None]
    if len(spatial) == 1:
        return spatial[0]
    if not spatial:
        raise DataFormatError(f"{name}: expected a layer with geometry; it has none.")
    raise DataFormatError(
        f"{name}: has {len(spatial)} layers. Choose one of them: "
        f"{', '.join(f'layer={layer}' for layer in spatial)}."
    )


def _from_wkb(name: str, blobs: Any) -> Geometries:  # noqa: ANN401
    try:
        geometry = np.asarray(shapely.from_wkb(blobs), dtype=object)
    except shapely.errors.GEOSException as error:
        raise DataFormatError(f"{name}: has a geometry that cannot be read ({error}).") from error
    return np.asarray(shapely.force_2d(geometry), dtype=object)


# --- GeoParquet ---------------------------------------------------------------------------------


def _read_parquet(path: Path, layer: str | None) -> VectorLayer:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise DataFormatError(
            f"{path.name}: GeoParquet needs the extra 'formats': pip install 'point21[formats]'."
        ) from error
    if layer is not None and layer != path.stem:
        raise DataFormatError(f"{path.name}: GeoParquet has no layers; {layer!r} was asked for.")
    try:
        schema = parquet.read_schema(path)
        stated = orjson.loads((schema.metadata or {}).get(b"geo", b"null"))
        column = stated["columns"][stated["primary_column"]]
        if column["encoding"] != "WKB":
            raise DataFormatError(f"{path.name}: expected WKB, {column['encoding']!r} came.")
        table = parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise DataFormatError(f"{path.name}: cannot be read: {error}") from error
    except (KeyError, TypeError, orjson.JSONDecodeError) as error:
        raise DataFormatError(
            f"{path.name}: expected GeoParquet; its metadata say nothing of a geometry."
        ) from error
    values = {key: table.column(key).to_pylist() for key in table.column_names}
    blobs = values[stated["primary_column"]]
    # GeoParquet: no 'crs' means CRS84, null means unknown
    crs = column.get("crs", "OGC:CRS84")
    return VectorLayer(
        name=path.stem,
        crs=crs if isinstance(crs, str) else "" if crs is None else orjson.dumps(crs).decode(),
        geometry=_from_wkb(path.name, np.array(blobs, dtype=object)),
        labels=tuple(str(text or "") for text in values.get("name", [""] * len(blobs))),
        dates=tuple(values.get("date", [None] * len(blobs))),
        properties=tuple({key: values[key][row] for key in values} for row in range(len(blobs))),
    )
