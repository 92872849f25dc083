"""The catalogue: loaded once, scenarios made once, no more kept than allowed."""

from __future__ import annotations

import datetime
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import app.datasets.catalogue
from app.datasets.catalogue import Catalogue
from geo.errors import DataFormatError, UnknownDateError, UnknownPlanError
from geo.model.contact_line import ContactLine
from geo.plans.plan import Plan
from geo.scenario import Scenario

DAY = datetime.date(2025, 11, 21)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, datetime.date]]:
    """What was built, in order; building is slowed down so that threads meet."""
    made: list[tuple[str, datetime.date]] = []
    build = app.datasets.catalogue.build_scenario

    def note(boundaries: Any, line: ContactLine, plan: Plan, *rest: Any, **more: Any) -> Scenario:
        made.append((plan.id, line.date))
        time.sleep(0.05)
        return build(boundaries, line, plan, *rest, **more)

    monkeypatch.setattr(app.datasets.catalogue, "build_scenario", note)
    return made


def test_a_scenario_is_built_once_however_many_ask(built: list[object]) -> None:
    catalogue = Catalogue()
    found: list[Scenario] = []
    threads = [
        threading.Thread(target=lambda: found.append(catalogue.select().scenario)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert built == [("point21-axios", DAY)]
    assert len({id(scenario) for scenario in found}) == 1
    assert len(found) == 8


def test_plans_of_one_day_share_what_no_plan_changes() -> None:
    catalogue = Catalogue()
    one = catalogue.select("point21-axios", DAY).scenario
    other = catalogue.select("freeze-everywhere", DAY).scenario
    assert one.partition is other.partition


def test_the_scenario_used_longest_ago_is_dropped(built: list[object]) -> None:
    catalogue = Catalogue(max_scenarios=2)
    for plan in ("point21-axios", "point21-cbs", "point21-axios", "borders-1991"):
        catalogue.select(plan, DAY)
    assert len(built) == 3
    catalogue.select("point21-axios", DAY)
    assert len(built) == 3
    catalogue.select("point21-cbs", DAY)
    assert len(built) == 4


def test_the_data_version_changes_with_any_file(repository: Path, tmp_path: Path) -> None:
    versions = {Catalogue().dataset.files_version}
    for changed in ("oblasts.geojson", "contact_line.geojson", "background.geojson"):
        folder = tmp_path / changed
        folder.mkdir()
        for path in (repository / "data").iterdir():
            (folder / path.name).symlink_to(path)
        (folder / changed).unlink()
        (folder / "SHA256SUMS").unlink()
        content = (repository / "data" / changed).read_bytes()
        (folder / changed).write_bytes(content + b"\n")
        versions.add(Catalogue(folder).dataset.files_version)
    assert len(versions) == 4
    assert Catalogue().dataset.files_version in versions


@pytest.mark.parametrize(
    "missing",
    ["oblasts.geojson", "contact_line.geojson", "control_observations.csv", "background.geojson"],
)
def test_a_missing_file_is_named(repository: Path, tmp_path: Path, missing: str) -> None:
    for path in (repository / "data").iterdir():
        if path.name != missing:
            (tmp_path / path.name).symlink_to(path)
    with pytest.raises(DataFormatError, match=rf"{missing}: cannot be read \(No such file"):
        Catalogue(tmp_path).load()


def test_an_unknown_default_plan_is_found_at_the_start() -> None:
    with pytest.raises(UnknownPlanError, match="Did you mean 'point21-cbs'"):
        Catalogue(default_plan="point21-cbc").load()


def test_lines_are_found_by_day() -> None:
    catalogue = Catalogue()
    assert catalogue.line(DAY).date == DAY
    assert catalogue.line(DAY + datetime.timedelta(days=3), nearest=True).date == DAY
    with pytest.raises(UnknownDateError):
        catalogue.line(DAY + datetime.timedelta(days=3))
