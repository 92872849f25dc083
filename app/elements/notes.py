"""What must always be in sight: neutrality, date of the line, sources and licences."""

from typing import Final

from app.elements.base import Bundle, PageElement
from app.elements.selectors import in_words

__all__ = ["NEUTRALITY", "Notes"]

NEUTRALITY: Final = (
    "This page describes what a published proposal says. It takes no side and makes no claim "
    "about title; the borders drawn are the internationally recognised ones."
)
"""The short form that is always in sight; the bundle's own note is given in full further down."""


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
        self.day = in_words(str(bundle["identity"]["date"]))
        self.credits = list(
            dict.fromkeys(s["attribution"] for s in bundle["sources"] if s.get("attribution"))
        )
