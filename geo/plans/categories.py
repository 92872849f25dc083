"""The table of categories: ids, labels, patterns.

Order of members is the order of legends, tables and files. Whoever shows categories reads them
here: the page, the tiles, the style of QGIS, the exports, the command line. Colours are in the
page's palette, by the category's id.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["CATEGORIES", "Category", "CategoryFacts", "Pattern", "Recognition", "label_of"]


class Category(StrEnum):
    """Category of a face under a plan; exactly one applies."""

    DE_FACTO_RECOGNIZED = "de_facto_recognized"
    """Recognised as Russian, in whatever sense the plan says."""
    FROZEN = "frozen"
    BUFFER_ZONE = "buffer_zone"
    RELINQUISHED = "relinquished"
    RETAINED = "retained"
    NOT_SETTLED = "not_settled"
    """Only under readings by which the text leaves land open; absent where no face has it."""

    @property
    def label(self) -> str:
        """Name for people, true of every plan; :func:`label_of` says what one plan makes of it."""
        return CATEGORIES[self].label


class Recognition(StrEnum):
    """As whose a face would be recognised after the plan, in the text's own sense."""

    UKRAINE = "ukraine"
    RUSSIA_DE_FACTO = "russia_de_facto"
    RUSSIA_DE_FACTO_ALONG_LINE = "russia_de_facto_along_line"
    RUSSIA_INTERNATIONAL = "russia_international"
    NOT_STATED = "not_stated"


class Pattern(StrEnum):
    """Fill pattern of a category, so that a map reads without colour."""

    PLAIN = "plain"
    LEVEL_LINES = "level_lines"
    STRIPES = "stripes"
    DOTS = "dots"
    GRID = "grid"


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """Label and pattern of a category.

    Parameters
    ----------
    label
        Name for people, true of every plan.
    pattern
        How it is filled.
    as_recognised
        Names that say more, by what the clauses recognise the land as.
    """

    label: str
    pattern: Pattern = Pattern.PLAIN
    as_recognised: tuple[tuple[frozenset[Recognition], str], ...] = ()

    @property
    def exact_labels(self) -> tuple[str, ...]:
        """Every name that says more than :attr:`label`."""
        return tuple(label for _, label in self.as_recognised)


_DE_FACTO: Final = frozenset({Recognition.RUSSIA_DE_FACTO})
_ALONG_LINE: Final = frozenset({Recognition.RUSSIA_DE_FACTO_ALONG_LINE})
_INTERNATIONAL: Final = frozenset({Recognition.RUSSIA_INTERNATIONAL})

CATEGORIES: Final[dict[Category, CategoryFacts]] = {
    Category.DE_FACTO_RECOGNIZED: CategoryFacts(
        "Recognised as Russian",
        as_recognised=(
            (_ALONG_LINE, "Recognised as de facto Russian along the line of contact"),
            (_DE_FACTO | _ALONG_LINE, "Recognised as de facto Russian"),
            (_INTERNATIONAL, "Recognised internationally as Russian"),
        ),
    ),
    Category.FROZEN: CategoryFacts("Frozen along the line of contact", Pattern.LEVEL_LINES),
    Category.BUFFER_ZONE: CategoryFacts("Demilitarised buffer zone", Pattern.STRIPES),
    Category.RELINQUISHED: CategoryFacts("Relinquished by Russia", Pattern.DOTS),
    Category.RETAINED: CategoryFacts("Stays with Ukraine"),
    Category.NOT_SETTLED: CategoryFacts("Not settled by the text", Pattern.GRID),
}


def label_of(category: Category, recognised: Collection[Recognition]) -> str:
    """Name a category as the clauses that make it say.

    Parameters
    ----------
    category
        What becomes of the land.
    recognised
        As whose the land of this category is recognised, each way that occurs.

    Returns
    -------
    str
        The most exact name that is true of all of it.
    """
    facts, found = CATEGORIES[category], frozenset(recognised)
    exact = (label for known, label in facts.as_recognised if found and found <= known)
    return next(exact, facts.label)
