"""Figures in rows: one cell for each value, CSV, and what every row carries with it."""

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from app.catalogue import Selection
from geo.choosing import write_choices

__all__ = ["identity_columns", "join_words", "write_csv"]

_IDENTITY: Final = ("plan", "date", "source", "boundaries", "readings", "data_version")


def identity_columns(selection: Selection) -> dict[str, str]:
    """Return what figures depend on, so that a row can be read without the file around it."""
    identity = selection.identity
    identity["readings"] = write_choices(identity["readings"])
    return {name: identity[name] for name in _IDENTITY}


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
        their digits, what is not known is empty, lists are words with spaces between.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([*names, *more])
    shared = list(more.values())
    writer.writerows([*(_cell(row[name]) for name in names), *shared] for row in rows)
    return target.getvalue().encode()


def _cell(value: object) -> object:
    return "" if isinstance(value, float) and math.isnan(value) else join_words(value)
