"""Choice of plan, day of the line, source, boundaries and readings."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from app.page.elements.base import Bundle, PageElement

__all__ = ["Selectors", "describe_offer"]

_EPOCH: Final = date(1970, 1, 1)


def describe_offer(
    bundles: Sequence[Bundle],
    *,
    plans: Sequence[Mapping[str, Any]],
    dates: Sequence[Mapping[str, Any]],
    sources: Sequence[str],
    boundaries: Sequence[str],
) -> dict[str, Any]:
    """Say what there is to choose from.

    Parameters
    ----------
    bundles
        What the page carries; it stands for what is not given.
    plans
        Mappings with ``id`` and ``title`` or ``title_short``, in order.
    dates
        Mappings with ``date`` (ISO 8601), in order.
    sources, boundaries
        Short names, the default first.

    Returns
    -------
    dict
        ``plans`` with the default of each of their readings, ``dates``, ``sources``,
        ``boundaries``.
    """
    identity = bundles[0]["identity"]
    days = dates or [{"date": bundle["identity"]["date"]} for bundle in bundles]
    return {
        "plans": [_describe_plan(plan) for plan in plans or [one["plan"] for one in bundles]],
        "dates": list(dict.fromkeys(str(day["date"]) for day in days)),
        "sources": [{"id": name} for name in sources or [identity.get("source")]],
        "boundaries": [{"id": name} for name in boundaries or [identity.get("boundaries")]],
    }


def _describe_plan(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Id, title, day and defaults; a plan has its readings under either name."""
    readings = plan.get("readings") or plan.get("reading") or ()
    return {
        "id": plan["id"],
        "title": plan.get("title") or plan["title_short"],
        "basis": plan.get("basis"),
        "day": plan.get("line_date"),
        "readings": {reading["id"]: reading["default"] for reading in readings},
    }


class Selectors(PageElement):
    """Plan, day, source and boundaries as native controls, and what is read otherwise.

    A list of the days that exist, buttons to the day before and after, and a timeline to drag or
    to play. Source and boundaries are offered only where the operator has configured more than
    one.

    Parameters
    ----------
    bundle
        Its identity says what is selected at first.
    offer
        What :func:`describe_offer` says there is.
    """

    template_file = "selectors.html"

    def __init__(self, bundle: Bundle, offer: Mapping[str, Any]) -> None:
        super().__init__("selectors")
        self.identity = bundle["identity"]
        self.plan = str(self.identity["plan"])
        self.day = str(self.identity["date"])
        self.plans = [(plan["id"], plan["title"]) for plan in offer["plans"]]
        self.sources = [source["id"] for source in offer["sources"]]
        self.boundaries = [one["id"] for one in offer["boundaries"]]
        self._days = tuple(offer["dates"])

    @property
    def dates(self) -> list[tuple[str, str]]:
        """Days to choose from, ISO 8601 and in words."""
        return [(day, self.words.day(day)) for day in self._days]

    @property
    def span(self) -> tuple[int, int, int]:
        """First, last and shown day, as the timeline counts them: days since 1 January 1970."""
        first, last, shown = (
            (date.fromisoformat(day) - _EPOCH).days
            for day in (self._days[0], self._days[-1], self.day)
        )
        return first, last, shown

    @property
    def grounds(self) -> list[tuple[str, str, list[str]]]:
        """Choices of source and boundaries: key, label, short names."""
        every = [
            ("source", self.t("Source of the line"), self.sources),
            ("boundaries", self.t("Boundaries"), self.boundaries),
        ]
        return [(key, label, names) for key, label, names in every if len(names) > 1]
