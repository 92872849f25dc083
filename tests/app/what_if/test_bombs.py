"""Files and bodies made to exhaust whoever reads them: refused in bounded time and memory."""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of Linux processes"),
]
MOST_MIB = 900
MOST_SECONDS = 240  # it takes a few; what is not refused would take for ever

# Reads the files that it is told, each in a process of its own whose death is noticed; it has
# imported what they need, so a process costs nothing. Each starts with this one's memory.
_READER = """
import json, os, resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
from geo.io.control import read_control_file
from geo.errors import SettlementError

def read(path):
    try:
        read_control_file(Path(path))
        return "read"
    except SettlementError as error:
        return "refused " + str(error)[:300]

for line in sys.stdin:
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(theirs, read(line.strip()).encode())
        os._exit(0)
    _, status, used = os.wait4(child, 0)
    os.close(theirs)
    with open(ours) as told:
        print(json.dumps([told.read(), status, used.ru_maxrss // 1024]), flush=True)
"""

LINE = {"type": "LineString", "coordinates": [[37.0, 44.0], [37.0, 53.0]]}
FEATURE = {"type": "Feature", "properties": {}, "geometry": LINE}
ARRAYS = b'{"type":"LineString","coordinates":'
SOUND = json.dumps({"type": "FeatureCollection", "features": [FEATURE]}).encode()
KML = (
    b'<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>&lol9;</name>'
    b"<LineString><coordinates>37,44 37,53</coordinates></LineString></Placemark></Document></kml>"
)
_LAUGHS = b"".join(b'<!ENTITY lol%d "%s">' % (n, b"&lol%d;" % (n - 1) * 10) for n in range(1, 10))
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY lol0 "lol">' + _LAUGHS + b"]>" + KML
STRANGER = b'<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY lol9 SYSTEM "file:///etc/passwd">]>' + KML


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def swollen(path: Path, member: str) -> Path:
    """A small archive whose one member unpacks to more than is allowed."""
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(member, "w", force_zip64=True) as file,
    ):
        for _ in range(18):
            file.write(bytes(16 << 20))
    return path


def lying(path: Path) -> Path:
    """An archive that claims its member to be a hundred bytes long."""
    swollen(path, "line.geojson")
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = (100).to_bytes(4, "little")
    path.write_bytes(content)
    return path


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def many_vertices(path: Path) -> Path:
    """Ten million positions."""
    some = b",".join(b"[%.3f,48]" % (30 + n / 1000) for n in range(1000))
    head = b'{"type":"LineString","coordinates":['
    return written(path, head + b",".join([some] * 10_000) + b"]}")


def some_vertices(path: Path) -> Path:
    """As many as fit into the size that is allowed, which is still too many."""
    head = b'{"type":"LineString","coordinates":[[37,44]'
    return written(path, head + b",[1,48]" * 8_500_000 + b"]}")


BOMBS: dict[str, tuple[str, Callable[[Path], Path], str]] = {
    "a zip that swells": ("a.zip", lambda p: swollen(p, "line.geojson"), "unpacks to more"),
    "a kmz that swells": ("a.kmz", lambda p: swollen(p, "doc.kml"), "unpacks to more"),
    "a zip that lies": ("a.zip", lying, "archive is damaged|unpacks to more"),
    "many files in a zip": (
        "a.zip", lambda p: zipped(p, {f"{n}.txt": b"" for n in range(2000)}), "at most 1,000 files",
    ),
    "a zip in a zip": (
        "a.zip", lambda p: zipped(p, {"b.zip": b"PK\x03\x04"}), "expected a file inside",
    ),
    "a billion laughs": ("a.kml", lambda p: written(p, LAUGHS), "entities"),
    "a billion laughs in UTF-16": (
        "a.kml", lambda p: written(p, LAUGHS.decode().encode("utf-16")), "entities",
    ),
    "a billion laughs in a kmz": ("a.kmz", lambda p: zipped(p, {"doc.kml": LAUGHS}), "entities"),
    "somebody else's file": ("a.kml", lambda p: written(p, STRANGER), "entities"),
    "deep JSON": ("a.geojson", lambda p: written(p, b'{"a":' * 10**6), "not JSON|JSON"),
    "deep arrays": (
        "a.geojson",
        lambda p: written(p, ARRAYS + b"[" * 900 + b"]" * 900 + b"}"),
        "as [longitude, latitude]",
    ),
    "NaN": ("a.geojson", lambda p: written(p, SOUND.replace(b"44.0", b"NaN")), "JSON"),
    "beyond all numbers": ("a.geojson", lambda p: written(p, SOUND.replace(b"44.0", b"1e999")), ""),
    "ten million vertices": ("a.geojson", many_vertices, "MiB|vertices"),
    "too many vertices": ("a.geojson", some_vertices, "vertices"),
}  # fmt: skip


