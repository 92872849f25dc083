"""Read layers with GDAL; imported only if a file needs it."""

import math
import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np
import shapely

from geo.arrays import Geometries
from geo.errors import DataFormatError
from geo.files.encodings import repair_cyrillic
from geo.formats.features import Faults, RawLayer, label
from geo.formats.layers import LayerHandle

__all__ = ["geometries_from_wkb", "list_gdal_layers", "plain_value"]

_BUFFER: Final = re.compile(r"(['\"`]?)/(?:vsimem|tmp|var)/[^\s'\"`:;,]*\1\s*:?")
_ADVICE: Final = re.compile(r";? ?It might help to specify the correct driver.*", re.DOTALL)
_INNER: Final = re.compile(r"/|sqlite3_|codec|error occurred in|\bOGR|\bGDAL", re.IGNORECASE)
_SHAPEFILE: Final = "ESRI Shapefile"
_DRIVERS_WITHOUT_CRS: Final = frozenset({"TopoJSON", "GeoJSONSeq"})


def list_gdal_layers(
    source: Path | bytes,
    *,
    name: str,
    stem: str,
    empty: bool = False,
    convert: str = "ogr2ogr -f GPKG new.gpkg",
) -> list[LayerHandle]:
    """List the layers with geometry of what GDAL can read.

    Parameters
    ----------
    source
        A file or folder, or the content of a file.
    name
        The file, for messages.
    stem
        Name for a layer that has none of its own.
    empty
        Whether no layer at all is accepted.
    convert
        The command that writes such a file again, for messages.

    Returns
    -------
    list of LayerHandle
        Reads each of them.

    Raises
    ------
    DataFormatError
        It cannot be read, or has no layer with geometry.
    """
    import pyogrio

    with _Gdal(name, convert):
        listed = [(str(layer), kind) for layer, kind in pyogrio.list_layers(source)]
    handles = []
    for row, (layer, kind) in enumerate(listed):
        if kind is None:
            continue
        # a document without a name is called after GDAL's buffer, anew at each opening
        shown = stem if layer.startswith("pyogrio_") else layer
        usable = None if len(listed) == 1 else _usable(source, row, str(kind), name, convert)
        handles.append(LayerHandle(shown, _Reader(source, row, shown, name, convert), (), usable))
    if not handles and not empty:
        raise DataFormatError(f"{name}: expected a layer with lines or polygons; it has none.")
    return handles


class _Gdal:
    """Turns GDAL's errors into ours, and keeps its remarks to itself; what matters is checked."""

    def __init__(self, name: str, convert: str) -> None:
        self.name = name
        self.convert = convert
        self.warnings = warnings.catch_warnings()

    def __enter__(self) -> None:
        self.warnings.__enter__()
        warnings.simplefilter("ignore")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.warnings.__exit__(kind, error, trace)
        if isinstance(error, Exception) and not isinstance(error, DataFormatError | ImportError):
            raise DataFormatError(
                f"{self.name}: cannot be read: {_plain(str(error), self.name)}. The file may be "
                f"damaged: get it again, or write it anew: {self.convert} {self.name}"
            ) from error


def _plain(text: str, name: str) -> str:
    """Leave out of GDAL's words the names of its buffers and advice for its programmers."""
    plain = _BUFFER.sub(f"{name} ", _ADVICE.sub("", text)).strip(" .:")[:200]
    return "its content is damaged" if _INNER.search(plain.replace(name, "")) else plain


def _usable(source: Path | bytes, row: int, kind: str, name: str, convert: str) -> bool | None:
    import pyogrio

    with _Gdal(name, convert):
        count = pyogrio.read_info(source, layer=row, force_feature_count=True)["features"]
    if count == 0 or "Point" in kind:
        return False
    return True if "Line" in kind or "Polygon" in kind else None


class _Reader:
    """Reads one layer when it is called."""

    def __init__(self, source: Path | bytes, row: int, shown: str, name: str, convert: str) -> None:
        self.source, self.row, self.shown, self.name = source, row, shown, name
        self.convert = convert

    def __call__(self, faults: Faults) -> RawLayer:
        import pyogrio

        with _Gdal(self.name, self.convert):
            driver = pyogrio.read_info(self.source, layer=self.row)["driver"]
            meta, _, blobs, columns = pyogrio.raw.read(
                self.source, layer=self.row, force_2d=True, datetime_as_string=True
            )
        if blobs is None:
            raise DataFormatError(f"{self.name}: layer {self.shown!r} has no geometry.")
        text = repair_cyrillic if driver == _SHAPEFILE else str  # it need not say its encoding
        fields = [text(str(field)) for field in meta["fields"]]
        crs = str(meta["crs"] or "")
        if not crs and driver in _DRIVERS_WITHOUT_CRS:
            crs = "OGC:CRS84"
        properties = tuple(
            {
                key: text(value) if isinstance(value := plain_value(column[row]), str) else value
                for key, column in zip(fields, columns, strict=True)
            }
            for row in range(len(blobs))
        )
        geometry = geometries_from_wkb(blobs, properties, faults)
        return RawLayer(self.shown, crs, geometry, properties)


def plain_value(value: Any) -> Any:  # noqa: ANN401
    """Return a value of a column as Python has it.

    Parameters
    ----------
    value
        A number or text of numpy, or anything else.

    Returns
    -------
    object
        ``None`` for what means that nothing is stated.
    """
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    return None if isinstance(value, float) and math.isnan(value) else value


def geometries_from_wkb(
    blobs: Any,  # noqa: ANN401
    properties: Sequence[Mapping[str, Any]],
    faults: Faults,
) -> Geometries:
    """Read geometries, closing rings that lack their last position.

    Parameters
    ----------
    blobs
        Well-known binary, shape (n,); ``None`` where a feature has no geometry.
    properties
        Properties of each feature, for messages.
    faults
        Where a fault is added for each geometry that cannot be read.

    Returns
    -------
    numpy.ndarray
        Shape (n,); ``None`` where there is none.
    """
    try:
        geometry = np.asarray(shapely.from_wkb(blobs, on_invalid="fix"), dtype=object)
    except (shapely.errors.ShapelyError, NotImplementedError, ValueError, TypeError):
        geometry = np.array([_one_from_wkb(blob) for blob in blobs], dtype=object)
    for row, blob in enumerate(blobs):
        if blob is not None and geometry[row] is None:
            faults.add(
                label(row, properties),
                "the geometry cannot be read: expected points, straight lines, or polygons of at "
                f"least three different positions. Remove it, or convert the file: ogr2ogr -nlt "
                f"CONVERT_TO_LINEAR -makevalid new.gpkg {faults.name}",
            )
    return geometry


def _one_from_wkb(blob: Any) -> shapely.Geometry | None:  # noqa: ANN401
    try:
        return shapely.from_wkb(blob, on_invalid="fix")  # type: ignore[no-any-return]
    except (shapely.errors.ShapelyError, NotImplementedError, ValueError, TypeError):
        return None
