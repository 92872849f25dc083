"""Compare the project's line of contact with DeepState's published area, and write the table.

Usage: ``python scripts/compare_sources.py [--check] [--reference FOLDER]``. The reference files are
not part of the project: they are read from ``POINT21_REFERENCE_DIR``, or from
``../shared/data/reference`` beside the checkout, and nothing but the figures is taken from them.
The tables go between the markers in ``docs/contact-line.md``; ``--check`` only compares.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import shapely

REPOSITORY: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "scripts")]

from databuild.lines import line_on  # noqa: E402
from databuild.waters import read_waters  # noqa: E402
from geo.control_areas.to_line import contact_line_from_area  # noqa: E402
from geo.crs import Floats, to_metric  # noqa: E402
from geo.io.load import load_boundaries, load_observations  # noqa: E402
from geo.lines.split import split_by_contact_line  # noqa: E402
from geo.model.boundaries import Boundaries  # noqa: E402
from geo.model.contact_line import ContactLine  # noqa: E402
from geo.model.control import Control  # noqa: E402
from geo.model.provenance import Provenance  # noqa: E402

DATES: Final = (date(2024, 7, 8), date(2025, 11, 21), date(2026, 8, 22))
PAGE: Final = REPOSITORY / "docs" / "contact-line.md"
BEGIN: Final = "<!-- comparison: written by scripts/compare_sources.py -->"
END: Final = "<!-- end of comparison -->"
_SMALLEST_KM2: Final = 0.5
_STEP_KM: Final = 0.5


@dataclass(frozen=True)
class Comparison:
    """Our line and the reference on one day.

    Parameters
    ----------
    day
        The day.
    areas_km2
        Oblast to Russian-held area: reference, ours.
    total_km2
        Russian-held area of the country: reference, ours.
    misplaced_km2
        Area that the two give to different sides.
    lengths_km
        Length of the line: reference, ours.
    distances_km
        Distance from points every 500 m of our line to the reference line, and back.
    uncertainty_km
        What our line states.
    """

    day: date
    areas_km2: dict[str, tuple[float, float]]
    total_km2: tuple[float, float]
    misplaced_km2: float
    lengths_km: tuple[float, float]
    distances_km: Floats
    uncertainty_km: float

    def deviation(self, oblast: str) -> float:
        """Return ours relative to the reference, minus 1."""
        reference, ours = self.areas_km2[oblast]
        return ours / reference - 1.0


def reference_folder(given: str | None = None) -> Path:
    """Return the folder with the reference data; it may not exist."""
    fallback = REPOSITORY.parent / "shared" / "data" / "reference"
    return Path(given or os.environ.get("POINT21_REFERENCE_DIR") or fallback)


def reference_line(day: date, boundaries: Boundaries, folder: Path) -> ContactLine:
    """Turn DeepState's area of one day into a line with the project's own engine."""
    path = folder / "deepstate" / f"deepstatemap_data_{day:%Y%m%d}.geojson"
    document = json.loads(path.read_text(encoding="utf-8"))
    shapes = [shapely.geometry.shape(item["geometry"]) for item in document["features"]]
    provenance = Provenance(
        title="Area of control",
        source="DeepState, mirror github.com/cyterat/deepstate-map-data",
        date=day.isoformat(),
        licence="for comparison only, not redistributed",
        attribution="DeepState",
    )
    area = shapely.union_all(shapely.make_valid(np.array(shapes, dtype=object)))
    return contact_line_from_area(
        area, boundaries, day=day, source="DeepState", provenance=provenance
    )


def _russian_held(boundaries: Boundaries, line: ContactLine) -> tuple[dict[str, float], object]:
    partition = split_by_contact_line(boundaries, line)
    held = partition.held_by == Control.RUSSIA
    areas = dict(zip(partition.oblast_id[held], partition.area_km2[held].tolist(), strict=True))
    return areas, to_metric(shapely.coverage_union_all(partition.geometry[held]))


def _points_along(line: shapely.Geometry) -> np.ndarray:
    step_m = _STEP_KM * 1000.0
    return np.concatenate(
        [
            shapely.line_interpolate_point(part, np.arange(step_m / 2.0, part.length, step_m))
            for part in shapely.get_parts(line)
        ]
    )


def compare(boundaries: Boundaries, ours: ContactLine, reference: ContactLine) -> Comparison:
    """Compare two lines of one day."""
    areas, region = _russian_held(boundaries, ours)
    reference_areas, reference_region = _russian_held(boundaries, reference)
    oblasts = {
        oblast: (reference_areas.get(oblast, 0.0), areas.get(oblast, 0.0))
        for oblast in boundaries.ids
        if max(reference_areas.get(oblast, 0.0), areas.get(oblast, 0.0)) > _SMALLEST_KM2
    }
    here, there = to_metric(ours.geometry), to_metric(reference.geometry)
    distances = [
        shapely.distance(_points_along(one), other) for one, other in ((here, there), (there, here))
    ]
    differing = shapely.symmetric_difference(region, reference_region)
    return Comparison(
        day=ours.date,
        areas_km2=oblasts,
        total_km2=(sum(reference_areas.values()), sum(areas.values())),
        misplaced_km2=float(shapely.area(differing)) / 1e6,
        lengths_km=(reference.length_km, ours.length_km),
        distances_km=np.concatenate(distances) / 1000.0,
        uncertainty_km=float(ours.uncertainty_km or np.nan),
    )


def compare_all(folder: Path) -> list[Comparison]:
    """Compare on every reference date; our line is computed afresh from the observations."""
    boundaries, observations = load_boundaries(), load_observations()
    water = read_waters(REPOSITORY / "data")
    return [
        compare(
            boundaries,
            line_on(day, observations, boundaries, water),
            reference_line(day, boundaries, folder),
        )
        for day in DATES
    ]


def _signed(value: float, decimals: int) -> str:
    """Write a difference with its sign; what rounds to nothing has none."""
    rounded = round(value, decimals)
    return f"{rounded:+,.{decimals}f}".replace("-", "−") if rounded else f"{0:.{decimals}f}"


def _oblast_table(item: Comparison, names: dict[str, str]) -> list[str]:
    lines = [
        f"### {item.day.day} {item.day:%B %Y}",
        "",
        "| Russian-held, km² | DeepState | point21 | difference | |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    rows = [(names[key], *values) for key, values in sorted(item.areas_km2.items())]
    for name, reference, ours in [*rows, ("**in all**", *item.total_km2)]:
        share = f"{_signed(ours / reference * 100.0 - 100.0, 1)} %" if reference else "–"
        lines.append(
            f"| {name} | {reference:,.0f} | {ours:,.0f} | {_signed(ours - reference, 0)} "
            f"| {share} |"
        )
    return lines


def _line_table(items: Sequence[Comparison]) -> list[str]:
    lines = [
        "### The lines themselves",
        "",
        "| | " + " | ".join(item.day.isoformat() for item in items) + " |",
        "| --- |" + " ---: |" * len(items),
    ]
    rows = {
        "length of DeepState's line, km": [f"{item.lengths_km[0]:,.0f}" for item in items],
        "length of ours, km": [f"{item.lengths_km[1]:,.0f}" for item in items],
        "distance between them: mean, km": [f"{item.distances_km.mean():.2f}" for item in items],
        "median, km": [f"{np.median(item.distances_km):.2f}" for item in items],
        "95 % lie within, km": [f"{np.percentile(item.distances_km, 95):.2f}" for item in items],
        "stated uncertainty, km": [f"{item.uncertainty_km:.2f}" for item in items],
        "within the stated uncertainty": [
            f"{(item.distances_km <= item.uncertainty_km).mean():.0%}" for item in items
        ],
        "area on different sides, km²": [f"{item.misplaced_km2:,.0f}" for item in items],
    }
    lines += [f"| {name} | " + " | ".join(values) + " |" for name, values in rows.items()]
    return lines


def report(items: Sequence[Comparison], boundaries: Boundaries) -> str:
    """Return the section of the page, in Markdown."""
    names = dict(zip(boundaries.ids, boundaries.name_en, strict=True))
    lines = [BEGIN]
    for item in items:
        lines += ["", *_oblast_table(item, names)]
    return "\n".join([*lines, "", *_line_table(items), "", END])


def replace_section(page: str, section: str) -> str:
    """Put the section between the markers of the page."""
    head, _, rest = page.partition(BEGIN)
    _, _, tail = rest.partition(END)
    if not rest or END not in page:
        raise ValueError(f"{PAGE.name} lacks the markers {BEGIN} and {END}")
    return head + section + tail


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail if the page is out of date")
    parser.add_argument("--reference", metavar="FOLDER", help="folder with the reference data")
    options = parser.parse_args(arguments)
    folder = reference_folder(options.reference)
    if not folder.is_dir():
        print(f"no reference data at {folder}; set POINT21_REFERENCE_DIR", file=sys.stderr)
        return 2
    page = PAGE.read_text(encoding="utf-8")
    updated = replace_section(page, report(compare_all(folder), load_boundaries()))
    if options.check and updated != page:
        print(f"{PAGE.name} is out of date: run scripts/compare_sources.py", file=sys.stderr)
        return 1
    if not options.check:
        PAGE.write_text(updated, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
