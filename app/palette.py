"""Colours of the page as it has them by day, for maps that are drawn elsewhere."""

import re
from typing import Final

from app.assets import STATIC
from geo.plans.plan import Category

__all__ = ["BORDER", "LABEL", "LAND", "LINE_COLOUR", "OUTLINE", "SEA", "WATER", "colours_of"]

_CSS: Final = STATIC.read("styles/palette.css")[0].decode().partition("@media")[0]
_PALETTE: Final = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", _CSS))

BORDER: Final[str] = _PALETTE["border"]
LABEL: Final[str] = _PALETTE["label"]
LAND: Final[str] = _PALETTE["land"]
LINE_COLOUR: Final[str] = _PALETTE["front"]
OUTLINE: Final[str] = _PALETTE["outline"]
SEA: Final[str] = _PALETTE["sea"]
WATER: Final[str] = _PALETTE["water"]


def colours_of(category: Category) -> tuple[str, str]:
    """Return ground and mark of a category's pattern, each as ``#rrggbb``."""
    return _PALETTE[f"{category}-ground"], _PALETTE[f"{category}-mark"]
