"""What goes wrong when results are published: said clearly, and never with a password."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from app.datasets.catalogue import Catalogue, Selection
from app.postgis import publishing
from app.postgis.address import parse_address
from app.postgis.errors import (
    AddressError,
    BusyError,
    DriverAbsentError,
    NotPermittedError,
    OtherTableError,
    PostgisAbsentError,
    PublishError,
    UnreachableError,
)
from app.postgis.publishing import publish
from benchmarks.postgis import Postgis

SECRET = "h:ard/p@ss?w#ord%"


@pytest.fixture(scope="module")
def selection(catalogue: Catalogue) -> Selection:
    return catalogue.select()


@pytest.fixture
def stranger(postgis: Postgis) -> Iterator[str]:
    """The address of a user who may connect and nothing else, with a password that is hard."""
    with psycopg.connect(postgis.url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE stranger LOGIN PASSWORD '{SECRET}'")
        yield postgis.url_of("stranger", quote(SECRET, safe=""))
        connection.execute("DROP OWNED BY stranger")
        connection.execute("DROP ROLE stranger")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "mysql://me:opensesame@host/maps",
        "postgis://me:opens@esame@host/maps",
        "postgis://me:open/sesame@host/maps",
        "postgis://me:opensesame%@host/maps",
        "postgis://me:opensesame@host:port/maps",
        "postgis://me@host/maps?pasword=opensesame",
    ],
)
def test_an_address_that_cannot_be_understood_is_not_repeated(text: str) -> None:
    with pytest.raises(AddressError, match="expected") as raised:
        parse_address(text)
    said = str(raised.value)
    assert "postgis://USER@HOST:PORT/DATABASE" in said
    for part in ("open", "sesame", "pasword"):
        assert part not in said
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


@pytest.mark.parametrize("scheme", ["postgis", "postgresql", "postgres"])
def test_addresses_are_told_without_their_password(scheme: str) -> None:
    address = parse_address(
        f"{scheme}://me:{quote(SECRET, safe='')}@db.example:5433/maps?sslmode=require"
    )
    assert str(address) == "db.example:5433/maps"
    assert address.parameters["password"] == SECRET
    assert address.parameters["sslmode"] == "require"
    for text in (
        repr(address),
        address.redact(f"libpq said {SECRET} and {quote(SECRET, safe='')}"),
    ):
        assert "ard" not in text.replace("standard", "")


def test_nobody_answers(free_port: int, selection: Selection) -> None:
    address = parse_address(f"postgis://me:{quote(SECRET, safe='')}@127.0.0.1:{free_port}/maps")
    with pytest.raises(
        UnreachableError, match=rf"127\.0\.0\.1:{free_port}/maps.*refused"
    ) as raised:
        publish(address, [selection])
    assert SECRET not in str(raised.value)


def test_the_password_is_wrong(postgis: Postgis, selection: Selection) -> None:
    address = parse_address(postgis.url_of("point21", quote(SECRET, safe="")))
    with pytest.raises(UnreachableError, match="password authentication failed") as raised:
        publish(address, [selection])
    assert SECRET not in str(raised.value)


def test_there_is_no_postgis(postgis: Postgis, selection: Selection) -> None:
    address = parse_address(postgis.url_of("point21", postgis.password, database="postgres"))
    with pytest.raises(
        PostgisAbsentError, match=r"'postgres' has no PostGIS.*CREATE EXTENSION postgis"
    ):
        publish(address, [selection])


def test_the_user_may_not(stranger: str, selection: Selection) -> None:
    with pytest.raises(
        NotPermittedError, match="CREATE SCHEMA other AUTHORIZATION stranger"
    ) as raised:
        publish(parse_address(stranger), [selection], schema="other")
    assert SECRET not in str(raised.value)


def test_a_user_with_a_schema_of_his_own_needs_no_more(
    stranger: str, postgis: Postgis, selection: Selection
) -> None:
    with psycopg.connect(postgis.url) as connection:
        connection.execute("CREATE SCHEMA other AUTHORIZATION stranger")
    written = publish(parse_address(stranger), [selection], schema="other")
    assert written["faces"] == 35


def test_postgis_may_live_in_a_schema_of_its_own(postgis: Postgis, selection: Selection) -> None:
    with psycopg.connect(postgis.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE apart")
    url = postgis.url_of("point21", postgis.password, database="apart")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE SCHEMA gis")
        connection.execute("CREATE EXTENSION postgis SCHEMA gis")
    for _ in range(2):  # the second time the types are compared
        assert publish(parse_address(url), [selection])["oblasts"] == 27


def test_a_table_of_another_shape_is_left_alone(postgis: Postgis, selection: Selection) -> None:
    with psycopg.connect(postgis.url) as connection:
        connection.execute("CREATE SCHEMA taken")
        connection.execute("CREATE TABLE taken.faces (id int, mine text)")
        connection.execute("INSERT INTO taken.faces VALUES (1, 'dear to me')")
    with pytest.raises(OtherTableError) as raised:
        publish(parse_address(postgis.url), [selection], schema="taken")
    said = str(raised.value)
    assert "taken.faces" in said and "id is integer instead of text" in said
    assert "no column geom" in said and "mine of somebody else's" in said and "--schema" in said
    with psycopg.connect(postgis.url) as connection:
        assert connection.execute("SELECT mine FROM taken.faces").fetchall() == [("dear to me",)]
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'taken'"
        assert connection.execute(tables).fetchone() == (1,)


def test_somebody_else_publishes(
    postgis: Postgis, selection: Selection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_LOCK_S", 1)
    with psycopg.connect(postgis.url) as other:
        other.execute("SELECT pg_advisory_xact_lock(hashtext('point21 busy'))")
        with pytest.raises(BusyError, match="somebody else is publishing into schema busy"):
            publish(parse_address(postgis.url), [selection], schema="busy")


def test_the_server_goes_away(postgis: Postgis, selection: Selection) -> None:
    def ending() -> Iterator[Selection]:
        yield selection
        with psycopg.connect(postgis.url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'point21 publish'"
            )
        yield selection

    with pytest.raises(PublishError, match=r"broke off.*Nothing was changed") as raised:
        publish(parse_address(postgis.url), ending(), schema="gone")
    assert postgis.password not in str(raised.value)


def test_the_driver_is_named_when_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DriverAbsentError, match=re.escape("pip install 'point21[postgis]'")):
        parse_address("postgis://me@host/maps")


@pytest.mark.parametrize("schema", ["Maps", "my schema", "pg_catalog", "a;drop", "", "x" * 60])
def test_names_of_schemas_need_no_quotation_marks(schema: str) -> None:
    with pytest.raises(AddressError, match="expected a schema name of small letters"):
        publish(parse_address("postgis://me@host/maps"), [], schema=schema)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "code", "words"),
    [
        ("mysql://me:opensesame@host/maps", 2, "expected the address of a database"),
        ("postgis://me:open@sesame@host/maps", 2, "cannot be understood"),
        (
            "postgis://me:opensesame@127.0.0.1:{port}/maps",
            1,
            "no connection to 127.0.0.1:{port}/maps",
        ),
    ],
)
def test_the_command_says_so_in_one_paragraph(
    address: str, code: int, words: str, free_port: int, tmp_path: Path
) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from app.cli.main import main; main()"),
            *("publish", address.format(port=free_port)),
        ],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])},
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == code
    assert done.stderr.startswith("point21: ")
    assert words.format(port=free_port) in done.stderr
    assert "Traceback" not in done.stderr
    assert "sesame" not in done.stdout + done.stderr
