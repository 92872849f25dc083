"""What the program is made of, as told by scripts/inventory.py, is what the lock says."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from scripted import load_script

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def inventory() -> ModuleType:
    return load_script("inventory")


@pytest.fixture(scope="module")
def sbom(inventory: ModuleType) -> Any:
    return inventory.make_sbom()


def test_the_lock_is_read(inventory: ModuleType) -> None:
    assert {"fastapi", "numpy", "shapely", "uvicorn"} <= set(inventory.locked())


@pytest.mark.thorough
@pytest.mark.slow
def test_the_bill_of_materials_is_valid_and_whole(inventory: ModuleType, sbom: Any) -> None:
    assert inventory.check_sbom(sbom) is None
    listed = {part["name"].lower(): part["version"] for part in sbom["components"]}
    pins = {name: inventory.version_of(pin) for name, pin in inventory.locked().items()}
    assert listed == pins
    for part in sbom["components"]:
        (reference,) = part["externalReferences"]
        assert {each["alg"] for each in reference["hashes"]} == {"SHA-256"}
        assert part["licenses"], part["name"]


@pytest.mark.slow
def test_the_bill_of_materials_says_who_needs_whom(sbom: Any) -> None:
    names = {part["bom-ref"]: part["name"] for part in sbom["components"]}
    needs = {
        names.get(each["ref"], "point21"): {names[ref] for ref in each["dependsOn"]}
        for each in sbom["dependencies"]
    }
    assert {"fastapi", "shapely", "uvicorn"} <= needs["point21"]
    assert {"pydantic", "starlette"} <= needs["fastapi"]
    assert set(needs) == {"point21", *names.values()}


@pytest.mark.slow
def test_the_bill_of_materials_is_refused_when_it_is_none(inventory: ModuleType, sbom: Any) -> None:
    fault = inventory.check_sbom({**sbom, "components": [{"name": "nameless"}]})
    assert fault is not None and "type" in fault


def test_the_list_of_licences_is_todays(inventory: ModuleType) -> None:
    page = (REPOSITORY / "docs" / "licences.md").read_text(encoding="utf-8")
    assert inventory.licences_table() in page, "run make licences"
    assert "not stated" not in page


def test_the_sums_of_the_data_are_todays(inventory: ModuleType) -> None:
    written = (REPOSITORY / "data" / "SHA256SUMS").read_text(encoding="utf-8")
    assert written == inventory.sums(), "run make sums"


def test_the_list_of_settings_is_todays(inventory: ModuleType) -> None:
    page = (REPOSITORY / "docs" / "serving.md").read_text(encoding="utf-8")
    assert inventory.settings_table() in page, "run make docs"


def test_an_advisory_fails_the_audit_and_silence_is_told(
    inventory: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = {"name": "sound", "version": "1.0", "vulns": []}
    unasked = {"name": "unasked", "skip_reason": "nobody answers"}
    fault = {"id": "PYSEC-1", "fix_versions": ["1.1"], "aliases": []}
    faulty = {"name": "faulty", "version": "1.0", "vulns": [fault]}
    assert inventory.report_audit([sound, unasked]) == 0
    told = capsys.readouterr().out
    assert "0 advisories about 1 of 2" in told
    assert "nobody could be asked about 1: unasked" in told
    assert inventory.report_audit([sound, faulty]) == 1
    assert "faulty 1.0: PYSEC-1, mended in 1.1" in capsys.readouterr().out
    assert inventory.report_audit([unasked]) == 0
    told = capsys.readouterr().err
    assert "audit: NOT DONE." in told and "!" * 70 in told
