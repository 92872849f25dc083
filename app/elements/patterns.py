"""Fill patterns of the categories, so that the map reads without colour."""

from typing import Final

from app.elements.base import PageElement

__all__ = ["PATTERNED", "Patterns"]

PATTERNED: Final = (
    "de_facto_recognized",
    "frozen",
    "buffer_zone",
    "relinquished",
    "retained",
    "not_settled",
)
"""Categories in the order of legend and drawing; each has a pattern and a pair of colours."""


class Patterns(PageElement):
    """SVG definitions that faces and legend swatches are filled with.

    Recognised is plain and dark, frozen has level lines, the buffer zone slanting stripes, what
    is relinquished has dots, what is retained is plain and light, and what a reading leaves open
    has a grid. Colours are in ``static/palette.css``.
    """

    template_file = "patterns.html"

    def __init__(self) -> None:
        super().__init__("patterns")
        self.categories = PATTERNED
