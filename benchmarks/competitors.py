"""pygeoapi over a GeoJSON file and tipg over PostGIS, started with the features that we serve."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.postgis import Postgis
from benchmarks.servers import HOST, ROOT, await_answer, environment, free_port

__all__ = ["COLLECTION", "find_python", "pygeoapi_server", "tipg_server"]

COLLECTION = "layer"
REQUIREMENTS = ROOT / "benchmarks" / "competitors.txt"
HOME = ROOT / "benchmarks" / "results" / "competitors"
BOUNDS = [22.0, 44.0, 41.0, 53.0]


def find_python() -> str:
    """Return a Python that has both; made on first use, from the package registry."""
    named = os.environ.get("POINT21_COMPETITORS_PYTHON")
    if named:
        return named
    python, stamp = HOME / "bin" / "python", HOME / "requirements.txt"
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        sys.stderr.write("installing pygeoapi and tipg into benchmarks/results/competitors ...\n")
        venv.create(HOME, with_pip=True, clear=True)
        install = [python, "-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS]
        subprocess.run(install, check=True, stdout=sys.stderr)
        stamp.write_text(wanted, encoding="utf-8")
    return str(python)


@contextmanager
def _serving(application: str, path: str, **extra: str) -> Iterator[int]:
    port = free_port()
    command = [
        find_python(), "-m", "uvicorn", application, "--port", str(port),
        "--no-access-log", "--log-level", "warning",
    ]  # fmt: skip
    process = subprocess.Popen(
        command,
        env=environment(**extra),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        await_answer(port, path, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=10)


def _describe(file: Path, port: int) -> dict[str, Any]:
    """Configure pygeoapi: one collection, nothing logged, as many features as are asked for."""
    provider = {"type": "feature", "name": "GeoJSON", "data": str(file), "id_field": "id"}
    return {
        "server": {
            "bind": {"host": HOST, "port": port},
            "url": f"http://{HOST}:{port}",
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US"],
            "limits": {"default_items": 1000, "max_items": 1000},
            "map": {"url": "https://example.org/{z}/{x}/{y}.png", "attribution": ""},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": "Benchmark",
                "description": "Benchmark",
                "keywords": ["benchmark"],
                "keywords_type": "theme",
                "terms_of_service": "none",
                "url": "https://example.org",
            },
            "license": {"name": "none", "url": "https://example.org"},
            "provider": {"name": "none", "url": "https://example.org"},
            "contact": {"name": "none", "email": "none@example.org"},
        },
        "resources": {
            COLLECTION: {
                "type": "collection",
                "title": COLLECTION,
                "description": COLLECTION,
                "keywords": ["benchmark"],
                "extents": {
                    "spatial": {
                        "bbox": BOUNDS,
                        "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
                    }
                },
                "links": [],
                "providers": [provider],
            }
        },
    }


@contextmanager
def pygeoapi_server(layer: dict[str, Any], directory: Path) -> Iterator[int]:
    """Run pygeoapi on uvicorn over a GeoJSON file; yield its port."""
    file, config, definition = (
        directory / name for name in ("layer.geojson", "pygeoapi.yml", "pygeoapi-openapi.yml")
    )
    file.write_text(json.dumps(layer), encoding="utf-8")
    config.write_text(json.dumps(_describe(file, free_port())), encoding="utf-8")  # JSON is YAML
    settings = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(definition)}
    generate = [
        str(Path(find_python()).with_name("pygeoapi")), "openapi", "generate", str(config),
        "--output-file", str(definition),
    ]  # fmt: skip
    subprocess.run(generate, check=True, env=environment(**settings), capture_output=True)
    with _serving("pygeoapi.starlette_app:APP", "/conformance", **settings) as port:
        yield port


@contextmanager
def tipg_server(layer: dict[str, Any], database: Postgis) -> Iterator[int]:
    """Load the features into PostGIS, indexed, and run tipg on uvicorn; yield its port."""
    _load(layer, database)
    settings = {"DATABASE_URL": database.url, "TIPG_DB_ONLY_SPATIAL_TABLES": "true"}
    with _serving("tipg.main:app", "/healthz", **settings) as port:
        yield port


def _load(layer: dict[str, Any], database: Postgis) -> None:
    import psycopg

    names = list(layer["features"][0]["properties"])
    columns = ", ".join(f"{name} text" for name in names)
    places = ", ".join(["%s"] * len(names))
    rows = [
        (feature["id"], *map(str, feature["properties"].values()), json.dumps(feature["geometry"]))
        for feature in layer["features"]
    ]
    with psycopg.connect(database.url) as connection, connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {COLLECTION} (id text PRIMARY KEY, {columns}, "
            "geometry geometry(Geometry, 4326))"
        )
        shape = "ST_SetSRID(ST_GeomFromGeoJSON(%s), 4326)"
        cursor.executemany(f"INSERT INTO {COLLECTION} VALUES (%s, {places}, {shape})", rows)
        cursor.execute(f"CREATE INDEX ON {COLLECTION} USING gist (geometry)")
        cursor.execute(f"ANALYZE {COLLECTION}")
