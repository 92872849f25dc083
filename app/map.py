"""The map page, built with Folium.

:func:`build_map` gives a ``folium.Map`` to which anything that Folium knows can still be added;
:func:`render_page` gives its HTML. A served page links to its assets and fetches its data while
they load; an inline page is one file that carries everything. Neither asks another host for
anything, unless somebody switches the OpenStreetMap tiles on.

Importing this module imports Folium, which takes longer than the whole server: import it where
it is used.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import folium
import jinja2
from branca.element import Element, Figure
from folium.template import tojavascript
from markupsafe import Markup

from app.elements import (
    Bundle,
    DataBlock,
    Inspector,
    Legend,
    Notes,
    Patterns,
    Selectors,
    Statistics,
)
from app.elements.assets import (
    LEAFLET_CSS,
    LEAFLET_JS,
    MODULES,
    STYLES,
    join_modules,
    leaflet_script,
    leaflet_styles,
    own_styles,
)
from app.elements.base import TEMPLATES
from app.elements.data import map_address
from app.grounds import foreign_ground

__all__ = ["PageFigure", "SettlementMap", "build_map", "render_page"]

MAP_ID: Final = "point21"
BACKGROUND: Final = "map/background.json"
TITLE: Final = "Point 21 on the map"
COUNTRY_BOUNDS: Final = ((44.2, 22.1), (52.5, 40.3))
"""South-west and north-east corner of the first view, latitude and longitude in degrees."""

FOCUS_BOUNDS: Final = ((44.3, 31.4), (51.3, 40.3))
"""The same on a narrow screen: where the line runs and what plans speak of."""

TEMPLATES.filters["tojavascript"] = tojavascript


class PageFigure(Figure):  # type: ignore[misc,unused-ignore]
    """The document around the map: language, zoomable viewport, title, preloads.

    Branca's own figure has no language and Folium's forbids zooming, which shuts people out.

    Parameters
    ----------
    preloads
        Addresses fetched as data while scripts load.
    modules
        Addresses of modules loaded ahead of the entry that imports them; the last is the entry.
    """

    def __init__(self, *, preloads: Sequence[str], modules: Sequence[str]) -> None:
        super().__init__(title=TITLE)
        self.header._children.clear()
        self.preloads = tuple(preloads)
        self.modules = tuple(modules)
        self._template = TEMPLATES.get_template("figure.html")

    def block(self, part: str) -> Markup:
        """Return what the map and its elements put into ``header``, ``html`` or ``script``."""
        element: Element = getattr(self, part)
        return Markup(element.render())


class SettlementMap(folium.Map):  # type: ignore[misc,unused-ignore]
    """A Folium map with the page's elements around it and Leaflet as its only asset.

    Parameters
    ----------
    inline
        Carry assets inside instead of linking to them.
    """

    _template: jinja2.Template = TEMPLATES.get_template("map.html")

    def __init__(self, *, inline: bool) -> None:
        (south, west), (north, east) = COUNTRY_BOUNDS
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2],
            zoom_start=6,
            tiles=None,
            control_scale=True,
            zoom_control="topright",
            min_zoom=4,
            max_zoom=11,
            zoom_snap=0.25,
            zoom_delta=0.5,
            max_bounds=True,
            min_lat=south - 4,
            max_lat=north + 4,
            min_lon=west - 8,
            max_lon=east + 8,
            max_bounds_viscosity=0.6,
            attribution_control=False,
        )
        self._id = MAP_ID
        self.inline = inline
        own = [] if inline else [(name, f"static/{name}") for name in STYLES]
        self.default_js = [] if inline else [("leaflet", LEAFLET_JS)]
        self.default_css = [] if inline else [("leaflet_css", LEAFLET_CSS), *own]

    def slot(self, name: str) -> Markup:
        """Return one of the page's elements as HTML, for the template that lays them out."""
        return Markup(self._children[name].render())

    def embedded(self) -> dict[str, Markup]:
        """Return the assets that an inline page carries: styles and scripts."""
        texts = {
            "styles": leaflet_styles() + own_styles(),
            "leaflet": leaflet_script(),
            "modules": join_modules(),
        }
        return {name: Markup(text) for name, text in texts.items()}


def _address(bundle: Bundle) -> str:
    identity = bundle["identity"]
    return map_address(identity["plan"], _day(bundle), foreign_ground(identity))


def _settings(page: SettlementMap, *, inline: bool) -> dict[str, Any]:
    return {
        "map": page.get_name(),
        "mode": "inline" if inline else "served",
        "bounds": COUNTRY_BOUNDS,
        "focus": FOCUS_BOUNDS,
    }


def build_map(
    bundle: Bundle,
    *,
    plans: Sequence[Mapping[str, Any]] = (),
    dates: Sequence[Mapping[str, Any]] = (),
    inline: bool = False,
    background: Mapping[str, Any] | None = None,
    others: Sequence[Bundle] = (),
) -> folium.Map:
    """Build the map of one plan on one day, with everything around it.

    Parameters
    ----------
    bundle
        What ``GET /api/map`` answers for the plan and the day shown first.
    plans
        Plans to choose from: mappings with ``id`` and ``title`` or ``title_short``. By default
        those of the bundles.
    dates
        Days to choose from: mappings with ``date`` (ISO 8601). By default that of the bundle.
        An inline page can only offer what it carries, and offers no other.
    inline
        Carry everything inside. Otherwise the page links to ``static/``, ``assets/leaflet/``,
        ``api/map`` and ``map/background.json``, relative to its own address.
    background
        GeoJSON of the background; needed when ``inline``.
    others
        Bundles of further plans to embed when ``inline``.

    Returns
    -------
    folium.Map
        Its ``get_root().render()`` is the page; the same input gives the same text.

    Raises
    ------
    ValueError
        ``inline`` without a background.
    """
    if inline and background is None:
        msg = "an inline page carries its background: pass background=, the GeoJSON mapping"
        raise ValueError(msg)
    embedded = [bundle, *others]
    if inline or not plans:
        plans = [entry["plan"] for entry in embedded]
    if inline or not dates:
        dates = [{"date": day} for day in dict.fromkeys(_day(entry) for entry in embedded)]
    page = SettlementMap(inline=inline)
    figure = PageFigure(
        preloads=() if inline else (_address(bundle), BACKGROUND),
        modules=() if inline else [f"static/{name}" for name in MODULES],
    )
    figure.add_child(page)
    for element in (
        Patterns(),
        Selectors(bundle, plans=plans, dates=dates),
        Legend(bundle),
        Statistics(downloads=not inline),
        Inspector(),
        Notes(bundle),
        DataBlock(
            bundle,
            settings=_settings(page, inline=inline),
            background=background,
            others=others,
        ),
    ):
        page.add_child(element)
    return page


def render_page(
    bundle: Bundle,
    *,
    plans: Sequence[Mapping[str, Any]] = (),
    dates: Sequence[Mapping[str, Any]] = (),
    inline: bool = False,
    background: Mapping[str, Any] | None = None,
    others: Sequence[Bundle] = (),
) -> str:
    """Render the page of :func:`build_map` as HTML.

    Parameters
    ----------
    bundle, plans, dates, inline, background, others
        As for :func:`build_map`.

    Returns
    -------
    str
        A complete document. Its bytes depend on the arguments alone.

    Raises
    ------
    ValueError
        ``inline`` without a background.
    """
    page = build_map(
        bundle, plans=plans, dates=dates, inline=inline, background=background, others=others
    )
    return str(page.get_root().render())


def _day(bundle: Bundle) -> str:
    """ISO 8601 date of a bundle's line."""
    return str(bundle["identity"]["date"])
