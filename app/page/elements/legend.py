"""The legend, which is also the control of the layers."""

from typing import Final

from app.i18n.languages import mark
from app.page.elements.base import Bundle, PageElement

__all__ = ["OVERLAYS", "Legend"]

OVERLAYS: Final = (
    ("line", mark("Line of contact"), True),
    ("oblasts", mark("Oblasts"), True),
    ("towns", mark("Towns"), True),
    ("tiles", mark("OpenStreetMap (online)"), False),
)
"""Layers that are no category: key, label, whether they are shown at first."""


class Legend(PageElement):
    """A table of the categories: switch, pattern, label, area in km² and share of the country.

    Parameters
    ----------
    bundle
        Gives the categories and their labels; figures are filled in by the page.
    """

    template_file = "legend.html"

    def __init__(self, bundle: Bundle) -> None:
        super().__init__("legend")
        self.categories = [(row["category"], row["label"]) for row in bundle["categories"]]
        self.overlays = OVERLAYS
