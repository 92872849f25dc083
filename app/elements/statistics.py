"""The statistics panel: the ledger of change and the tables."""

from typing import Final

from app.elements.base import PageElement

__all__ = ["Statistics"]

_TABLES: Final = (
    (
        "ledger",
        "change",
        "Ledger of change",
        "What each side leaves; net: Ukraine less Russia",
        True,
    ),
    ("oblasts", "oblast", "By oblast, today", "Who holds what on the day of the line", True),
    ("parts", "oblast,category", "By oblast and category", "What becomes of each part", False),
    ("people", "category", "Settlements and people", "Recorded in places of each category", False),
)
"""Key, figures it shows (``by`` of /api/statistics), title, subtitle, whether it is open."""


class Statistics(PageElement):
    """Headed tables, filled in by the page from the figures of the bundle.

    Parameters
    ----------
    downloads
        Whether each table links to the same figures as CSV, which only a served page can.
    """

    template_file = "statistics.html"

    def __init__(self, *, downloads: bool) -> None:
        super().__init__("statistics")
        self.tables = _TABLES
        self.downloads = downloads
