"""``point21 publish``."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from app.terminal.options import BoundariesOption, JsonOption, SourceOption, open_catalogue
from app.terminal.output import print_line, print_table, show_progress, write_bytes

if TYPE_CHECKING:
    from datetime import date as Day  # noqa: N812

    from app.datasets.catalogue import Catalogue

__all__ = ["EXAMPLES", "publish"]

EXAMPLES = (
    "Examples: `point21 publish postgis://me@localhost/maps` · `point21 publish "
    "postgis://me@localhost/maps --all-plans --all-dates` · `point21 publish "
    "postgis://me@localhost/maps --reading luhansk_pocket:recognised --reading "
    "luhansk_pocket:retained`. The password comes from PGPASSWORD or ~/.pgpass"
)


_Address = Annotated[
    str, typer.Argument(help="Of the database: postgis://USER@HOST:PORT/DATABASE.")
]
_Plan = Annotated[
    list[str] | None, typer.Option("--plan", help="A plan; repeat it.", metavar="ID|FILE")
]
_Date = Annotated[
    list[str] | None,
    typer.Option("--date", help="A day; repeat it. By default the plan's.", metavar="DAY"),
]
_Reading = Annotated[
    list[str] | None,
    typer.Option(
        "--reading",
        help="A reading; repeat it. Options of one reading are published side by side.",
        metavar="ID:OPTION",
    ),
]


def publish(
    address: _Address,
    plan: _Plan = None,
    all_plans: Annotated[bool, typer.Option("--all-plans", help="Every plan.")] = False,
    date: _Date = None,
    all_dates: Annotated[bool, typer.Option("--all-dates", help="Every day with a line.")] = False,
    reading: _Reading = None,
    source: SourceOption = None,
    boundaries: BoundariesOption = None,
    schema: Annotated[str, typer.Option(help="Schema to publish into.")] = "point21",
    json: JsonOption = False,
) -> None:
    """Publish layers and tables into PostGIS, all in one transaction.

    Needs the extra `postgis`. Publishing the same again replaces it.
    """
    from app.documents.geojson import write_json
    from app.postgis.address import parse_address
    from app.postgis.publishing import publish as write

    target = parse_address(address)
    catalogue = open_catalogue(source, boundaries)
    plans = list(catalogue.dataset.plans) if all_plans else plan or [catalogue.default_plan]
    days: Sequence[str | None] = date or [None]
    if all_dates:
        days = [str(day) for day in catalogue.dataset.lines.dates]
    wanted = list(_plan_work(catalogue, plans, days, reading or ()))
    with show_progress("publishing") as progress:
        written = write(
            target,
            (catalogue.select(plan_id, day, readings=chosen) for plan_id, day, chosen in wanted),
            schema=schema,
            progress=lambda done: progress(done, len(wanted)),
        )
    if json:
        report = {"database": str(target), "schema": schema, "rows": written}
        write_bytes(write_json(report), None)
        return
    print_line(f"Published into schema {schema} of {target}.")
    rows = [{"table": table, "rows": count} for table, count in written.items()]
    print_table([("table", ""), ("rows", "")], rows, title="")


def _plan_work(
    catalogue: "Catalogue",
    plans: Sequence[str],
    days: Sequence[str | None],
    readings: Sequence[str],
) -> "Iterator[tuple[str, Day, Mapping[str, str]]]":
    """Yield what is to be published, each once; what does not exist is refused at once.

    One day after the other, so that the country is divided once for all plans.
    """
    from app.parameters import parse_date
    from geo.plans.selection import choose_day

    options: dict[str, list[str]] = {}
    for text in readings:
        name, _, option = text.partition(":")
        options.setdefault(name, []).append(option)
    choices = [
        dict(zip(options, chosen, strict=True)) for chosen in itertools.product(*options.values())
    ]
    seen = set()
    for day, plan_id, chosen in itertools.product(days, plans, choices):
        plan = catalogue.read(plan_id, chosen)
        dates = catalogue.dataset.lines.dates
        line = catalogue.line(choose_day(plan, dates, parse_date(day), named=tuple(chosen)))
        key = (plan.id, line.date, plan.choices)
        if key not in seen:
            seen.add(key)
            yield plan_id, line.date, chosen
