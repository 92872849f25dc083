"""Results in a real PostgreSQL with PostGIS: complete, the same areas, all of it or nothing."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import psycopg
import pytest

import geo
from app.datasets.catalogue import Catalogue, Selection
from app.export.frames import TABLES, make_columns, table_rows
from app.postgis.address import parse_address
from app.postgis.publishing import key_of, publish
from app.postgis.shapes import LAYERS, SHAPES, name_table
from benchmarks.postgis import Postgis

REPOSITORY = Path(__file__).resolve().parents[3]
COMMAND = [
    sys.executable,
    "-c",
    "import sys; from app.cli.main import main; sys.argv[0] = 'point21'; main()",
]
PLAIN = 3e-4
"""Relative; PostGIS takes an edge for a geodesic, we for a straight line in degrees."""
DENSIFIED = 1e-7
"""Relative, once every edge is cut into pieces of 0.002°, where both are the same."""


@pytest.fixture(scope="module")
def selections(catalogue: Catalogue) -> list[Selection]:
    return [
        catalogue.select("point21-axios"),
        catalogue.select("point21-axios", date(2026, 8, 1)),
        catalogue.select("point21-axios", readings={"luhansk_pocket": "retained"}),
        catalogue.select("point21-cbs"),
    ]


@pytest.fixture(scope="module")
def filled(postgis: Postgis, selections: list[Selection]) -> Postgis:
    publish(parse_address(postgis.url), selections)
    return postgis


@pytest.fixture
def ask(filled: Postgis) -> Iterator[Any]:
    """Ask for rows, with our schema on the path."""
    with psycopg.connect(filled.url, autocommit=True) as connection:
        connection.execute("SET search_path = point21, public")

        def rows(query: str, *values: object) -> list[tuple[Any, ...]]:
            return connection.execute(query, values or None).fetchall()  # type: ignore[arg-type]

        yield rows


def everything(url: str, schema: str = "point21") -> dict[str, tuple[int, str]]:
    """Number of rows and hash of all of them, but for the moment of publishing, by table."""
    found = {}
    with psycopg.connect(url) as connection:
        for name in SHAPES:
            row = "to_jsonb(t) - 'published_at'" if name == "publication" else "t"
            text = f"md5(string_agg(md5(({row})::text), '' ORDER BY id))"
            query = f"SELECT count(*), {text} FROM {schema}.{name} t"
            (found[name],) = connection.execute(query).fetchall()  # type: ignore[call-overload]
    return found


def command(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "publish", *arguments],
        env={**os.environ, **extra},
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )


# --- what is there -------------------------------------------------------------------------------


def test_shapes_are_those_of_files_and_tables(selections: list[Selection]) -> None:
    """No column is forgotten, none is there that files do not have."""
    for name, shape in LAYERS.items():
        columns, _ = make_columns(selections[0], name)
        assert set(shape.columns) - {"id", "publication"} == set(columns)
    for by in TABLES:
        _, rows = table_rows(selections[0], by)
        assert set(SHAPES[name_table(by)].columns) - {"id", "publication"} == set(rows[0])


def test_every_row_is_there_with_its_values(ask: Any, selections: list[Selection]) -> None:
    for selection in selections:
        key = key_of(selection)
        for by in TABLES:
            _, rows = table_rows(selection, by)
            names = [name for name in rows[0] if name != "date"]
            listed = ", ".join(names)
            found = ask(
                f"SELECT {listed} FROM {name_table(by)} WHERE publication = %s ORDER BY id", key
            )
            assert found == [tuple(row[name] for name in names) for row in rows]
        columns, _ = make_columns(selection, "faces")
        found = ask(
            "SELECT clauses, area_km2, date FROM faces WHERE publication = %s ORDER BY id", key
        )
        assert [row[0] for row in found] == columns["clauses"]
        assert [row[1] for row in found] == columns["area_km2"]
        assert {row[2] for row in found} == {selection.scenario.line.date}


@pytest.mark.parametrize("table", ["faces", "oblasts"])
def test_areas_agree(ask: Any, table: str) -> None:
    ours = f"area_km2 - 1)) FROM {table}"
    ((plain,),) = ask(f"SELECT max(abs(ST_Area(geom::geography) / 1e6 / {ours}")
    ((fine,),) = ask(
        f"SELECT max(abs(ST_Area(ST_Segmentize(geom, 0.002)::geography) / 1e6 / {ours}"
    )
    assert fine < DENSIFIED < plain < PLAIN


def test_lengths_agree(ask: Any) -> None:
    ((worst,),) = ask(
        "SELECT max(abs(ST_Length(geom::geography) / 1e3 / length_km - 1)) FROM contact_line"
    )
    assert worst < DENSIFIED


def test_shapes_are_valid_and_cover_the_country_once(ask: Any) -> None:
    assert ask("SELECT count(*) FROM faces WHERE NOT ST_IsValid(geom)") == [(0,)]
    sums = ask("SELECT sum(area_km2) FROM faces GROUP BY publication")
    country = geo.load_boundaries().area_km2.sum()
    assert all(total == pytest.approx(country, rel=1e-9) for (total,) in sums)


def test_keys_indexes_and_reference_systems(ask: Any) -> None:
    kinds = dict(
        ask(
            "SELECT f_table_name, type || srid FROM geometry_columns "
            "WHERE f_table_schema = 'point21'"
        )
    )
    for name, shape in LAYERS.items():
        assert kinds[name] == kinds[f"newest_{name}"] == f"{shape.geometry.upper()}4326"
    indexed = {
        name
        for (name,) in ask("SELECT tablename FROM pg_indexes WHERE indexdef LIKE '%gist (geom)%'")
    }
    assert indexed >= set(LAYERS)
    keyed = ask(
        "SELECT count(*) FROM pg_constraint "
        "WHERE contype = 'p' AND connamespace = 'point21'::regnamespace"
    )
    assert keyed == [(len(SHAPES),)]


def test_comments_say_where_it_comes_from(ask: Any, selections: list[Selection]) -> None:
    version = selections[0].identity["data_version"]
    for name in SHAPES:
        ((text,),) = ask("SELECT obj_description(%s::regclass)", f"point21.{name}")
        for part in ("CC BY 4.0", "GeoNames", "2025-11-21 to 2026-08-01", version, "takes no side"):
            assert part in text
        missing = ask(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
            "AND col_description(attrelid, attnum) IS NULL",
            f"point21.{name}",
        )
        assert not missing


def test_sources_are_in_full(ask: Any, selections: list[Selection]) -> None:
    ((sources,),) = ask("SELECT sources FROM publication WHERE id = %s", key_of(selections[0]))
    hashes = {found["sha256"] for found in sources}
    assert geo.load_contact_lines().provenance.sha256 in hashes
    assert all(found["licence"] and found["date"] and found["source"] for found in sources)


def test_the_newest_are_the_latest_days(ask: Any, selections: list[Selection]) -> None:
    newest = {key_of(selections[row]) for row in (1, 2, 3)}
    assert {found for (found,) in ask("SELECT id FROM newest_publication")} == newest
    assert {found for (found,) in ask("SELECT DISTINCT publication FROM newest_faces")} == newest


def test_tiles_are_made_of_it(ask: Any, selections: list[Selection]) -> None:
    """What pg_tileserv and others ask: ST_AsMVT over the table, cut to a tile's envelope."""
    ((tile,),) = ask(
        "SELECT ST_AsMVT(t, 'faces') FROM (SELECT category, area_km2, "
        "ST_AsMVTGeom(ST_Transform(geom, 3857), ST_TileEnvelope(6, 38, 22)) AS geom FROM faces "
        "WHERE publication = %s AND geom && ST_Transform(ST_TileEnvelope(6, 38, 22), 4326)) AS t",
        key_of(selections[0]),
    )
    found = mapbox_vector_tile.decode(bytes(tile))["faces"]["features"]
    assert {"buffer_zone", "de_facto_recognized"} <= {
        each["properties"]["category"] for each in found
    }


