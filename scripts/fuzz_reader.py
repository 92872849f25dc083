"""Spoil files of every format and read them, in a process of its own whose death is noticed.

    python scripts/fuzz_reader.py --files 10000 --seed 1 --keep /tmp/spoilt

Each file is read as ``geo.read_control_file`` reads it, and the geometry is measured. Anything but
an answer or a ``SettlementError`` is reported, and its file kept.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely

SOUND = [
    shapely.Polygon(
        [(32.5, 46), (34, 46), (34, 50), (32.5, 50)], [[(33, 47), (33.5, 47), (33, 48)]]
    ),
    shapely.MultiPolygon([shapely.box(35, 46, 36, 47), shapely.box(37, 46, 38, 47)]),
]
LINES = [shapely.LineString([(32.5, 46), (32.4, 48), (32.5, 50)])]

READ = """
import sys
import numpy as np
import shapely
import geo
from pathlib import Path
for line in sys.stdin:
    path = Path(line.rstrip("\\n"))
    try:
        found = geo.read_control_file(path)
        whole = found.merged()
        shapely.segmentize(whole, 0.5)
        geo.area_km2(np.array([whole])), geo.length_km(np.array([whole]))
        word = "read"
    except geo.SettlementError as error:
        word = "refused"
        inner = ("vsimem", "<DRIVER>", "Exception", "sqlite3_", "/opt/")
        if any(word in str(error) for word in inner):
            word = "inner words: " + str(error)[:200].replace("\\n", " ")
    except BaseException as error:
        word = f"{type(error).__name__}: {error}"[:300].replace("\\n", " ")
    print(word, flush=True)
