"""Where the clauses of a plan stand in its file."""

import tomllib
from typing import Final

__all__ = ["clause_lines"]

_MOST_HEADERS: Final = 500
"""More tables than any plan has: reading the beginnings of such a file would take too long."""


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
    The reader of TOML itself says where a clause begins: the text up to a line with a header is
    read, and a header of a clause is one that adds a clause. What only looks like a header, inside
    a text of several lines, does not end a document that can be read.

    Examples
    --------
    >>> clause_lines('title = "a"\n\n[[clause]]\nid = "21.1"\n[[clause]]\nid = "21.2"\n')
    {'21.1': 3, '21.2': 5}
    """
    lines = text.split("\n")
    headers = [row for row, line in enumerate(lines) if line.lstrip().startswith("[[")]
    ids = _ids(text)
    starts: list[int] = []
    for row in headers if len(headers) <= _MOST_HEADERS else []:
        if len(_ids("\n".join(lines[: row + 1]))) == len(starts) + 1:
            starts.append(row + 1)
    return dict(zip(ids, starts, strict=True)) if len(ids) == len(starts) else {}


def _ids(text: str) -> list[str]:
    """Return the ids of the clauses of a document, or of the beginning of one."""
    try:
        clauses = tomllib.loads(text).get("clause", [])
    except tomllib.TOMLDecodeError:
        return []
    return [str(clause.get("id", "")) for clause in clauses if isinstance(clause, dict)]
