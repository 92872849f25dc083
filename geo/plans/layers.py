"""Layers of a settlement: one for each category, by oblast, at full precision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from geo.arrays import Geometries
from geo.geometry.topology import Integers
from geo.plans.outcomes import Outcome, Settlement
from geo.plans.plan import Category
from geo.repr_html import Rich

if TYPE_CHECKING:
    import geopandas

__all__ = ["Layer", "make_layers"]


@dataclass(frozen=True, eq=False)
class Layer(Rich):
    """The faces of one category.

    ``rows`` are their rows in the settlement, shape (n,), in order of oblast. ``about`` says what
    they depend on, and goes with every frame as its ``attrs``.
    """

    category: Category
    settlement: Settlement
    rows: Integers
    about: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def label(self) -> str:
        """Name for people."""
        return self.settlement.label_of(self.category)

    @property
    def geometry(self) -> Geometries:
        """Faces, shape (n,), longitude and latitude in degrees."""
        return np.asarray(self.settlement.geometry[self.rows])

    @property
    def oblast_id(self) -> tuple[str, ...]:
        """Oblast of each face."""
        return tuple(self.settlement.partition.oblast_id[self.rows])

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Outcome of each face."""
        return tuple(self.settlement.outcomes[row] for row in self.rows)

    @property
    def area_km2(self) -> float:
        """Area of the layer in km²."""
        return float(self.settlement.partition.area_km2[self.rows].sum())

    def to_geodataframe(self) -> "geopandas.GeoDataFrame":
        """Return one row for each face with all its attributes."""
        frame = self.settlement.to_geodataframe().iloc[self.rows].reset_index(drop=True)
        frame.attrs.update(self.about)
        return frame


def make_layers(settlement: Settlement) -> tuple[Layer, ...]:
    """Slice a settlement by category.

    Parameters
    ----------
    settlement
        What a plan makes of each face.

    Returns
    -------
    tuple of Layer
        One for each category in the order of :class:`geo.plans.plan.Category`, empty ones included,
        but ``not_settled`` only where a face has it. Together they hold every face once.
    """
    return tuple(
        Layer(category, settlement, np.flatnonzero(settlement.category == category))
        for category in settlement.categories
    )
