"""Read the features of a file of any format."""

import hashlib
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson

from geo.errors import DataFormatError
from geo.files.bounded import read_bounded
from geo.files.content import MOST_BYTES
from geo.formats.detection import open_file
from geo.formats.features import Faults, Features, RawLayer
from geo.formats.incremental_geojson import SeenRings
from geo.formats.json_documents import open_document
from geo.formats.layers import Opened, choose_layers
from geo.formats.normalise import normalise_layer

__all__ = ["is_geodatabase", "read_features"]

_MOST_FILES: Final = 10_000


def read_features(
    source: Path | str | bytes | Mapping[str, Any],
    *,
    name: str | None = None,
    layer: str | None = None,
    seen: SeenRings | None = None,
) -> Features:
    """Read the features of a file, normalised, or report all of its faults.

    Parameters
    ----------
    source
        A file of any format (GeoJSON, also one feature a line, Esri JSON, TopoJSON, GeoPackage,
        Shapefile, KML, KMZ, FlatGeobuf, GeoParquet; also packed as ``.gz`` or ``.zip``), the folder
        of a file geodatabase, the bytes of a file, or a JSON document as plain data.
    name
        Name for messages; that of the file by default.
    layer
        Which layer, where several hold lines or polygons; ``*`` takes all of them together.
    seen
        What was read before of files that say nearly the same; makes reading such a file faster.

    Returns
    -------
    Features
        Two-dimensional, longitude and latitude in degrees, without empty parts. Whether geometries
        are valid is not checked here: see :func:`geo.formats.features.check_valid`.

    Raises
    ------
    DataFormatError
        The file cannot be read, is larger than allowed, or has several layers and none was chosen.
    CRSMismatchError
        The file states no coordinate reference system, or one its coordinates cannot be in.
    FeaturesError
        Features have faults: lists them with their places.
    """
    if isinstance(source, Mapping):
        named = name or "the GeoJSON"
        opened = open_document(source, name=named, stem="drawn")
        return _read(opened, Faults(named), layer, hashlib.sha256(_canonical(source)).hexdigest())
    path = None if isinstance(source, bytes) else Path(source)
    named = name or ("file" if path is None else path.name)
    if path is not None and is_geodatabase(path):
        content, sha256 = b"", _hash_of_folder(path)
    else:
        content = source if isinstance(source, bytes) else _content(Path(source))
        sha256 = hashlib.sha256(content).hexdigest()
    with ExitStack() as stack:
        opened = open_file(content, path=path, name=named, stack=stack, seen=seen)
        return _read(opened, Faults(named), layer, sha256)


def _content(path: Path) -> bytes:
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise DataFormatError(
            f"{path}: expected a file, got a device or a pipe, which may never end. Save what it "
            "gives to a file, and name that."
        )
    return read_bounded(path, most_bytes=MOST_BYTES, what="a file of geometries")


def _read(opened: Opened, faults: Faults, layer: str | None, sha256: str) -> Features:
    raw = choose_layers(opened.layers, layer, faults)
    geometry = [normalise_layer(one, faults) for one in raw]
    faults.check()
    return Features(
        name=faults.name,
        layer=", ".join(one.name for one in raw),
        geometry=np.concatenate(geometry) if geometry else np.empty(0, dtype=object),
        properties=tuple(
            {**row, "layer": one.name} if len(raw) > 1 else row
            for one in raw
            for row in one.properties
        ),
        stated=_stated(opened, raw),
        sha256=sha256,
    )


def _stated(opened: Opened, raw: list[RawLayer]) -> Mapping[str, Any]:
    return next((one.stated for one in raw if one.stated), opened.stated)


def _canonical(document: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(document, option=orjson.OPT_SORT_KEYS, default=dict)
    except (TypeError, ValueError) as error:
        raise DataFormatError(f"expected plain data of JSON ({error}).") from error


def is_geodatabase(path: Path) -> bool:
    """Tell whether a path is the folder of a file geodatabase.

    Parameters
    ----------
    path
        A file or folder.

    Returns
    -------
    bool
        Whether it ends with ``.gdb`` or holds the tables of one.
    """
    if not path.is_dir():
        return False
    return path.suffix.lower() == ".gdb" or (path / "a00000001.gdbtable").is_file()


def _hash_of_folder(folder: Path) -> str:
    """Hash the names and bytes of all files of a folder, within the size that is allowed."""
    digest, left = hashlib.sha256(), MOST_BYTES
    for number, path in enumerate(sorted(folder.iterdir())):
        if number >= _MOST_FILES:
            raise DataFormatError(f"{folder.name}: expected at most {_MOST_FILES:,} files.")
        if path.is_file() and path.suffix != ".lock":
            content = read_bounded(path, most_bytes=left, what="a file geodatabase")
            left -= len(content)
            digest.update(path.name.encode() + b"\x00" + content)
    return digest.hexdigest()