# --- once more, meanwhile, half-way --------------------------------------------------------------


def test_publishing_again_changes_nothing(filled: Postgis, selections: list[Selection]) -> None:
    before = everything(filled.url)
    written = publish(parse_address(filled.url), selections)
    assert everything(filled.url) == before
    assert written == {name: count for name, (count, _) in before.items()}


def test_readers_see_the_old_until_all_is_new(filled: Postgis, selections: list[Selection]) -> None:
    """They are not kept waiting either: half a second is the most they wait for a lock."""
    before = everything(filled.url)
    seen = []

    def watched() -> Iterator[Selection]:
        for selection in selections:
            yield selection
            with psycopg.connect(filled.url, options="-c lock_timeout=500") as reader:
                for name in (*SHAPES, *(f"newest_{name}" for name in SHAPES)):
                    reader.execute(f"SELECT count(*) FROM point21.{name}")  # type: ignore[arg-type]
            seen.append(everything(filled.url) == before)

    publish(parse_address(filled.url), watched())
    assert seen == [True] * len(selections)


def test_what_fails_leaves_everything_as_it_was(
    filled: Postgis, selections: list[Selection]
) -> None:
    before = everything(filled.url)

    def breaking() -> Iterator[Selection]:
        yield selections[3]
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        publish(parse_address(filled.url), breaking())
    assert everything(filled.url) == before