@pytest.fixture(scope="module")
def read() -> Iterator[Callable[[Path], tuple[str, int, int]]]:
    """Read a file; give what was said, how the process ended, and its memory in MiB."""
    process = subprocess.Popen(
        [sys.executable, "-c", _READER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None and process.stdout is not None

    def ask(path: Path) -> tuple[str, int, int]:
        print(path, file=process.stdin, flush=True)
        answered, _, _ = select.select([process.stdout], [], [], MOST_SECONDS)
        if not answered:
            process.kill()
            pytest.fail(f"{path.name}: not read within {MOST_SECONDS} s")
        said, status, mib = json.loads(process.stdout.readline())
        return said, status, mib

    with process:
        yield ask
        process.stdin.close()


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_are_refused(read: Any, tmp_path: Path, bomb: str) -> None:
    name, make, words = BOMBS[bomb]
    path = make(tmp_path / name)
    told, status, mib = read(path)
    assert status == 0, "the process died"
    assert told.startswith("refused"), told
    assert not words or any(word in told for word in words.split("|")), told
    assert "root:" not in told
    assert mib < MOST_MIB


def test_no_path_in_an_archive_leads_out_of_it(read: Any, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    path = zipped(tmp_path / "deep" / "a.zip", {"../../../escaped.geojson": SOUND})
    assert read(path)[0] == "read"
    assert not list(tmp_path.rglob("escaped*"))


# --- over HTTP -----------------------------------------------------------------------------------

BODIES: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "ten million vertices": (b'{"line":' + b"[37,44]," * 10**7, (413,)),
    "as many vertices as fit": (
        b'{"line":' + ARRAYS + b"[" + b",".join([b"[37,44]"] * 500_000) + b"]}}",
        (413,),
    ),
    "deep objects": (b'{"line":' * 200_000, (400,)),
    "deep arrays": (b'{"line":' + b"[" * 1000 + b"]" * 1000 + b"}", (400, 413)),
    "NaN": (b'{"shift":{"km":NaN,"into":"ukraine"}}', (400,)),
    "infinity": (b'{"shift":{"km":1e999,"into":"ukraine"}}', (400, 422)),
    "a huge number": (b'{"shift":{"km":' + b"9" * 100_000 + b',"into":"ukraine"}}', (400, 422)),
    "surrogates": (b'{"plan":"\\ud800"}', (400, 404, 422)),
    "no UTF-8": (b'{"plan":"\xff\xfe"}', (400,)),
    "TOML of a thousand brackets": (
        json.dumps({"plan": "id = " + "[" * 100_000}).encode(), (422,),
    ),
    "TOML of a long key": (
        json.dumps({"plan": ".".join(["a"] * 100_000) + " = 1"}).encode(), (422,),
    ),
    "an address instead of a line": (b'{"line":"http://127.0.0.1:1/line.geojson"}', (422,)),
    "a file instead of a plan": (b'{"plan":"/etc/passwd"}', (404,)),
    "a file instead of a source": (b'{"source":"/etc/passwd"}', (404,)),
    "a file instead of boundaries": (b'{"boundaries":"../../etc/passwd"}', (404,)),
}  # fmt: skip


@pytest.mark.parametrize("body", BODIES)
def test_bodies_are_refused(client: Any, body: str) -> None:
    content, statuses = BODIES[body]
    begun = time.monotonic()
    answer = client.post("/api/what-if", content)
    assert answer.status_code in statuses, answer.text[:500]
    assert answer.headers["content-type"] == "application/problem+json"
    assert b"root:" not in answer.content
    assert time.monotonic() - begun < MOST_SECONDS
    assert client.post("/api/what-if", {"geometry": "none"}).status_code == 200


TRAVERSALS = (
    "../pyproject.toml", "..%2fpyproject.toml", "%2e%2e/%2e%2e/etc/passwd", "....//etc/passwd",
    "%2fetc%2fpasswd", "..%5c..%5cetc%5cpasswd", "%00", "first.js%00.css", "a/../../main.py",
)  # fmt: skip


@pytest.mark.parametrize(
    "folder",
    ["/static/", "/assets/leaflet/", "/assets/docs/", "/i18n/", "/api/downloads/", "/api/plans/",
     "/problems/", "/tiles/5/", "/ogc/collections/"],
)  # fmt: skip
def test_no_address_leads_to_other_files(client: Any, folder: str) -> None:
    for path in TRAVERSALS:
        answer = client.get(folder + path)
        assert answer.status_code in (404, 422), (folder + path, answer.status_code)
        assert b"root:" not in answer.content and b"[project]" not in answer.content


@pytest.mark.parametrize("name", ["source", "boundaries", "plan"])
@pytest.mark.parametrize(
    "value", ["/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:1/", "..", "~", "a.toml"]
)
def test_no_parameter_names_a_file_or_an_address(client: Any, name: str, value: str) -> None:
    answer = client.get(f"/api/layers?{name}={value}")
    assert answer.status_code == 404
    assert b"root:" not in answer.content
