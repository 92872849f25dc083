"""A client that a generator makes of the OpenAPI document works: typed, against a live server.

The generator reads the document as strangers do. What it cannot parse it warns of and leaves out,
so that a warning is a failure here.
"""

from __future__ import annotations

import datetime
import importlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import mapbox_vector_tile
import pytest

import geo

PACKAGE = "generated_point21"
# Nothing is formatted afterwards; the generator knows no vector tiles, but it knows bytes.
TILE = "application/vnd.mapbox-vector-tile"
CONFIG = {"post_hooks": [], "content_type_overrides": {TILE: "application/octet-stream"}}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from app.cli.main import main; main()", "serve", "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "POINT21_WARM_UP": "0", "POINT21_WHAT_IF_SECONDS": "300"},
    )
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if found := re.search(r"is at (http://127\.0\.0\.1:\d+)/", line):
            yield found[1]
            break
    else:
        raise AssertionError(f"the server did not start:\n{said}")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=300)
    assert process.returncode == 0


@pytest.fixture(scope="module")
def generated(client: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The client's source, importable as ``generated_point21``."""
    folder = tmp_path_factory.mktemp("client")
    document, config = folder / "openapi.json", folder / "config.json"
    document.write_bytes(client.get("/openapi.json").content)
    config.write_text(json.dumps(CONFIG), encoding="utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"),
            *("--path", str(document), "--config", str(config)),
            *("--output-path", str(folder / PACKAGE), "--fail-on-warning"),
        ],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in (done.stdout + done.stderr).lower()
    sys.path.insert(0, str(folder))
    yield folder / PACKAGE
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def asking(generated: Path, address: str) -> Iterator[Any]:
    client = importlib.import_module(PACKAGE).Client(base_url=address, timeout=300)
    with client as opened:
        yield opened


def operation(path: str) -> ModuleType:
    return importlib.import_module(f"{PACKAGE}.api.{path}")


def models() -> ModuleType:
    return importlib.import_module(f"{PACKAGE}.models")


def test_every_operation_is_in_the_client(generated: Path, client: Any) -> None:
    paths = client.json("/openapi.json")["paths"]
    wanted = {each["operationId"] for methods in paths.values() for each in methods.values()}
    made = {file.stem for file in (generated / "api").glob("*/*.py")} - {"__init__"}
    assert made == wanted
    for file in (generated / "api").glob("*/*.py"):
        importlib.import_module(f"{PACKAGE}.api.{file.parent.name}.{file.stem}")


def test_model_names_are_ours(client: Any) -> None:
    """Two models of one name would be told apart by the modules they stand in."""
    assert not [
        name for name in client.json("/openapi.json")["components"]["schemas"] if "__" in name
    ]


def test_lists_and_figures_are_typed(asking: Any) -> None:
    plans = operation("plans.list_plans").sync(client=asking)
    assert {plan.id for plan in plans.plans} == set(geo.load_plans())
    table = operation("scenario.read_statistics").sync(
        client=asking, by=models().By.CATEGORY, date=datetime.date(2026, 1, 1)
    )
    assert attrs.has(type(table))
    assert table.identity.date == datetime.date(2026, 1, 1)
    total = sum(row["area_km2"] for row in table.rows)
    assert total == pytest.approx(geo.load_boundaries().area_km2.sum())


def test_layers_are_geojson(asking: Any) -> None:
    layer = operation("scenario.read_layer").sync("buffer_zone", client=asking)
    (feature,) = layer.features
    assert feature.properties.oblast == "UA-14"
    line = operation("lines.read_contact_line").sync(client=asking)
    assert line.to_dict()["geometry"]["type"] == "MultiLineString"


def test_places_are_found(asking: Any) -> None:
    found = operation("scenario.locate").sync(client=asking, place="Kramatorsk")
    assert found.matches[0].category == "buffer_zone"
    listed = operation("scenario.search").sync(client=asking, q="Kramat")
    assert listed.matches[0].name_en == "Kramatorsk"


def test_a_what_if_is_answered(asking: Any) -> None:
    body = models().AskWhatIfBody.from_dict(
        {"shift": {"km": 2, "into": "ukraine"}, "plan": "point21-axios"}
    )
    answer = operation("scenario.ask_what_if").sync(client=asking, body=body)
    assert type(answer).__name__ == "WhatIfAnswer"
    assert answer.to_dict()["identity"]["plan"] == "point21-axios"


def test_a_problem_is_typed_as_well(asking: Any) -> None:
    answer = operation("scenario.read_statistics").sync_detailed(client=asking, plan="unknown")
    assert answer.status_code == 404
    assert type(answer.parsed).__name__ == "Problem"
    assert answer.parsed.type_ == "/problems/unknown-plan"
    assert "point21-axios" in answer.parsed.valid


def test_files_come_as_bytes(asking: Any) -> None:
    answer = operation("scenario.download").sync_detailed("gpkg", client=asking)
    assert answer.status_code == 200
    assert answer.content.startswith(b"SQLite format 3\x00")
    tile = operation("tiles.read_tile").sync_detailed(6, 38, 22, client=asking)
    assert tile.status_code == 200
    assert set(mapbox_vector_tile.decode(tile.content)) >= {"faces", "oblasts"}
