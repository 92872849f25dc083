"""QGIS without a window: the service as a layer, and the GeoPackage with its styles."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

READER = Path(__file__).resolve().parent.parent / "support" / "qgis_reader.py"


def read(python: str, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [python, "-I", str(READER), *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
def test_every_collection_is_read_whole_over_pages(
    qgis_python: str, server: str, matched: dict[str, int]
) -> None:
    asked = [f"{name}={max(3, min(1000, count // 4))}" for name, count in matched.items()]
    layers = read(qgis_python, "oapif", server, *asked)
    assert list(layers) == list(matched)
    for name, count in matched.items():
        layer = layers[name]
        assert layer["valid"], layer
        assert layer["read"] == layer["counted"] == count, name
        assert len(set(layer["ids"])) == count
        if count:
            assert layer["crs"] in {"EPSG:4326", "OGC:CRS84"}
    measured = {name: layer for name, layer in layers.items() if "dense" in layer}
    assert {"oblasts", "faces", "frozen", "differences"} <= set(measured)
    for name, layer in measured.items():
        # QGIS draws edges as geodesics, we as straight lines in longitude and latitude (RFC 7946).
        assert layer["dense"] < 1e-6, name
        assert layer["plain"] < 1e-2, name


@pytest.mark.slow
def test_another_plan_and_day_are_kept_from_page_to_page(
    qgis_python: str, server: str, matched: dict[str, int]
) -> None:
    chosen = f"{server}?plan=point21-cbs&date=2026-08-01"
    layer = read(qgis_python, "oapif", chosen, "faces=5")["faces"]
    assert layer["read"] == layer["counted"] > 10
    assert all(name.endswith(":2026-08-01") for name in layer["ids"])


@pytest.mark.slow
def test_the_geopackage_opens_with_its_styles(
    qgis_python: str, server: str, tmp_path: Path
) -> None:
    from urllib.request import urlretrieve

    file = tmp_path / "point21.gpkg"
    urlretrieve(server.removesuffix("/ogc") + "/api/downloads/gpkg", file)
    layers = read(qgis_python, "file", str(file), "faces", "frozen", "contact_line", "oblasts")
    assert all(layer["valid"] and layer["read"] for layer in layers.values()), layers
    assert layers["faces"]["renderer"] == "categorizedSymbol"
    assert layers["faces"]["attribute"].strip('"') == "category"
    assert {"frozen", "retained", "buffer_zone"} <= set(layers["faces"]["classes"])
    assert layers["faces"]["dense"] < 1e-6
    assert layers["oblasts"]["dense"] < 1e-6
