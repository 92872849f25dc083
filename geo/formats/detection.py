"""Detect the format of a file by its content, and list its layers."""

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import shapely

from geo.errors import DataFormatError
from geo.files.content import unpack_gzip
from geo.formats.archives import Member, follow_links, unpack_zip
from geo.formats.features import Faults, RawLayer
from geo.formats.gdal import list_gdal_layers
from geo.formats.incremental_geojson import SeenRings
from geo.formats.json_documents import is_json_of_geometries, open_json, parse_object
from geo.formats.kml import check_kml
from geo.formats.layers import LayerHandle, Opened
from geo.formats.parquet import read_parquet

__all__ = ["SUFFIXES", "open_file"]

SUFFIXES: Final = (
    ".geojson", ".json", ".geojsonl", ".ndjson", ".geojsonseq", ".topojson", ".gpkg", ".shp",
    ".zip", ".kml", ".kmz", ".fgb", ".parquet", ".geoparquet", ".gdb", ".gz",
)  # fmt: skip
"""Suffixes of the files that are read; which format it is, the content tells."""

_JSON: Final = frozenset({".geojson", ".json", ".geojsonl", ".ndjson", ".geojsonseq", ".topojson"})
_DATA: Final = frozenset(SUFFIXES) - {".zip", ".kmz", ".gz"}
_SIDECARS: Final = frozenset({".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx"})
_ARCHIVES: Final = frozenset({".7z", ".rar", ".tar", ".tgz", ".bz2", ".xz"})


@dataclass(frozen=True, eq=False)
class _File:
    """A file that is to be opened."""

    content: bytes
    path: Path | None
    name: str
    """As the user knows it, for messages."""
    stem: str
    suffix: str
    stack: ExitStack
    """Keeps folders in which things are unpacked until all is read."""
    seen: SeenRings | None = None
    is_member: bool = False
    """Whether it is one of several files of an archive, some of which may hold nothing."""


def open_file(
    content: bytes,
    *,
    path: Path | None,
    name: str,
    stack: ExitStack,
    seen: SeenRings | None = None,
) -> Opened:
    """Tell the format of a file by its content, and list its layers.

    Parameters
    ----------
    content
        Its bytes; empty for the folder of a file geodatabase.
    path
        The file, if it is one; a Shapefile needs those next to it.
    name
        The file, for messages; its suffix decides where the content could be several things.
    stack
        Holds what must stay until the layers are read.
    seen
        What was read before of files that say nearly the same.

    Returns
    -------
    Opened
        The layers.

    Raises
    ------
    DataFormatError
        It is no format that is read, or damaged; the message says how to convert it.
    """
    known = Path(name)
    return _open(_File(content, path, name, known.stem, known.suffix.lower(), stack, seen))


def _open(file: _File) -> Opened:
    content = file.content
    if file.path is not None and file.path.is_dir():
        return Opened(_gdal(file, file.path))
    if not content.strip(b"\x00 \t\r\n"):
        raise DataFormatError(f"{file.name}: expected a file of geometries; it is empty.")
    for magic, opener in _MAGIC.items():
        if content.startswith(magic):
            return opener(file)
    if file.suffix in _SIDECARS:
        raise DataFormatError(
            f"{file.name}: belongs to a Shapefile. Name {file.stem}.shp, with the others next to "
            "it, or put all of them in one .zip."
        )
    if file.suffix in _ARCHIVES or content[257:262] == b"ustar":
        raise DataFormatError(f"{file.name}: unpack the archive, and name the file inside.")
    return _open_text(file)


def _open_text(file: _File) -> Opened:
    """Open what begins with no known mark: JSON, XML, or nothing that is read."""
    head = file.content[:4096].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if head[:1] in {b"{", b"[", b"\x1e"} or file.suffix in _JSON:
        return open_json(file.content, name=file.name, stem=file.stem, seen=file.seen)
    if head[:1] == b"<" or file.suffix == ".kml":
        return _open_kml(file)
    raise DataFormatError(
        f"{file.name}: expected one of {', '.join(SUFFIXES)}; the content is of none of these"
        f"{' (' + file.suffix + ')' if file.suffix else ''}. Convert it: "
        f"ogr2ogr -f GPKG new.gpkg {file.name}"
    )


# --- KML, Shapefile, databases ------------------------------------------------------------------


def _open_kml(file: _File) -> Opened:
    checked = check_kml(file.content, name=file.name)
    layers = list_gdal_layers(checked.content, name=file.name, stem=file.stem, empty=True)
    if (not layers and not file.is_member) or (checked.links and _holds_nothing(layers)):
        raise DataFormatError(_nothing_in_kml(file.name, checked.links))
    return Opened(layers)


def _holds_nothing(layers: Sequence[LayerHandle]) -> bool:
    """Tell whether no layer has a geometry, as in a document of links."""
    return all(
        shapely.is_missing(layer.read(Faults("")).geometry).all()
        for layer in layers
        if layer.usable is None
    )


def _nothing_in_kml(name: str, links: Sequence[str]) -> str:
    if links:
        return (
            f"{name}: holds nothing but links to other files: {', '.join(links[:3])}. Download "
            "what they lead to, and name that."
        )
    return f"{name}: expected lines or polygons; it holds no places."


def _open_shapefile(file: _File) -> Opened:
    if file.path is None or file.path.suffix.lower() != ".shp":
        raise DataFormatError(
            f"{file.name}: is a Shapefile, which needs the files next to it (.shx, .dbf, .prj). "
            "Name it .shp in their folder, or put all of them in one .zip."
        )
    return Opened(_gdal(file, file.path))


