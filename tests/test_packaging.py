"""The project as others get it: a wheel that works away from the checkout, and a lock that pins
everything, with hashes, for every Python we name, without naming where packages come from."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).resolve().parent.parent
LOCKS = ("run", "dev", "notebook", "build")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = (("linux", "Linux", "posix"), ("darwin", "Darwin", "posix"), ("win32", "Windows", "nt"))


# --- the lock ------------------------------------------------------------------------------------


def lock_text(name: str) -> str:
    return (REPOSITORY / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


def pins_of(name: str) -> list[tuple[Requirement, list[str]]]:
    """Return every pinned requirement of a lock file with its hashes."""
    joined = lock_text(name).replace("\\\n", " ")
    pins = []
    for line in joined.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        text, *hashes = re.split(r"\s+--hash=", line.strip())
        pins.append((Requirement(text), [part.strip() for part in hashes]))
    return pins


def declared(name: str) -> list[Requirement]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    runtime = project["project"]["dependencies"]
    groups = project["dependency-groups"]
    wanted = [] if name == "build" else list(runtime)
    for entry in groups.get(name, ()):
        wanted += [entry] if isinstance(entry, str) else groups[entry["include-group"]]
    return [Requirement(text) for text in wanted]


def environment(python: str, platform: tuple[str, str, str]) -> dict[str, str]:
    system, name, os_name = platform
    return dict(default_environment()) | {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": system,
        "platform_system": name,
        "os_name": os_name,
    }


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_names_no_address_and_no_machine(name: str) -> None:
    text = lock_text(name)
    assert not re.search(r"https?:|file:|--(extra-)?index|--find[-]links|--trusted", text)
    assert not re.search(r"(^|\s)/\w+/", text), "a path of one machine"


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_is_exact_and_hashed(name: str) -> None:
    pins = pins_of(name)
    assert pins
    for pin, hashes in pins:
        assert re.fullmatch(r"==[^*]+", str(pin.specifier)), pin
        assert hashes, pin
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in hashes), pin


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_answers_for_every_python_and_platform(name: str) -> None:
    """Exactly one pin applies per package, and it satisfies what the project declares."""
    for python in PYTHONS:
        for platform in PLATFORMS:
            where = environment(python, platform)
            chosen: dict[str, Requirement] = {}
            for pin, _ in pins_of(name):
                if pin.marker is None or pin.marker.evaluate(where):
                    key = canonicalize_name(pin.name)
                    assert key not in chosen, f"{key} twice on Python {python}, {platform[0]}"
                    chosen[key] = pin
            for wanted in declared(name):
                pin = chosen[canonicalize_name(wanted.name)]
                version = str(pin.specifier).removeprefix("==")
                assert wanted.specifier.contains(version), f"run make lock: {wanted} against {pin}"


def test_the_locks_agree() -> None:
    runtime = {str(pin) for pin, _ in pins_of("run")}
    assert runtime <= {str(pin) for pin, _ in pins_of("dev")}
    versions: dict[str, set[str]] = {}
    for name in LOCKS:
        for pin, _ in pins_of(name):
            versions.setdefault(f"{pin.name} ; {pin.marker}", set()).add(str(pin.specifier))
    assert not {key: found for key, found in versions.items() if len(found) > 1}


def test_the_environment_is_what_the_lock_says() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "check"],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout


# --- the wheel -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the backend of the lock: no isolation, no network."""
    target = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", target, "."],
        cwd=REPOSITORY,
        check=True,
        timeout=300,
    )
    (found,) = target.glob("point21-*.whl")
    return found


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a directory that has nothing to do with the checkout."""
    target = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run(
        [*pip, "install", "--no-deps", "--no-index", "--target", target, wheel],
        check=True,
        timeout=300,
    )
    return target


def run_installed(target: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``point21`` from the installed copy; PYTHONPATH goes before the checkout's own entry."""
    code = (
        "import app, geo, pathlib, sys;"
        f"home = pathlib.Path({str(target)!r}).resolve();"
        "assert home in pathlib.Path(app.__file__).resolve().parents, app.__file__;"
        "assert home in pathlib.Path(geo.__file__).resolve().parents, geo.__file__;"
        "sys.argv[0] = 'point21';"
        "from app.cli.main import main; main()"
    )
    kept = {key: value for key, value in os.environ.items() if not key.startswith("POINT21_")}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        check=False,
        cwd=cwd,
        env=kept | {"PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_the_wheel_carries_the_data_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {
        "geo/_data/oblasts.geojson",
        "geo/_data/contact_line.geojson",
        "geo/_data/control_observations.csv",
        "geo/_data/background.geojson",
        "geo/_data/plans/point21-axios.toml",
    } <= set(names)
    tops = {name.split("/")[0] for name in names}
    assert tops - {next(top for top in tops if top.endswith(".dist-info"))} == {"geo", "app"}
    assert not [name for name in names if name.startswith("geo/_data/sources")]
    shipped = {name.removeprefix("geo/_data/") for name in names if name.startswith("geo/_data/")}
    kinds = {".geojson", ".csv", ".json", ".toml"}
    product = {
        path.relative_to(REPOSITORY / "data").as_posix()
        for path in (REPOSITORY / "data").rglob("*")
        if path.suffix in kinds and "sources" not in path.relative_to(REPOSITORY).parts
    }
    assert shipped == product | {"SHA256SUMS"}


