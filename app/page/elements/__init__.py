"""Elements of the map page: branca elements, one file each."""

from app.page.elements.base import Bundle, PageElement
from app.page.elements.data import DataBlock
from app.page.elements.inspector import Inspector
from app.page.elements.languages import Languages
from app.page.elements.legend import Legend
from app.page.elements.notes import Notes
from app.page.elements.patterns import Patterns
from app.page.elements.picture import Picture
from app.page.elements.selectors import Selectors, describe_offer
from app.page.elements.statistics import Statistics

__all__ = [
    "Bundle",
    "DataBlock",
    "Inspector",
    "Languages",
    "Legend",
    "Notes",
    "PageElement",
    "Patterns",
    "Picture",
    "Selectors",
    "Statistics",
    "describe_offer",
]
