"""``point21 fetch deepstate | oblasts``."""

from datetime import date as day
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.terminal.options import JsonOption
from app.terminal.output import print_facts, print_line, show_progress, write_bytes

if TYPE_CHECKING:
    from app.connectors.registry import Report

__all__ = ["fetch_app"]

fetch_app = typer.Typer(
    no_args_is_help=True,
    help="Fetch published lines and boundaries into your cache. Nothing else needs internet.",
    rich_markup_mode="markdown",
)


@fetch_app.command(
    epilog="Examples: `point21 fetch deepstate --date 2025-11-21` · "
    "`point21 fetch deepstate --from 2025-11-01 --to 2025-11-30` · then "
    "`point21 stats --source deepstate --date 2025-11-21 --by oblast`"
)
def deepstate(
    date: Annotated[str | None, typer.Option(help="One day.", metavar="DAY")] = None,
    first: Annotated[str | None, typer.Option("--from", help="First day.", metavar="DAY")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day.", metavar="DAY")] = None,
    json: JsonOption = False,
) -> None:
    """Fetch DeepState's area of control: one GeoJSON a day, some days missing.

    Without an option: yesterday. Days that are in the cache are not fetched again.
    """
    from app.connectors.download import Downloader
    from app.connectors.registry import fetch_deepstate
    from app.settings import load_settings

    days = _days(date, first, last)
    settings = load_settings()
    with Downloader(settings.fetch_limits) as downloader, show_progress("fetching") as progress:
        report = fetch_deepstate(
            days,
            downloader,
            cache=settings.cache,
            template=settings.fetch_deepstate_url,
            progress=progress,
        )
    _tell(report, json=json)


@fetch_app.command(
    epilog="Examples: `point21 fetch oblasts --source geoboundaries` · then "
    "`point21 stats --boundaries geoboundaries --by oblast`"
)
def oblasts(
    source: Annotated[str, typer.Option(help="minregion or geoboundaries.")],
    json: JsonOption = False,
) -> None:
    """Fetch detailed boundaries of the oblasts."""
    from app.connectors.download import Downloader
    from app.connectors.registry import OblastSource, fetch_oblasts
    from app.parameters import parse_choice
    from app.settings import load_settings

    chosen = parse_choice(OblastSource, source, parameter="source")
    settings = load_settings()
    urls = {"minregion": settings.fetch_minregion_url}
    with Downloader(settings.fetch_limits) as downloader, show_progress("fetching") as progress:
        report = fetch_oblasts(
            chosen,
            downloader,
            cache=settings.cache,
            url=urls.get(source, settings.fetch_geoboundaries_url),
            progress=progress,
        )
    _tell(report, json=json)


def _days(one: str | None, first: str | None, last: str | None) -> list[day]:
    from datetime import UTC, datetime, timedelta

    from app.connectors.registry import FIRST_DAY, days_between
    from app.errors import InvalidRequestError, ParameterFault
    from app.parameters import parse_date

    if one is not None and (first or last):
        message = "Parameter 'date': expected either --date, or --from and --to; got both."
        raise InvalidRequestError([ParameterFault("date", message, one)])
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    if one is not None or not (first or last):
        return [parse_date(one) or yesterday]
    try:
        return days_between(parse_date(first) or FIRST_DAY, parse_date(last) or yesterday)
    except ValueError as error:
        message = f"Parameter 'from': {error}."
        raise InvalidRequestError([ParameterFault("from", message, first)]) from error


def _tell(report: "Report", *, json: bool) -> None:
    """Say what was fetched from where; fail when something failed or nothing is there."""
    from app.connectors.errors import FetchFailedError

    files = [
        {"file": got.path.name, "url": got.url, "bytes": got.bytes, "sha256": got.sha256}
        for got in report.fetched
    ]
    _print(report, files, json=json)
    if report.failed:
        lines = "".join(f"\n  - {name}: {why}" for name, why in report.failed.items())
        raise FetchFailedError(f"{len(report.failed)} could not be fetched:{lines}")
    if not files and not report.kept:
        raise FetchFailedError("nothing is published for what was asked for.")


def _print(report: "Report", files: list[dict[str, Any]], *, json: bool) -> None:
    from dataclasses import asdict

    from app.documents.geojson import write_json

    if json:
        document = {
            "folder": str(report.folder),
            "provenance": asdict(report.statement),
            "fetched": files,
            "kept": report.kept,
            "missing": report.missing,
            "failed": report.failed,
        }
        write_bytes(write_json(document), None)
    else:
        for got in files:
            print_line(f"{got['file']}  {got['bytes']:,} bytes  sha256 {got['sha256']}")
            print_line(f"  from {got['url']}")
        print_facts(
            {
                "in": str(report.folder),
                "source": report.statement.source,
                "licence": report.statement.licence,
                "attribution": report.statement.attribution,
                "fetched": len(files),
                "in the cache already": len(report.kept),
                "not published": report.missing,
            }
        )
