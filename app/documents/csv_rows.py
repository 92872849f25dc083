"""Write rows of figures as CSV, with the identity of the figures in each row."""

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from app.datasets.catalogue import Selection
from geo.text import strip_controls

__all__ = ["identity_columns", "join_words", "write_csv"]

_FORMULA: Final = re.compile(r"[ \t\r\n]*[=+\-@\uff1d\uff0b\uff0d\uff20].|[\t\r]", re.DOTALL)
_NUMBER: Final = re.compile(r"[+\-]?[0-9]+([.,][0-9]+)*([eE][+\-]?[0-9]+)?%?")


def identity_columns(selection: Selection) -> dict[str, str]:
    """Return what figures depend on, so that a row can be read without the file around it."""
    return selection.about.to_row()


def join_words(value: object) -> object:
    """Write a list as words with spaces between, where a cell holds no lists."""
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else value


def write_csv(
    names: Sequence[str], rows: Iterable[Mapping[str, object]], more: Mapping[str, object]
) -> bytes:
    r"""Write rows as CSV (RFC 4180), the same further cells at the end of each.

    Parameters
    ----------
    names
        Columns, in order.
    rows
        Mappings of column to value.
    more
        Further columns and the value that each row has there.

    Returns
    -------
    bytes
        UTF-8 without byte order mark, lines end with CR LF, one header line. Numbers have all
        their digits, what is not known is empty, lists are words with spaces between. Text keeps no
        control characters, and what a spreadsheet would compute begins with an apostrophe.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([*names, *more])
    shared = [_cell(value) for value in more.values()]
    writer.writerows([*(_cell(row[name]) for name in names), *shared] for row in rows)
    return target.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, float) and math.isnan(value):
        return ""
    cell = join_words(value)
    return _neutralise(strip_controls(cell)) if isinstance(cell, str) else cell


def _neutralise(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would compute (OWASP, CSV injection)."""
    computed = _FORMULA.match(text) is not None and _NUMBER.fullmatch(text) is None
    return f"'{text}" if computed else text
