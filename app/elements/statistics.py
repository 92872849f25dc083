"""The statistics panel: the ledger of change and the tables."""

from typing import Final

from app.elements.base import PageElement

__all__ = ["Statistics"]

_TABLES: Final = (
    (
        "ledger",
        "change",
        "Ledger of change",
        "What each side would leave on the day of the line",
        True,
    ),
    ("oblasts", "oblast", "By oblast, today", "Who holds what on the day of the line", True),
    ("towns", "towns", "Towns of the buffer zone", "Places of 5,000 recorded people or more", True),
    ("parts", "oblast,category", "By oblast and category", "What becomes of each part", False),
    ("people", "category", "Settlements and people", "As GeoNames records them, undated", False),
)
"""Key, figures it shows (``by`` of /api/statistics), title, subtitle, whether it is open. No
table of /api/statistics has the rows of ``towns``."""


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
