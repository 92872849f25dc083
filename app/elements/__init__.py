"""Elements of the map page: small branca elements, one file each."""

from app.elements.base import Bundle, PageElement
from app.elements.data import DataBlock
from app.elements.inspector import Inspector
from app.elements.languages import Languages
from app.elements.legend import Legend
from app.elements.notes import Notes
from app.elements.patterns import Patterns
from app.elements.picture import Picture
from app.elements.selectors import Selectors, describe_offer
from app.elements.statistics import Statistics

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
