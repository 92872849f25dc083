"""Build the map page with Folium.

:func:`build_map` gives a ``folium.Map`` to which anything that Folium knows can still be added;
:func:`render_page` gives its HTML. A served page carries the state shown first and fetches every
other; an inline page is one file that carries everything. Neither asks another host for anything,
unless somebody switches the OpenStreetMap tiles on.

The first view is in the page as a picture (:mod:`app.page.elements.picture`), which is painted
before Leaflet is there. A served page loads Leaflet afterwards, unless somebody has added something
to the map: then Leaflet is in the head, where scripts that need it expect it.

Importing this module imports Folium, which takes longer than the whole server: import it where
it is used.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import folium
import jinja2
from branca.element import Element, Figure
from folium.template import tojavascript
from markupsafe import Markup

from app.i18n.languages import Language, Words, mark, words_of
from app.page.elements import (
    Bundle,
    DataBlock,
    Inspector,
    Languages,
    Legend,
    Notes,
    PageElement,
    Patterns,
    Picture,
    Selectors,
    Statistics,
    describe_offer,
)
from app.page.elements.assets import (
    LEAFLET_CSS,
    LEAFLET_JS,
    join_modules,
    leaflet_script,
    leaflet_styles,
    own_styles,
)
from app.page.elements.base import TEMPLATES, LiteralMacro
from app.version import program_version

__all__ = ["PageFigure", "SettlementMap", "build_map", "render_page"]

MAP_ID: Final = "point21"
TITLE: Final = mark("Point 21 on the map")
COUNTRY_BOUNDS: Final = ((44.2, 22.1), (52.5, 40.3))
"""South-west and north-east corner of the first view, latitude and longitude in degrees."""

ZOOM_SNAP: Final = 0.25
FOCUS_BOUNDS: Final = ((44.3, 31.4), (51.3, 40.3))
"""The same on a narrow screen: where the line runs and what plans speak of."""

TEMPLATES.filters["tojavascript"] = tojavascript


class PageFigure(Figure):  # type: ignore[misc,unused-ignore]
    """The document around the map: language, zoomable viewport, title, preloads.

    Branca's own figure has no language and Folium's forbids zooming, which shuts people out.

    Parameters
    ----------
    page
        The map in it.
    program
        The page's own script, which calls Folium's when Leaflet is there.
    words
        The words of the page's language.
    """

    def __init__(self, page: "SettlementMap", *, program: str, words: Words) -> None:
        super().__init__(title=words.t(TITLE))
        self.words = words
        self.header._children.clear()
        self.page = page
        self.preloads = ((LEAFLET_JS, "script"), (LEAFLET_CSS, "style"))
        self.program = Markup(program)
        self._template = TEMPLATES.get_template("figure.html")

    def t(self, text: str) -> str:
        """Translate a text of the template."""
        return self.words.t(text)

    def block(self, part: str) -> Markup:
        """Return what the map and its elements put into ``header``, ``html`` or ``script``."""
        element: Element = getattr(self, part)
        return Markup(element.render())


class SettlementMap(folium.Map, LiteralMacro):  # type: ignore[misc,unused-ignore]
    """A Folium map with the page's elements around it and Leaflet as its only asset.

    Parameters
    ----------
    inline
        Carry assets inside instead of linking to them.
    embedded
        Lay out the reduced page for frames of other pages.
    """

    _template: jinja2.Template = TEMPLATES.get_template("map.html")

    def __init__(self, *, inline: bool, embedded: bool = False) -> None:
        (south, west), (north, east) = COUNTRY_BOUNDS
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2],
            zoom_start=6,
            tiles=None,
            control_scale=True,
            zoom_control="topright",
            min_zoom=4,
            max_zoom=11,
            zoom_snap=ZOOM_SNAP,
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
        self.is_embedded = embedded
        self.default_js = []
        self.default_css = []

    @property
    def is_late(self) -> bool:
        """Whether Leaflet is loaded after the picture: nothing on the map needs it before."""
        ours = all(isinstance(child, PageElement) for child in self._children.values())
        return ours and not self.inline

    def render(self, **kwargs: object) -> str:
        """Put the map's parts into the figure, and Leaflet into its head unless it comes late."""
        early = not (self.inline or self.is_late)
        self.default_js = [("leaflet", LEAFLET_JS)] if early else []
        self.default_css = [("leaflet_css", LEAFLET_CSS)] if early else []
        rendered = super().render(**kwargs)  # type: ignore[no-untyped-call,unused-ignore]
        return str(rendered or "")

    def t(self, text: str) -> str:
        """Translate a text of the template into the language of the figure around the map."""
        found = getattr(self.get_root(), "words", words_of(Language.ENGLISH))
        return str(found.t(text))

    def slot(self, name: str) -> Markup:
        """Return one of the page's elements as HTML, for the template that lays them out."""
        return Markup(self._children[name].render())

    def embedded(self, asset: str) -> Markup:
        """Return a text that stands in the page itself.

        The page's own styles always do: they are small, and every request less is a map sooner on
        a slow line. Leaflet does in an inline page only.
        """
        made: dict[str, Callable[[], str]] = {
            "styles": lambda: own_styles(inline=self.inline, embedded=self.is_embedded),
            "leaflet styles": leaflet_styles,
            "leaflet": leaflet_script,
        }
        return Markup(made[asset]())


