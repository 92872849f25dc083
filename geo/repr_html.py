"""HTML that notebooks show of an object: heading, facts, table.

:func:`describe_card` says what the card of a type holds; the types themselves are described in
:mod:`geo.notebook_cards`, at the top of the stair. Everything that comes from files is escaped.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import singledispatch
from html import escape
from typing import Final

__all__ = ["Card", "Rich", "describe_card", "write_card"]

_MOST_ROWS: Final = 30
_UNKNOWN: Final = "–"


@dataclass(frozen=True)
class Card:
    """Heading, facts and table that are shown of an object.

    Parameters
    ----------
    title
        What it is.
    facts
        Name to value; what is empty or not known is left out.
    columns, rows
        A table; each row has a value for each column.
    note
        What must be read with it.
    """

    title: str
    facts: Mapping[str, object] = field(default_factory=dict)
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[object]] = ()
    note: str = ""


class Rich:
    """An object of which notebooks show a card; see :func:`describe_card`."""

    def _repr_html_(self) -> str:
        return write_card(describe_card(self))


@singledispatch
def describe_card(shown: object) -> Card:
    """Say what the card of an object holds.

    Parameters
    ----------
    shown
        An object of a type that :mod:`geo.notebook_cards` knows.

    Returns
    -------
    Card
        Plain values; nothing is escaped yet.

    Raises
    ------
    TypeError
        Nothing is known of this type.
    """
    raise TypeError(
        f"expected a type that geo.notebook_cards describes; got {type(shown).__name__}"
    )


def write_card(card: Card) -> str:
    """Write a card as HTML.

    Parameters
    ----------
    card
        What is shown.

    Returns
    -------
    str
        One ``div``; every text in it is escaped, and it holds no script and no address.
    """
    known = {name: value for name, value in card.facts.items() if value not in (None, "")}
    facts = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{_write(value)}</td></tr>'
        for name, value in known.items()
    )
    parts = [f"<p><strong>{escape(card.title)}</strong></p>"]
    parts += [f"<table><tbody>{facts}</tbody></table>"] if facts else []
    parts += [_write_table(card)] if card.columns else []
    parts += [f"<p><small>{escape(card.note)}</small></p>"] if card.note else []
    return f'<div class="point21-card">{"".join(parts)}</div>'


def _write_table(card: Card) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in card.columns)
    body = "".join(
        f"<tr>{''.join(f'<td>{_write(value)}</td>' for value in row)}</tr>"
        for row in card.rows[:_MOST_ROWS]
    )
    left = len(card.rows) - _MOST_ROWS
    more = f'<tr><td colspan="{len(card.columns)}">… {left:,} more</td></tr>' if left > 0 else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}{more}</tbody></table>"


def _write(value: object) -> str:
    """Write a value for people: numbers with as many digits as mean something."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return _UNKNOWN
    if isinstance(value, float):
        size = abs(value)
        return f"{value:,.0f}" if size >= 100 else f"{value:,.1f}" if size >= 10 else f"{value:.3g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return escape(str(value))
