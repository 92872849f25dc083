"""Notes that are always shown: neutrality, date of the line, sources and licences."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode

from app.i18n.languages import Language, mark
from app.page.elements.base import Bundle, PageElement

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
    embedded
        Lead to the full page, at the same state, instead of to further notes.
    """

    template_file = "notes.html"

    def __init__(self, bundle: Bundle, *, embedded: bool = False) -> None:
        super().__init__("notes")
        self.is_embedded = embedded
        self._identity = bundle["identity"]
        self.note = NEUTRALITY
        self.day = str(bundle["identity"]["date"])
        self.credits = shorten_credits(
            source["attribution"] for source in bundle["sources"] if source.get("attribution")
        )

    @property
    def full_address(self) -> str:
        """Address of the full page that shows the same, relative to that of the frame."""
        names = ("plan", "date", "source", "boundaries")
        pairs = [(name, str(self._identity[name])) for name in names if name in self._identity]
        chosen = sorted((self._identity.get("readings") or {}).items())
        pairs += [("reading", f"{name}:{option}") for name, option in chosen if name != "line_date"]
        if self.words.language is not Language.ENGLISH:
            pairs.append(("lang", self.words.language.value))
        return f"./?{urlencode(pairs, safe=':,')}"