def build_map(
    bundle: Bundle,
    *,
    plans: Sequence[Mapping[str, Any]] = (),
    dates: Sequence[Mapping[str, Any]] = (),
    sources: Sequence[str] = (),
    boundaries: Sequence[str] = (),
    inline: bool = False,
    embedded: bool = False,
    background: Mapping[str, Any] | None = None,
    others: Sequence[Bundle] = (),
    language: Language = Language.ENGLISH,
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
    sources, boundaries
        Short names of the lines' sources and of the sets of first-level units to choose from, the
        default first. By default those of the bundle.
    inline
        Carry everything inside. Otherwise the page loads ``assets/leaflet/`` and fetches from
        ``api/map``, relative to its own address.
    embedded
        Make the reduced page for frames of other pages: map, headline, legend and sources.
    background
        GeoJSON of the background: land, neighbours, coast, lakes and rivers, each told by its
        property ``layer``. Without it the map is drawn on plain ground.
    others
        Bundles of further plans to embed when ``inline``.
    language
        Language of the page. What bundles say in words is shown as it comes.

    Returns
    -------
    folium.Map
        Its ``get_root().render()`` is the page; the same input gives the same text.
    """
    page = SettlementMap(inline=inline, embedded=embedded)
    program = join_modules(inline=inline)
    figure = PageFigure(page, program=program, words=words_of(language))
    figure.add_child(page)
    offer = describe_offer(
        [bundle, *others],
        plans=() if inline else plans,
        dates=() if inline else dates,
        sources=sources,
        boundaries=boundaries,
    )
    settings = _settings(page, offer)
    for element in (
        Patterns(),
        Picture(bundle, background=background, bounds=COUNTRY_BOUNDS),
        Selectors(bundle, offer),
        Legend(bundle),
        *(Statistics(), Inspector(), Languages(bundle), Notes(bundle, embedded=embedded)),
        DataBlock(bundle, settings=settings, others=others),
    ):
        page.add_child(element)
    return page


def _settings(page: SettlementMap, offer: Mapping[str, Any]) -> dict[str, Any]:
    """Say what the script must know of the page."""
    mode = "inline" if page.inline else "served"
    settings: dict[str, Any] = {"map": page.get_name(), "mode": mode, "offer": offer}
    settings["version"] = program_version()
    settings |= {"embedded": True} if page.is_embedded else {}
    settings |= {"bounds": COUNTRY_BOUNDS, "focus": FOCUS_BOUNDS, "snap": ZOOM_SNAP}
    settings["leaflet"] = {"script": LEAFLET_JS, "styles": LEAFLET_CSS}
    return settings


def render_page(
    bundle: Bundle,
    *,
    plans: Sequence[Mapping[str, Any]] = (),
    dates: Sequence[Mapping[str, Any]] = (),
    sources: Sequence[str] = (),
    boundaries: Sequence[str] = (),
    inline: bool = False,
    embedded: bool = False,
    background: Mapping[str, Any] | None = None,
    others: Sequence[Bundle] = (),
    language: Language = Language.ENGLISH,
) -> str:
    """Render the page of :func:`build_map` as HTML.

    Parameters
    ----------
    bundle, plans, dates, sources, boundaries, inline, embedded, background, others, language
        As for :func:`build_map`.

    Returns
    -------
    str
        A complete document. Its bytes depend on the arguments alone.
    """
    page = build_map(
        bundle,
        plans=plans,
        dates=dates,
        sources=sources,
        boundaries=boundaries,
        inline=inline,
        embedded=embedded,
        background=background,
        others=others,
        language=language,
    )
    return str(page.get_root().render())