"""


# --- sound files ---------------------------------------------------------------------------------


def write_sound(folder: Path) -> dict[str, bytes]:
    """Write files of every format and return their bytes by name."""
    import geopandas

    frame = geopandas.GeoDataFrame(
        {"name": ["a", "b"], "date": ["2025-11-21"] * 2}, geometry=SOUND, crs="EPSG:4326"
    )
    for name, driver in [
        ("a.geojson", "GeoJSON"), ("a.gpkg", "GPKG"), ("a.fgb", "FlatGeobuf"), ("a.kml", "KML"),
        ("s/a.shp", "ESRI Shapefile"), ("a.gdb", "OpenFileGDB"), ("a.geojsonl", "GeoJSONSeq"),
    ]:  # fmt: skip
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        (frame[1:] if driver == "OpenFileGDB" else frame).to_file(path, driver=driver)
    frame.to_parquet(folder / "a.parquet")
    frame[:1].to_parquet(folder / "n.parquet", geometry_encoding="geoarrow")
    geojson = (folder / "a.geojson").read_bytes()
    kml = (folder / "a.kml").read_bytes()
    line = json.dumps({"type": "Feature", "geometry": json.loads(shapely.to_geojson(LINES[0]))})
    (folder / "l.geojson").write_text(line)
    (folder / "e.json").write_text(json.dumps(_esri()))
    (folder / "t.json").write_text(json.dumps(_topology()))
    (folder / "u.geojson").write_bytes(geojson.decode().encode("utf-16"))
    (folder / "u.kml").write_bytes(kml.decode().replace("utf-8", "utf-16").encode("utf-16"))
    (folder / "a.geojson.gz").write_bytes(gzip.compress(geojson))
    link = b"<NetworkLink><Link><href>in/a.kml</href></Link></NetworkLink>"
    _zip(folder / "a.kmz", {"doc.kml": b"<kml>" + link + b"</kml>", "in/a.kml": kml})
    _zip(folder / "a.zip", {f"x/{p.name}": p.read_bytes() for p in (folder / "s").iterdir()})
    _zip(folder / "m.zip", {"a.geojson": geojson, "provenance.json": b"{}", "b.json": b"[]"})
    _zip(
        folder / "g.gdb.zip",
        {f"a.gdb/{p.name}": p.read_bytes() for p in (folder / "a.gdb").iterdir()},
    )
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def _zip(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _esri() -> dict[str, Any]:
    rings = [[[32.5, 46], [32.5, 50], [34, 50], [34, 46], [32.5, 46]]]
    feature = {"attributes": {"name": "a"}, "geometry": {"rings": rings}}
    return {
        "geometryType": "esriGeometryPolygon",
        "spatialReference": {"wkid": 4326},
        "features": [feature],
    }


def _topology() -> dict[str, Any]:
    arcs = [[[32.5, 46], [34, 46], [34, 50], [32.5, 46]]]
    held = {"type": "Polygon", "arcs": [[0]], "properties": {"name": "a"}}
    return {"type": "Topology", "objects": {"held": held}, "arcs": arcs}


# --- ways to spoil them --------------------------------------------------------------------------


def cut(content: bytes, chance: random.Random) -> bytes:
    """Leave out the end."""
    return content[: chance.randrange(len(content) + 1)]


def flip(content: bytes, chance: random.Random) -> bytes:
    """Change some bytes."""
    changed = bytearray(content)
    for _ in range(chance.choice([1, 2, 5, 20])):
        if changed:
            changed[chance.randrange(len(changed))] = chance.choice(
                [0, 1, 0x7F, 0xFF, chance.randrange(256)]
            )
    return bytes(changed)


def move(content: bytes, chance: random.Random) -> bytes:
    """Repeat or leave out a stretch."""
    start, end = sorted(chance.randrange(len(content) + 1) for _ in range(2))
    return content[:start] + content[start:end] * chance.choice([0, 2, 3]) + content[end:]


def spoil_json(content: bytes, chance: random.Random) -> bytes:
    """Put something else in place of members and values of JSON."""
    try:
        document = json.loads(content)
    except ValueError:
        return flip(content, chance)
    for _ in range(chance.choice([1, 1, 2, 4])):
        places = list(_places(document))
        if not places:
            break
        holder, key = chance.choice(places)
        holder[key] = _strange(holder[key], chance)
    return json.dumps(document).encode()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401
    waiting = [value]
    while waiting:
        one = waiting.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one))
        for key in keys:
            yield one, key
            if isinstance(one[key], dict | list):
                waiting.append(one[key])


def _strange(value: Any, chance: random.Random) -> Any:  # noqa: ANN401
    choices: list[Any] = [
        None, [], {}, "", "1", True, 0, -1, 1e308, 1e400, 190.5, 180.000002, -400, 90.1, [[]],
        [[[]]], [value], [value, value], {"type": value}, "Polygon", "GeometryCollection",
        "FeatureCollection", {"type": "Point", "coordinates": []},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "MultiPolygon", "coordinates": [[], [[]]]},
        {"type": "GeometryCollection", "geometries": [value, None]},
    ]  # fmt: skip
    if isinstance(value, list):
        choices += [
            value[:-1],
            value[1:],
            value[::-1],
            value * 2,
            value[:1],
            [*value, []],
            [[], *value],
        ]
    return chance.choice(choices)


def spoil_kml(content: bytes, chance: random.Random) -> bytes:
    """Spoil the text of coordinates and the elements of KML."""
    text = content.decode(errors="replace")
    olds = ["<coordinates>", "</coordinates>", "LinearRing", "outerBoundaryIs", "innerBoundaryIs",
            "Polygon", "MultiGeometry", "32.5,46", " ", ",", "Placemark", "<?xml",
            "<kml"]  # fmt: skip
    news = ["", "NaN,NaN", "<coordinates></coordinates>", "Point", "LineString", "Polygon", ",,",
            "MultiGeometry", "<!-- -->", "&amp;", "&x;", "<!DOCTYPE a>", "1e999,1", "Folder",
            "gx:Track"]  # fmt: skip
    for _ in range(chance.choice([1, 2, 4])):
        text = text.replace(chance.choice(olds), chance.choice(news), chance.choice([1, 1, -1]))
    return text.encode()


def spoil_zip(content: bytes, chance: random.Random) -> bytes:
    """Spoil the files inside an archive, not its frame."""
    with tempfile.TemporaryDirectory() as folder:
        packed = Path(folder, "a.zip")
        packed.write_bytes(content)
        with zipfile.ZipFile(packed) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        victim = chance.choice(sorted(members))
        way = chance.choice([cut, flip, move, spoil_kml if victim.endswith(".kml") else flip])
        members[victim] = way(members[victim], chance)
        if chance.random() < 0.1:
            members.pop(chance.choice(sorted(members)))
        packed = Path(folder, "b.zip")
        _zip(packed, members)
        return packed.read_bytes()


def spoil_wkb(chance: random.Random) -> bytes:
    """A GeoParquet file of geometries whose binary is spoilt."""
    import pyarrow
    from pyarrow import parquet

    shapes = [*SOUND, *LINES, shapely.GeometryCollection([*SOUND, *LINES, shapely.Point()]),
              shapely.from_wkt("POLYGON ((30 48, 31 48, 31 49, 30 48), EMPTY)"),
              shapely.from_wkt("MULTILINESTRING ((30 48, 31 48), EMPTY)")]  # fmt: skip
    blobs = [
        shapely.to_wkb(chance.choice(shapes), flavor=chance.choice(["iso", "extended"]))
        for _ in range(3)
    ]
    way: Callable[[bytes, random.Random], bytes] = chance.choice([cut, flip, flip, move])
    blobs[0] = way(blobs[0], chance)
    geo = {"version": "1.1.0", "primary_column": "g",
           "columns": {"g": {"encoding": "WKB", "geometry_types": []}}}  # fmt: skip
    table = pyarrow.table({"g": pyarrow.array(blobs, pyarrow.binary())})
    table = table.replace_schema_metadata({"geo": json.dumps(geo)})
    target = io.BytesIO()
    parquet.write_table(table, target)
    return target.getvalue()


def spoil(name: str, content: bytes, chance: random.Random) -> bytes:
    """Spoil a file in one of the ways that fit it."""
    ways: list[Callable[[bytes, random.Random], bytes]] = [cut, flip, move]
    if name.endswith((".geojson", ".json")) and not name.startswith("u."):
        ways += [spoil_json] * 6
    elif name.endswith(".kml") and not name.startswith("u."):
        ways += [spoil_kml] * 6
    elif name.endswith((".zip", ".kmz")):
        ways += [spoil_zip] * 4
    return chance.choice(ways)(content, chance)


def make_spoilt(folder: Path, number: int, seed: int) -> Iterator[Path]:
    """Write spoilt files, the same for the same seed."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sound = write_sound(Path(made))
        for row in range(number):
            if chance.random() < 0.15:
                name, content = "w.parquet", spoil_wkb(chance)
            else:
                name = chance.choice(sorted(sound))
                content = spoil(name, sound[name], chance)
            path = folder / f"{row:06d}_{name}"
            path.write_bytes(content)
            yield path