@pytest.mark.slow
def test_the_wheel_works_away_from_the_checkout(elsewhere: Path, tmp_path: Path) -> None:
    plans = run_installed(elsewhere, tmp_path, "plans", "--json")
    assert plans.returncode == 0, plans.stderr
    assert "point21-axios" in plans.stdout
    stats = run_installed(elsewhere, tmp_path, "stats", "--json")
    assert stats.returncode == 0, stats.stderr
    answer: dict[str, Any] = json.loads(stats.stdout)
    assert "buffer_zone" in json.dumps(answer)
    page = tmp_path / "map.html"
    drawn = run_installed(elsewhere, tmp_path, "map", "-o", str(page))
    assert drawn.returncode == 0, drawn.stderr
    assert "buffer_zone" in page.read_text(encoding="utf-8")


SAME_ANSWERS = """
import json, geo
plan = geo.load_plan("point21-cbs")
scenario = geo.build_scenario(
    geo.load_boundaries(), geo.load_contact_line(plan.line_date), plan, geo.load_observations()
)
(place,) = scenario.find_place("Kramatorsk")
print(json.dumps({
    "home": geo.__file__,
    "rows": [dict(row) for row in scenario.table("category").rows],
    "version": scenario.identity.data_version,
    "place": place.outcome.category.value,
}))
"""


@pytest.mark.slow
def test_the_installed_engine_answers_as_the_interface_does(
    elsewhere: Path, tmp_path: Path
) -> None:
    """``import geo`` away from the checkout gives the interface's figures, every digit."""
    import httpx

    from app.main import create_app
    from app.settings import Settings

    done = subprocess.run(
        [sys.executable, "-c", SAME_ANSWERS],
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(elsewhere)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    ours = json.loads(done.stdout)
    assert elsewhere.resolve() in Path(ours["home"]).resolve().parents
    application = create_app(Settings(warm_up=False))

    async def ask(url: str) -> Any:
        transport = httpx.ASGITransport(app=application)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return (await client.get(url)).raise_for_status().json()

    table = asyncio.run(ask("/api/statistics?plan=point21-cbs&by=category"))
    place = asyncio.run(ask("/api/locate?place=Kramatorsk&plan=point21-cbs"))
    application.state.what_if_pool.close()
    assert ours["rows"] == table["rows"]
    assert ours["version"] == table["identity"]["data_version"]
    assert ours["place"] == place["matches"][0]["category"]
