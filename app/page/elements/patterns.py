"""Fill patterns of the categories, so that the map reads without colour."""

from typing import Final

from app.page.elements.base import PageElement
from geo.plans.categories import CATEGORIES

__all__ = ["PATTERNED", "Patterns"]

PATTERNED: Final = tuple(kind.value for kind in CATEGORIES)
"""The categories in the order of legend and drawing."""


class Patterns(PageElement):
    """SVG definitions that faces and legend swatches are filled with.

    Recognised is plain and dark, frozen has level lines, the buffer zone slanting stripes, what
    is relinquished has dots, what is retained is plain and light, and what a reading leaves open
    has a grid. Colours are in ``static/styles/palette.css``.
    """

    template_file = "patterns.html"

    def __init__(self) -> None:
        super().__init__("patterns")
        self.categories = [(kind.value, facts.pattern) for kind, facts in CATEGORIES.items()]
