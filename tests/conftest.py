"""Fixtures every test directory shares, and what happens when the machine lacks something.

A test marked ``reference`` needs reference data that are never shipped; a test marked ``browser``
needs Chromium; a test that asks for ``postgis`` needs PostgreSQL with PostGIS. Where they are
absent the tests are skipped and say why. Under ``CI=true`` absence is a failure, so that a green
run means everything ran.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import current_thread, main_thread
from typing import TypeVar

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.internal.conjecture import providers

from benchmarks.postgis import Postgis, PostgisAbsentError, temporary_postgis

Found = TypeVar("Found")

collect_ignore = ["support/qgis_reader.py"]  # for QGIS's own Python

# `make test` tries the same examples in every run, so that it never fails by chance; `make
# test-random` loads the profile "search", tries others and keeps what it finds in .hypothesis.
# Whether a law holds does not depend on how fast this machine is at the moment.
hypothesis_settings.register_profile(
    "same",
    hypothesis_settings.default,
    derandomize=True,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
hypothesis_settings.register_profile(
    "search",
    hypothesis_settings.get_profile("same"),
    derandomize=False,
    database=DirectoryBasedExampleDatabase(Path(__file__).parents[1] / ".hypothesis" / "examples"),
)
hypothesis_settings.load_profile("same")
# Hypothesis also tries the constants of the project's modules that happen to be imported, which
# depends on the tests that ran before in the same process. A search may use them.
_is_local_module_file = providers.is_local_module_file
# Whether heavy work succeeds does not depend on it either: tests of the limit itself name one.
os.environ.setdefault("POINT21_WHAT_IF_SECONDS", "300")

# A shell that starts tests in the background lets them ignore Ctrl-C, and programs under test too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN and current_thread() is main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

REPOSITORY = Path(__file__).resolve().parent.parent
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def under_ci() -> bool:
    """Tell whether absence of a tool or of reference data counts as a failure."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def find_reference_directory() -> Path:
    """Return where the reference data are, or would be."""
    named = os.environ.get("POINT21_REFERENCE_DIR")
    return Path(named) if named else REPOSITORY.parent / "shared" / "data" / "reference"


def find_chromium() -> str | None:
    """Return the path of an installed Chromium, or None."""
    named = os.environ.get("POINT21_CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def _require(found: Found | None, what: str, remedy: str) -> Found:
    """Return what was found; when that is nothing, skip the test, or fail it under CI."""
    if found is not None:
        return found
    message = f"{what}; {remedy}"
    if under_ci():
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def require_reference_directory() -> Path:
    """Return the reference directory; skip (fail under CI) when there is none."""
    directory = find_reference_directory()
    return _require(
        directory if directory.is_dir() else None,
        f"no reference data at {directory}",
        "set POINT21_REFERENCE_DIR to a directory that holds them",
    )


def require_chromium() -> str:
    """Return the path of Chromium; skip (fail under CI) when there is none."""
    remedy = "install one or set POINT21_CHROMIUM to its path"
    return _require(find_chromium(), "no Chromium found", remedy)


def find_qgis_python() -> str | None:
    """Return the Python that can import QGIS, or None: Debian's belongs to the system's own."""
    named = os.environ.get("POINT21_QGIS_PYTHON")
    for path in [named] if named else ["/usr/bin/python3"]:
        found = shutil.which(path)
        if (
            found
            and not subprocess.run(
                [found, "-c", "import qgis.core"], check=False, stderr=subprocess.DEVNULL
            ).returncode
        ):
            return found
    return None


def _is_searched_for_constants(path: str) -> bool:
    """Let Hypothesis take constants from the project's modules in a search only."""
    return not hypothesis_settings.default.derandomize and _is_local_module_file(path)


providers.is_local_module_file = _is_searched_for_constants


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave unread what is thorough throughout when nothing of it would run: it takes seconds."""
    unwanted = "not thorough" in config.option.markexpr
    return True if unwanted and collection_path.name.endswith("_thorough.py") else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Apply the rule to every marked test, whether or not it asks for the fixture."""
    if item.get_closest_marker("reference"):
        require_reference_directory()
    if item.get_closest_marker("browser"):
        require_chromium()


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def reference_dir() -> Path:
    """The directory of reference data (DeepState's polygons, Minregion's oblasts)."""
    return require_reference_directory()


@pytest.fixture(scope="session")
def systemd_analyze() -> str:
    """The path of systemd's own checker of units."""
    remedy = "on Debian: apt-get install systemd"
    return _require(shutil.which("systemd-analyze"), "no systemd-analyze found", remedy)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of an installed Chromium."""
    return require_chromium()


@pytest.fixture(scope="session")
def chromium_flags() -> tuple[str, ...]:
    """The flags under which Chromium starts quietly, also as root and offline."""
    return CHROMIUM_FLAGS


@pytest.fixture(scope="session")
def postgis() -> Iterator[Postgis]:
    """A PostgreSQL with PostGIS of our own, empty at first."""
    try:
        with temporary_postgis() as server:
            yield server
    except PostgisAbsentError as error:
        _require(None, "no PostgreSQL with PostGIS", str(error))


@pytest.fixture(scope="session")
def qgis_python() -> str:
    """The path of a Python that can import QGIS."""
    remedy = "apt-get install qgis python3-qgis, or set POINT21_QGIS_PYTHON"
    return _require(find_qgis_python(), "no QGIS found", remedy)


@pytest.fixture(scope="session")
def ogrinfo() -> str:
    """The path of GDAL's ogrinfo, as a distribution ships it."""
    return _require(shutil.which("ogrinfo"), "no ogrinfo found", "apt-get install gdal-bin")


@pytest.fixture(scope="session")
def nginx() -> str:
    """The path of nginx, the proxy of the documented recipe."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    return _require(found, "no nginx found", "apt-get install nginx-light")


@pytest.fixture
def free_port() -> Iterator[int]:
    """A TCP port on the loopback interface that nobody listens on while the test runs."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound and silent: refuses clients, and no server gets it
        yield int(held.getsockname()[1])