@pytest.mark.slow
def test_a_kill_half_way_leaves_the_old_version(filled: Postgis) -> None:
    before = everything(filled.url)
    process = subprocess.Popen(
        [*COMMAND, "publish", filled.url, "--all-dates"], stdout=subprocess.DEVNULL
    )
    writing = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'point21 publish' "
        "AND (query LIKE 'COPY%' OR query LIKE 'DELETE%')"
    )
    with psycopg.connect(filled.url, autocommit=True) as watcher:
        deadline = time.monotonic() + 240
        while watcher.execute(writing).fetchone() == (0,):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(0.5)
        assert process.poll() is None, "it was to be caught half-way"
        process.kill()
        process.wait(timeout=300)
        gone = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'point21 publish'"
        while watcher.execute(gone).fetchone() != (0,):
            assert time.monotonic() < deadline
            time.sleep(0.02)
    assert everything(filled.url) == before


@pytest.mark.slow
def test_the_command_publishes_every_combination_once(postgis: Postgis) -> None:
    done = command(
        *(postgis.url, "--schema", "by_command", "--json"),
        *("--plan", "point21-axios", "--date", "2026-01-01", "--date", "2026-08-01"),
        *("--reading", "luhansk_pocket:recognised", "--reading", "luhansk_pocket:retained"),
        *("--reading", "kinburn:retained_by_russia"),
    )
    assert done.returncode == 0, done.stderr
    assert '"publication":4' in done.stdout
    assert postgis.password not in done.stdout + done.stderr
    with psycopg.connect(postgis.url) as connection:
        found = connection.execute("SELECT date, readings FROM by_command.publication").fetchall()
    days = (date(2026, 1, 1), date(2026, 8, 1))
    kinburn = "kinburn:retained_by_russia"
    both = {kinburn, f"luhansk_pocket:retained {kinburn}"}
    assert {(day, readings) for day, readings in found} == {
        (day, text) for day in days for text in both
    }


# --- other programs ------------------------------------------------------------------------------


def documented(language: str) -> list[str]:
    """Fenced blocks of docs/postgis.md."""
    text = (REPOSITORY / "docs" / "postgis.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def documented_lines() -> list[str]:
    lines = "".join(documented("text")).splitlines()
    return [line for line in lines if line.startswith("point21 publish")]


@pytest.mark.slow
@pytest.mark.parametrize("line", documented_lines())
def test_documented_commands_work(postgis: Postgis, line: str) -> None:
    words = shlex.split(line)[2:]
    assert words[0] == "postgis://me@localhost/maps"
    few = [word.replace("--all-dates", "--date=2026-01-01") for word in words[1:]]
    done = command(postgis.url, *few, "--schema", "documented")
    assert done.returncode == 0, done.stderr


def test_documented_queries_work(filled: Postgis, selections: list[Selection]) -> None:
    (block,) = documented("sql")
    area, place, removal = (each for each in re.sub("--.*", "", block).split(";") if each.strip())
    with psycopg.connect(filled.url) as connection:
        found = connection.execute(area).fetchall()  # type: ignore[call-overload]
        assert date(2025, 11, 21) in {day for day, _ in found}
        found = connection.execute(place).fetchall()  # type: ignore[call-overload]
        assert (date(2025, 11, 21), "buffer_zone") in found
        connection.execute(removal)  # type: ignore[call-overload]
        assert len(connection.execute("SELECT 1 FROM point21.publication").fetchall()) == 4


def test_scale_is_measured_by_what_it_says() -> None:
    """The page's table has a line for each thing that the benchmark measures."""
    page = (REPOSITORY / "docs" / "scale.md").read_text(encoding="utf-8")
    table = page.partition("<!-- scale:begin -->")[2]
    for what in (
        "History of",
        "Uncertainty, ",
        "publish one plan on",
        "SQL in PostGIS",
        "Dask, 2 workers",
    ):
        assert what in table


@pytest.mark.thorough
@pytest.mark.slow
def test_tipg_serves_it(filled: Postgis, tmp_path: Path) -> None:
    """tipg in a process of its own, on the newest publications, as docs/postgis.md says."""
    script = tmp_path / "ask.py"
    script.write_text(TIPG, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(script)],
        env={**os.environ, "DATABASE_URL": filled.url, "TIPG_DB_SCHEMAS": '["point21"]'},
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert re.fullmatch(r"35 \d+ buffer_zone", done.stdout.strip())


TIPG = """
import mapbox_vector_tile
from starlette.testclient import TestClient
from tipg.main import app

with TestClient(app) as client:
    address = "/collections/point21.faces"
    query = "limit=1000&plan=point21-cbs"
    items = client.get(f"{address}/items?{query}").raise_for_status().json()
    tile = client.get(f"{address}/tiles/WebMercatorQuad/6/38/22?{query}").raise_for_status()
    found = mapbox_vector_tile.decode(tile.content)["default"]["features"]
    kinds = {each["properties"]["category"] for each in found}
    print(items["numberMatched"], len(found), *(kinds & {"buffer_zone"}))
"""
