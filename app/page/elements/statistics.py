"""The place of the ledger, which the page fills when the map is drawn."""

from app.page.elements.base import PageElement

__all__ = ["Statistics"]


class Statistics(PageElement):
    """A section for the ledger: ``static/tools/ledger/ledger.js`` makes its tables.

    They are made from the figures of the bundle, in a served page and in a single file alike.
    """

    template_file = "statistics.html"

    def __init__(self) -> None:
        super().__init__("statistics")
