"""``point21 search``."""

from typing import Annotated, Any, Final

import typer

from app.terminal.options import (
    BoundariesOption,
    DateOption,
    JsonOption,
    NearestOption,
    OutputOption,
    PlanOption,
    ReadingOption,
    SourceOption,
    print_identity,
    select,
    write_document,
)
from app.terminal.output import print_table
from geo.text import restore_text

__all__ = ["EXAMPLES", "search"]

EXAMPLES = (
    "Examples: `point21 search kramat` · `point21 search Артемівськ` · "
    "`point21 search chasov-yar --json` · `point21 search '48.74, 37.58'`"
)


_INSTEAD: Final = "Give a name in English or Ukrainian, or a position: latitude, longitude."


def search(
    text: Annotated[
        str, typer.Argument(help="A name or its beginning in any spelling, or a position.")
    ],
    limit: Annotated[int, typer.Option(help="How many are listed.", min=1, max=50)] = 8,
    plan: PlanOption = None,
    date: DateOption = None,
    nearest: NearestOption = None,
    reading: ReadingOption = None,
    source: SourceOption = None,
    boundaries: BoundariesOption = None,
    json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Find settlements and oblasts by name, however it is spelt."""
    from app.documents.search import describe_search
    from geo.errors import UnknownPlaceError

    text = restore_text(text)
    _check(text)
    selection = select(plan, date, reading, nearest=nearest, source=source, boundaries=boundaries)
    document = describe_search(selection, text, limit=limit)
    if json or output is not None:
        write_document(document, selection, output)
        return
    if not document["matches"]:
        instead = document["note"] or _INSTEAD
        raise UnknownPlaceError(
            f"nothing is recorded under a name like {text!r}. {instead}", valid=[]
        )
    print_identity(selection)
    columns = ("name", "ukrainian", "oblast", "lon", "lat", "population", "category", "found")
    print_table(
        [(column, "") for column in columns],
        [_row(match) for match in document["matches"]],
        title=f"{len(document['matches'])} of {document['total']}",
    )


def _check(text: str) -> None:
    from app.errors import InvalidRequestError, ParameterFault
    from geo.places.coordinates import LONGEST_POSITION

    if not 1 <= len(text) <= LONGEST_POSITION:
        message = f"Expected 1 to {LONGEST_POSITION} letters, got {len(text)}."
        raise InvalidRequestError([ParameterFault("text", message)])


def _row(match: dict[str, Any]) -> dict[str, Any]:
    answered = match["spelling"] not in (match["name_en"], match["name_uk"])
    named = f" as {match['spelling']}" if answered and match["kind"] != "position" else ""
    return {
        "name": match["name_en"],
        "ukrainian": match["name_uk"],
        "oblast": match["oblast_name_en"] or "outside the country",
        "lon": match["lon"],
        "lat": match["lat"],
        "population": match["population"],
        "category": match["category"] or "",
        "found": match["how"] + named,
    }
