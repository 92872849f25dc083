"""Colours of the categories as the map has them, for the styles inside of files."""

import re
from functools import cache
from typing import Final

from app.assets import STATIC
from geo.plan import Category

__all__ = ["LINE_COLOUR", "colours_of"]

LINE_COLOUR: Final = "#15171a"

_COLOUR: Final = re.compile(r"--(\w+)-(ground|mark):\s*(#[0-9a-f]{6});")


@cache
def _palette() -> dict[tuple[str, str], str]:
    """Read the page's palette; the first of two schemes is the light one."""
    text = STATIC.read("palette.css")[0].decode()
    found: dict[tuple[str, str], str] = {}
    for category, part, colour in _COLOUR.findall(text):
        found.setdefault((category, part), colour)
    return found


def colours_of(category: Category) -> tuple[str, str]:
    """Return ground and mark of a category's pattern, each as ``#rrggbb``."""
    palette = _palette()
    return palette[category.value, "ground"], palette[category.value, "mark"]
