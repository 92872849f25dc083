"""What a user has who follows the documents: files of others' lines, and an internet to fetch from.

Everything is made from the project's own data; the internet is a server on this machine.
"""

import datetime
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import shapely

import geo

__all__ = ["DAYS", "area_of", "lay_out", "serve"]

DAYS = (datetime.date(2025, 11, 21), datetime.date(2026, 1, 1))
KML = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><MultiGeometry>{}'
    "</MultiGeometry></Placemark></Document></kml>"
)
KML_DOCUMENT = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
KML_FOLDER = (
    "<Folder><name>{}</name><Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>{}"
    "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Folder>"
)
STRETCH = "<LineString><coordinates>{}</coordinates></LineString>"


def area_of(day: datetime.date) -> bytes:
    """Return the Russian-held area of a day as a FeatureCollection."""
    partition = geo.split_by_contact_line(geo.load_boundaries(), geo.load_contact_line(day))
    area = shapely.union_all(partition.geometry[partition.held_by == "russia"])
    feature = f'{{"type":"Feature","properties":{{}},"geometry":{shapely.to_geojson(area)}}}'
    return f'{{"type":"FeatureCollection","features":[{feature}]}}'.encode()


def lay_out(folder: Path) -> None:
    """Write an area of one day, a folder of days, and a line as KML."""
    (folder / "deepstate").mkdir(parents=True)
    for day in DAYS:
        name = f"deepstatemap_data_{day:%Y%m%d}.geojson"
        (folder / "deepstate" / name).write_bytes(area_of(day))
    (folder / "deepstate_day.geojson").write_bytes(area_of(DAYS[0]))
    stretches = shapely.get_parts(geo.load_contact_line(DAYS[0]).geometry)
    drawn = [" ".join(f"{x!r},{y!r}" for x, y in stretch.coords) for stretch in stretches]
    text = KML.format("".join(STRETCH.format(positions) for positions in drawn))
    (folder / "front.kml").write_text(text, encoding="utf-8")
    _lay_out_choices(folder)


def _lay_out_choices(folder: Path) -> None:
    """Write files of which a part has to be chosen: by folder, by status, by day."""
    ring = "36,46 41,46 41,51 36,51 36,46"
    folders = "".join(KML_FOLDER.format(name, ring) for name in ("North", "South &amp; East"))
    (folder / "folders.kml").write_text(KML_DOCUMENT.format(folders), encoding="utf-8")
    corners = [[float(number) for number in corner.split(",")] for corner in ring.split()]
    area = {"type": "Polygon", "coordinates": [corners]}

    def write(name: str, properties: list[dict[str, str]]) -> None:
        features = [
            {"type": "Feature", "properties": each, "geometry": area} for each in properties
        ]
        document = {"type": "FeatureCollection", "features": features}
        (folder / name).write_text(json.dumps(document), encoding="utf-8")

    write("areas.geojson", [{"status": each} for each in ("occupied", "annexed", "liberated")])
    write("days.geojson", [{"date": each} for each in ("2025-11-20", "2025-11-21")])


@contextmanager
def serve() -> Iterator[dict[str, str]]:
    """Serve an area for every day and the oblasts; yield the settings that lead there."""
    area = area_of(DAYS[0])
    oblasts = (geo.data_directory() / "oblasts.geojson").read_bytes()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Be quiet."""

        def do_GET(self) -> None:
            body = oblasts if self.path.startswith("/oblasts") else area
            self.send_response(200)
            self.send_header("content-type", "application/geo+json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield {
            "POINT21_FETCH_DEEPSTATE_URL": address + "/{day:%Y%m%d}.geojson",
            "POINT21_FETCH_GEOBOUNDARIES_URL": address + "/oblasts.geojson",
        }
    finally:
        server.shutdown()
        server.server_close()