def _open_database(file: _File) -> Opened:
    return Opened(_gdal(file, file.path or file.content))


def _gdal(file: _File, source: Path | bytes) -> list[LayerHandle]:
    return list_gdal_layers(source, name=file.name, stem=file.stem, empty=file.is_member)


def _open_parquet(file: _File) -> Opened:
    def read(faults: Faults) -> RawLayer:
        return read_parquet(file.content, stem=file.stem, faults=faults)

    return Opened([LayerHandle(file.stem, read)])


# --- archives -----------------------------------------------------------------------------------


def _open_gzip(file: _File) -> Opened:
    content = unpack_gzip(file.content, name=file.name)
    if content.startswith((b"\x1f\x8b", b"PK\x03\x04")):
        raise DataFormatError(f"{file.name}: unpack it with gunzip, and name what is inside.")
    stem = Path(file.stem)
    inner = replace(
        file, content=content, path=None, stem=stem.stem or file.stem, suffix=stem.suffix.lower()
    )
    return _open(inner)


def _open_zip(file: _File) -> Opened:
    folder = Path(file.stack.enter_context(tempfile.TemporaryDirectory(prefix="point21-")))
    packed = file.path
    if packed is None:
        packed = folder / "packed.zip"
        packed.write_bytes(file.content)
    target = folder / "unpacked"
    target.mkdir()
    members = unpack_zip(packed, target, name=file.name)
    documents = [one for one in members if one.inside.name.lower() == "doc.kml"]
    if documents:
        first = min(documents, key=lambda one: len(one.inside.parts))
        return _open_linked(file, first, members)
    return _open_members(file, members)


def _open_linked(file: _File, first: Member, members: Sequence[Member]) -> Opened:
    """Open the main document of a KMZ, and what it links to inside the archive."""
    layers: list[LayerHandle] = []
    outside: list[str] = []
    waiting, visited = [first], {first.path}
    while waiting:
        member = waiting.pop(0)
        if member.suffix != ".kml":
            continue
        checked = check_kml(member.read(), name=f"{file.name}/{member.inside}")
        layers += list_gdal_layers(
            checked.content, name=file.name, stem=member.inside.stem, empty=True
        )
        inside, elsewhere = follow_links(checked.links, member.inside, members)
        outside += elsewhere
        waiting += [one for one in inside if one.path not in visited]
        visited |= {one.path for one in inside}
    if not layers or (outside and _holds_nothing(layers)):
        raise DataFormatError(_nothing_in_kml(file.name, outside))
    return Opened(layers)


def _open_members(file: _File, members: Sequence[Member]) -> Opened:
    """Open all files of an archive that hold geometries, and read what is said of them."""
    stated: Mapping[str, Any] = {}
    opened: list[tuple[Member, Opened]] = []
    for member in members:
        if member.inside.name.lower() == "provenance.json":
            stated = _said(member)
        elif member.suffix in _DATA and _may_hold_geometries(member):
            inner = replace(
                file, content=member.read(), path=member.path, name=f"{file.name}/{member.inside}",
                stem=member.inside.stem, suffix=member.suffix, seen=None, is_member=True,
            )  # fmt: skip
            opened.append((member, _open(inner)))
    opened = [(member, one) for member, one in opened if one.layers]
    if not opened:
        held = ", ".join(sorted(str(member.inside) for member in members)[:5]) or "nothing"
        raise DataFormatError(
            f"{file.name}: expected a file inside that can be read ({', '.join(SUFFIXES)}); it "
            f"holds {held}. Unpack it, and convert the file you mean with ogr2ogr."
        )
    if len(opened) == 1:
        ((member, one),) = opened
        return Opened([_also(layer, member) for layer in one.layers], one.stated or stated)
    return Opened(_named_layers(opened), stated)


def _also(layer: LayerHandle, member: Member) -> LayerHandle:
    """Let the only file of an archive be chosen by its name, too."""
    inside = member.inside
    return replace(layer, also=(*layer.also, inside.stem, inside.name, str(inside)))


def _named_layers(opened: Sequence[tuple[Member, Opened]]) -> list[LayerHandle]:
    """Name layers after their files: by the stem, the name or the whole path, as need be."""
    known = [_ways_to_name(member) for member, _ in opened]
    layers = []
    for (_, one), ways in zip(opened, known, strict=True):
        base = next(
            (text for way, text in enumerate(ways) if [row[way] for row in known].count(text) == 1),
            ways[-1],
        )
        for layer in one.layers:
            name = base if len(one.layers) == 1 else f"{base}/{layer.name}"
            layers.append(replace(layer, name=name, also=(*ways, layer.name)))
    return layers


def _ways_to_name(member: Member) -> tuple[str, ...]:
    inside = member.inside
    return inside.stem, inside.name, str(inside.with_suffix("")), str(inside)


def _may_hold_geometries(member: Member) -> bool:
    """Tell geometries from metadata, which may have the same suffix."""
    return member.suffix != ".json" or is_json_of_geometries(member.read())


def _said(member: Member) -> Mapping[str, Any]:
    """Return what an archive says of its origin, empty when that cannot be read."""
    return parse_object(member.read()) or {}


_MAGIC: Final = {
    b"\x1f\x8b": _open_gzip,
    b"PK\x03\x04": _open_zip,
    b"SQLite format 3\x00": _open_database,
    b"fgb\x03": _open_database,
    b"PAR1": _open_parquet,
    b"\x00\x00\x27\x0a": _open_shapefile,
}
