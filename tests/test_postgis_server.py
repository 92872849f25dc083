"""The server that tests and benchmarks start for themselves: it answers, and leaves nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import shapely
from pyproj import Geod

from benchmarks import postgis as started
from benchmarks.postgis import Postgis, PostgisAbsentError, find_binaries

REPOSITORY = Path(__file__).resolve().parent.parent


def ask(url: str, query: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [find_binaries() / "psql", "--no-psqlrc", "-At", "-c", query, url],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_it_measures_on_the_ellipsoid(postgis: Postgis) -> None:
    text = "POLYGON((30 48, 31 48, 31 49, 30 49, 30 48))"
    done = ask(postgis.url, f"SELECT ST_Area(ST_GeomFromText('{text}', 4326)::geography)")
    area, _ = Geod(ellps="WGS84").geometry_area_perimeter(shapely.from_wkt(text))
    assert float(done.stdout) == pytest.approx(area, rel=1e-9), done.stderr


def test_it_asks_for_the_password(postgis: Postgis) -> None:
    done = ask(postgis.url_of("point21", "guessed"), "SELECT 1")
    assert done.returncode and "password authentication failed" in done.stderr


def test_it_runs_as_nobody_important(postgis: Postgis) -> None:
    assert Path(f"/proc/{postgis.pid}").stat().st_uid != 0


def test_without_postgis_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POINT21_POSTGRESQL_BIN", raising=False)
    monkeypatch.setattr(started.Path, "glob", lambda *_: iter(()))
    with pytest.raises(
        PostgisAbsentError, match="apt-get install postgresql postgresql-NN-postgis"
    ):
        find_binaries()


@pytest.mark.slow
def test_the_command_leaves_nothing_behind(postgis: Postgis) -> None:
    """``postgis`` is asked for so that this is skipped where none is installed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.postgis"],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    process.stdout.close()
    directory = Path(ask(url, "SHOW data_directory").stdout.strip())
    assert directory.parent.is_dir()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=300) == 0
    assert not directory.parent.exists()
    assert "refused" in ask(url, "SELECT 1").stderr
