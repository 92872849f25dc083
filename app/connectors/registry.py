"""Sources that can be fetched: DeepState's daily areas, detailed boundaries of the oblasts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from app.connectors.cache import Shelf, Statement
from app.connectors.download import Downloader
from app.connectors.errors import FetchError, NotPublishedError
from app.connectors.files import Downloaded
from geo.errors import InvalidGeometryError
from geo.io.boundaries import read_boundaries
from geo.io.control import ControlKind, read_control_file
from geo.io.load import load_boundaries

__all__ = [
    "FIRST_DAY",
    "OblastSource",
    "Report",
    "days_between",
    "fetch_deepstate",
    "fetch_oblasts",
    "oblast_shelf",
]

FIRST_DAY: Final = date(2024, 7, 8)
"""The mirror's first day."""

_MOST_DAYS: Final = 3_660


class OblastSource(StrEnum):
    """A source of boundaries."""

    MINREGION = "minregion"
    GEOBOUNDARIES = "geoboundaries"


_STATEMENTS: Final = {
    OblastSource.MINREGION: Statement(
        title="First-level units of Ukraine",
        source="Minregion (Ministry for Communities and Territories Development of Ukraine)",
        url="",
        date="2020-11",
        licence="CC BY-SA",
        licence_url="https://creativecommons.org/licenses/by-sa/4.0/",
        attribution="© Мінрегіон",
    ),
    OblastSource.GEOBOUNDARIES: Statement(
        title="First-level units of Ukraine (geoBoundaries gbOpen UKR ADM1)",
        source="geoBoundaries, from OpenStreetMap (Wambacher)",
        url="https://www.geoboundaries.org/",
        date="2017",
        licence="ODbL 1.0",
        licence_url="https://opendatacommons.org/licenses/odbl/1-0/",
        attribution="© OpenStreetMap contributors; geoBoundaries (Runfola et al., 2020)",
    ),
}
_DEEPSTATE: Final = Statement(
    title="Area of control, one a day",
    source="DeepState, mirror github.com/cyterat/deepstate-map-data",
    url="https://github.com/cyterat/deepstate-map-data",
    date="daily from 2024-07-08",
    licence="not stated; see the mirror and deepstatemap.live before you pass it on",
    licence_url="",
    attribution="DeepState (deepstatemap.live)",
)


@dataclass
class Report:
    """Result of a fetch."""

    statement: Statement
    folder: Path
    fetched: list[Downloaded] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def days_between(first: date, last: date) -> list[date]:
    """List days, both included.

    Raises
    ------
    ValueError
        The last comes before the first, or they are more than ten years apart.
    """
    if last < first:
        raise ValueError(f"expected --from before --to; {first} is after {last}")
    if (last - first).days >= _MOST_DAYS:
        raise ValueError(f"expected at most {_MOST_DAYS:,} days")
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def fetch_deepstate(
    days: Sequence[date],
    downloader: Downloader,
    *,
    cache: Path,
    template: str,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Fetch DeepState's areas of some days into the cache.

    Parameters
    ----------
    days
        Which days; those that are in the cache are not fetched again.
    downloader
        How to fetch.
    cache
        The user's cache.
    template
        Address of a day, with ``{day:%Y%m%d}`` where the day goes.
    progress
        Called with days done and days in all.

    Returns
    -------
    Report
        Days that are not published are listed as missing; a day that fails does not stop the rest.
    """
    shelf = Shelf(cache / "deepstate", _DEEPSTATE)
    report = Report(_DEEPSTATE, shelf.folder)
    with shelf.alone():
        for done, day in enumerate(days, start=1):
            name = f"deepstatemap_data_{day:%Y%m%d}.geojson"
            _fetch_one(report, shelf, downloader, template.format(day=day), name, _check_area)
            if progress is not None:
                progress(done, len(days))
    return report


def oblast_shelf(source: OblastSource, cache: Path) -> Shelf:
    """Return the folder of some boundaries."""
    return Shelf(cache / "oblasts" / source.value, _STATEMENTS[source])


def fetch_oblasts(
    source: OblastSource,
    downloader: Downloader,
    *,
    cache: Path,
    url: str,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Fetch detailed boundaries into the cache; they are checked as they are when used.

    Parameters
    ----------
    source
        Whose boundaries.
    downloader, cache, progress
        See :func:`fetch_deepstate`.
    url
        Their address.

    Raises
    ------
    FetchError
        No address is set.
    """
    if not url:
        raise FetchError(
            f"no address is set for {source}: give it as POINT21_FETCH_{source.name}_URL. "
            "None is built in, because none is known that will last."
        )
    shelf = oblast_shelf(source, cache)
    report = Report(shelf.statement, shelf.folder)
    with shelf.alone():
        _fetch_one(report, shelf, downloader, url, "oblasts.geojson", _check_oblasts)
        if progress is not None:
            progress(1, 1)
    return report


def _fetch_one(
    report: Report,
    shelf: Shelf,
    downloader: Downloader,
    url: str,
    name: str,
    check: Callable[[Path], None],
) -> None:
    if shelf.holds(name):
        report.kept.append(name)
        return
    try:
        got = downloader.fetch(url, shelf.folder / name, check=check)
    except NotPublishedError:
        report.missing.append(name)
    except FetchError as error:
        report.failed[name] = str(error)
    else:
        shelf.note(got)
        report.fetched.append(got)


def _check_area(path: Path) -> None:
    found = read_control_file(path)
    if found.kind is not ControlKind.AREA:
        raise InvalidGeometryError(f"{path.name}: expected an area of control; got a line.")


def _check_oblasts(path: Path) -> None:
    read_boundaries(path, load_boundaries())
