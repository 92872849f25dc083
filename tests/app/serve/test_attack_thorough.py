"""Made-up requests do a server no harm: a small part of what scripts/attack.py sends."""

from __future__ import annotations

import random
import sys
from itertools import islice

import pytest

from scripted import load_script

attack = load_script("attack")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.thorough,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are in /proc"),
]


def test_a_few_of_each_kind_are_answered_or_refused() -> None:
    lines: list[str] = []
    report = attack.attack(20, 2, 7, say=lines.append)
    assert report.faults == []
    assert sum(report.statuses.values()) == 4 * 20
    assert any("memory" in line for line in lines)


def test_the_same_seed_makes_the_same_requests() -> None:
    for make in (attack.make_filters, attack.make_plans, attack.make_bodies):
        one, other = (list(islice(make(random.Random(3)), 20)) for _ in range(2))
        assert one == other
        assert len(set(one)) > 15


def test_failures_are_told_from_refusals() -> None:
    report = attack.Report()
    for status in (200, 404, 422, 429, 503, 431, 500, 0):
        report.note(attack.Request("plans", "/"), status)
    assert [fault[:3].strip() for fault in report.faults] == ["431", "500", "0 :"]
