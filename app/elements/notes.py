"""What must always be in sight: neutrality, date of the line, sources and licences."""

from collections.abc import Iterable
from typing import Final

from app.elements.base import Bundle, PageElement
from app.languages import mark

__all__ = ["NEUTRALITY", "Notes", "shorten_credits"]

NEUTRALITY: Final = mark(
    "This page describes what a published proposal or a baseline says. It takes no side and makes "
    "no claim about title; the borders drawn are the internationally recognised ones."
)
"""The short form that is always in sight; the bundle's own note is given in full further down."""

_SHORT: Final = {
    "Natural Earth": "Natural Earth",
    "GeoNames": "GeoNames (CC BY 4.0)",
    "DeepState": mark("after DeepState's map"),
}
"""Credits by a name that stands in the attributions; these are given in full further down."""


def shorten_credits(attributions: Iterable[str]) -> list[str]:
    """Name each source once, in a few words.

    Parameters
    ----------
    attributions
        As the files ask for them; several may name the same source.

    Returns
    -------
    list of str
        A short credit for each source known; an attribution without one is kept as it is.
    """
    texts = list(dict.fromkeys(attributions))
    known = [short for name, short in _SHORT.items() if any(name in text for text in texts)]
    return known + [text for text in texts if not any(name in text for name in _SHORT)]


class Notes(PageElement):
    """A strip that stays in sight at every size.

    Parameters
    ----------
    bundle
        Gives the sources and the date of the line.
    """

    template_file = "notes.html"

    def __init__(self, bundle: Bundle) -> None:
        super().__init__("notes")
        self.note = NEUTRALITY
        self.day = str(bundle["identity"]["date"])
        self.credits = shorten_credits(
            source["attribution"] for source in bundle["sources"] if source.get("attribution")
        )
