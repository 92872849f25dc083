"""Help texts that list choices, read when help is asked for.

A list written into a help text goes stale; reading it at start would make every command slow. A
text says where the list goes, ``{tables}``, and the command fills it in before it shows its help.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from typer.core import TyperCommand

__all__ = ["LISTS", "ListingCommand"]


def _tables() -> Iterable[str]:
    from geo.statistics.tables import By

    return By


def _comparisons() -> Iterable[str]:
    from geo.comparison.compare import CompareBy

    return CompareBy


def _bands() -> Iterable[str]:
    from geo.analysis.source_spread import BandBy

    return BandBy


def _histories() -> Iterable[str]:
    from geo.histories.table import HISTORY_BY

    return HISTORY_BY


def _categories() -> Iterable[str]:
    from geo.plans.categories import Category

    return Category


def _suffixes() -> Iterable[str]:
    from app.export import FORMATS

    return (f".{form.suffix}" for form in FORMATS.values())


def _layers() -> Iterable[str]:
    from app.export import LAYERS

    return LAYERS


LISTS: Final[Mapping[str, Callable[[], Iterable[str]]]] = {
    "tables": _tables,
    "comparisons": _comparisons,
    "bands": _bands,
    "histories": _histories,
    "categories": _categories,
    "suffixes": _suffixes,
    "layers": _layers,
}
"""What can be listed in a help text, by the word in braces."""


class ListingCommand(TyperCommand):
    """A command whose help fills in the lists it names."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Fill in the lists, then write the help."""
        for parameter in self.params:
            text = getattr(parameter, "help", None) or ""
            for word in filter(lambda each: f"{{{each}}}" in text, LISTS):
                text = text.replace(f"{{{word}}}", _join(map(str, LISTS[word]())))
                vars(parameter)["help"] = text
        super().format_help(ctx, formatter)


def _join(words: Iterable[str]) -> str:
    *others, last = (f"'{word}'" if "," in word else word for word in words)
    return f"{', '.join(others)} or {last}"
