"""Line numbers of the clauses in a plan's file."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any, Final

from geo.files.toml import parse_toml

__all__ = ["clause_lines"]

_MOST_READ: Final = 4
"""A text is read at most so many times over; one that needs more is no plan."""


def clause_lines(text: str) -> dict[str, int]:
    r"""Find the line at which each clause of a plan begins.

    Parameters
    ----------
    text
        A plan as TOML.

    Returns
    -------
    dict
        Number of the line, from 1, by id of the clause. Empty where the clauses are not written as
        tables ``[[clause]]``, or the text is no TOML.

    Notes
    -----
    The reader of TOML itself says where a clause begins. What stands between two headers is a
    document of its own; what only looks like a header, inside a text of several lines or a list,
    ends none that can be read.

    Examples
    --------
    >>> clause_lines('title = "a"\n\n[[clause]]\nid = "21.1"\n[[clause]]\nid = "21.2"\n')
    {'21.1': 3, '21.2': 5}
    """
    ids = [
        str(clause.get("id", ""))
        for clause in _read(text).get("clause", [])
        if isinstance(clause, dict)
    ]
    starts = [row + 1 for row, line in _headers(text) if _read(line).get("clause") == [{}]]
    return dict(zip(ids, starts, strict=True)) if len(ids) == len(starts) else {}


def _headers(text: str) -> Iterator[tuple[int, str]]:
    """Yield row and line of each header of a table in a list."""
    lines, begin, budget = text.split("\n"), 0, _MOST_READ * len(text) + 1
    for row, line in enumerate(lines):
        if not line.lstrip().startswith("[["):
            continue
        part = "\n".join(lines[begin:row])
        budget -= len(part)
        if budget < 0:
            return
        if not part.strip() or _read(part, otherwise=None) is not None:
            begin = row
            yield row, line


def _read(text: str, *, otherwise: Any = MappingProxyType({})) -> Any:  # noqa: ANN401
    try:
        return parse_toml(text)
    except ValueError:
        return otherwise
