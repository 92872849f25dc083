"""Made-up requests do a server no harm: a small part of what scripts/attack.py sends."""

from __future__ import annotations

import importlib.util
import random
import sys
from itertools import islice
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.thorough,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are in /proc"),
]


@pytest.fixture(scope="module")
def attack() -> ModuleType:
    place = Path(__file__).resolve().parents[2] / "scripts" / "attack.py"
    spec = importlib.util.spec_from_file_location("attack", place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["attack"] = module
    spec.loader.exec_module(module)
    return module


def test_a_few_of_each_kind_are_answered_or_refused(attack: ModuleType) -> None:
    lines: list[str] = []
    report = attack.attack(20, 2, 7, say=lines.append)
    assert report.faults == []
    assert sum(report.statuses.values()) == 4 * 20
    assert any("memory" in line for line in lines)


def test_the_same_seed_makes_the_same_requests(attack: ModuleType) -> None:
    for make in (attack.make_filters, attack.make_plans, attack.make_bodies):
        one, other = (list(islice(make(random.Random(3)), 20)) for _ in range(2))
        assert one == other
        assert len(set(one)) > 15


def test_failures_are_told_from_refusals(attack: ModuleType) -> None:
    report = attack.Report()
    for status in (200, 404, 422, 429, 503, 431, 500, 0):
        report.note(attack.Request("plans", "/"), status)
    assert [fault[:3].strip() for fault in report.faults] == ["431", "500", "0 :"]
