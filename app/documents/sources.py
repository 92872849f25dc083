"""Document of ``/api/sources``."""

from dataclasses import asdict
from typing import Any

from app.datasets.catalogue import Catalogue

__all__ = ["describe_sources"]


def describe_sources(catalogue: Catalogue) -> dict[str, Any]:
    """List sources and boundaries with where they come from."""
    sources = []
    for name in catalogue.sources:
        lines = catalogue.using(source=name).dataset.lines
        dates = [day.isoformat() for day in lines.dates]
        sources.append(
            {
                "id": name,
                "dates": len(dates),
                "first": min(dates, default=None),
                "last": max(dates, default=None),
                "provenance": asdict(lines.provenance),
            }
        )
    sets = []
    for name in catalogue.boundary_sets:
        units = catalogue.using(boundaries=name).dataset.boundaries
        sets.append({"id": name, "provenance": asdict(units.provenance)})
    return {"sources": sources, "boundaries": sets}
