"""The figures as JSON and as a page of the documentation."""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.timing import Ratio

__all__ = ["renew", "to_markdown", "write_json"]

PACKAGES = ("shapely", "geopandas", "pyproj", "numpy", "fastapi", "uvicorn", "folium")


def machine() -> str:
    """Describe what the figures were measured on."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    waiting = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "not known"
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, {packages}; load average at the end {waiting}"
    )


def write_json(groups: Mapping[str, Sequence[Ratio]], path: Path) -> None:
    """Write every ratio with what it was measured on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "groups": {name: [ratio.to_dict() for ratio in rows] for name, rows in groups.items()},
    }
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _number(value: float) -> str:
    return f"{value:.1e}" if abs(value) < 1e-3 else f"{value:.2f}"


def _row(ratio: Ratio) -> str:
    bound, kept = "–", "–"
    if ratio.target is not None:
        sign = "≥" if ratio.at_least else "≤"
        bound = f"{sign} {ratio.target:g}"
        kept = "yes" if ratio.holds else "**no**"
    return f"| {ratio.claim} | {_number(ratio.value)} | {bound} | {kept} | {ratio.detail} |"


def to_markdown(groups: Mapping[str, Sequence[Ratio]]) -> str:
    """Write one table per group, under what they were measured on."""
    tables = [_section(name, rows) for name, rows in groups.items()]
    return "\n".join([_measured(), "", *tables]).rstrip() + "\n"


def renew(text: str, groups: Mapping[str, Sequence[Ratio]]) -> str:
    """Put the tables of some groups in place of theirs; each then says when it was measured."""
    for name, rows in groups.items():
        found = re.compile(rf"^### {name}\n.*?(?=^### |\Z)", re.MULTILINE | re.DOTALL)
        if not found.search(text):
            raise ValueError(f"there is no table of {name} yet: measure all groups once")
        section = _section(name, rows, f"{_measured()}\n") + "\n"
        text = found.sub(lambda _, section=section: section, text)
    return text.rstrip() + "\n"


def _measured() -> str:
    return f"Measured on {datetime.now(UTC).date().isoformat()}: {machine()}."


def _section(name: str, rows: Sequence[Ratio], *said: str) -> str:
    head = ["| what | ratio | bound | kept | detail |", "|---|--:|--:|:-:|---|"]
    return "\n".join([f"### {name}", "", *said, *head, *map(_row, rows), ""])
