"""Choice of the plan and of the day of the line."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app.elements.base import Bundle, PageElement

__all__ = ["Selectors", "in_words"]


def in_words(day: str) -> str:
    """Write an ISO date as English prose does.

    Parameters
    ----------
    day
        Date, ISO 8601.

    Returns
    -------
    str
        Day without leading zero, month in full, year.

    Examples
    --------
    >>> in_words("2025-11-21")
    '21 November 2025'
    """
    parsed = date.fromisoformat(day)
    return f"{parsed.day} {parsed:%B %Y}"


class Selectors(PageElement):
    """Two native selects, and buttons to the day before and after.

    Parameters
    ----------
    bundle
        Its identity says what is selected at first.
    plans
        Mappings with ``id`` and ``title`` or ``title_short``, in order.
    dates
        Mappings with ``date`` (ISO 8601), in order.
    """

    template_file = "selectors.html"

    def __init__(
        self,
        bundle: Bundle,
        *,
        plans: Sequence[Mapping[str, Any]],
        dates: Sequence[Mapping[str, Any]],
    ) -> None:
        super().__init__("selectors")
        identity = bundle["identity"]
        self.plan = str(identity["plan"])
        self.day = str(identity["date"])
        self.plans = [(p["id"], p.get("title") or p["title_short"]) for p in plans]
        self.dates = [(str(d["date"]), in_words(str(d["date"]))) for d in dates]