# --- reading them --------------------------------------------------------------------------------


class Reader:
    """A process that reads files, replaced when it dies."""

    def __init__(self) -> None:
        self.process = self._start()

    @staticmethod
    def _start() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-c", READ],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def read(self, path: Path) -> str:
        """Return ``read``, ``refused``, or what went wrong."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        word = self.process.stdout.readline().strip()
        if not word:
            self.close()
            word = f"died with {self.process.returncode}"
            self.process = self._start()
        return word

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


def read_spoilt(number: int, seed: int, keep: Path | None = None) -> tuple[Counter[str], list[str]]:
    """Read spoilt files; return how many were read and refused, and what went wrong with others."""
    counted: Counter[str] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader()
        for path in make_spoilt(Path(folder), number, seed):
            word = reader.read(path)
            if word in ("read", "refused"):
                counted[word] += 1
            else:
                wrong.append(f"{path.name}: {word}")
                if keep is not None:
                    keep.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, keep)
            path.unlink()
        reader.close()
    return counted, wrong


def main() -> None:
    """Read as many files as asked for and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    began = time.monotonic()
    counted, wrong = read_spoilt(arguments.files, arguments.seed, arguments.keep)
    print(f"{arguments.files} files in {time.monotonic() - began:.0f} s: {dict(counted)}")
    for line in wrong:
        print(line)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
