"""Interactive maps for notebooks: :func:`explore` a scenario, a comparison or a history.

Each is a ``folium.Map`` to which anything that Folium knows can still be added. Leaflet and the
ground stand in the document itself, so that it needs no network, in a notebook or saved as a file.

Importing this module imports Folium: the server never does.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import folium
import jinja2
import numpy as np
import orjson
import shapely
from markupsafe import escape

from app.documents.geojson import line_between, simplify_for_display
from app.page.elements.assets import leaflet_script, leaflet_styles
from app.page.elements.base import Literal, LiteralMacro
from app.page.folium_map import COUNTRY_BOUNDS
from app.palette import LAND, LINE_COLOUR, OUTLINE, SEA, WATER, colours_of
from geo.arrays import Geometries
from geo.comparison.compare import CompareBy, Comparison
from geo.histories.day_areas import HOLDERS as DAY_HOLDERS
from geo.histories.history import History
from geo.io.load import data_directory
from geo.model.boundaries import Boundaries
from geo.model.contact_line import ContactLine
from geo.model.control import Control
from geo.plans.plan import Category
from geo.scenario import Scenario

__all__ = ["OfflineMap", "explore"]

GROUND: Final = {"land": LAND, "lake": WATER}
HOLDERS: Final = {Control.UKRAINE: "#4477aa", Control.RUSSIA: "#aa5544"}
NAMES: Final = {Control.UKRAINE: "Ukrainian-held", Control.RUSSIA: "Russian-held"}
STEPS: Final = ((0.1, 0.85), (0.02, 0.65), (0.005, 0.45), (0.0005, 0.25))
"""From which share of an oblast a change of its holder is drawn how opaque."""

_FINE_DEG: Final = 0.001
"""Differences are small: they are simplified less than a whole country."""


class OfflineMap(folium.Map, LiteralMacro):  # type: ignore[misc,unused-ignore]
    """A Folium map that carries Leaflet inside and asks no other host for anything.

    Parameters
    ----------
    height
        CSS height of the map.
    """

    def __init__(self, *, height: str = "100%") -> None:
        super().__init__(
            tiles=None,
            height=height,
            control_scale=True,
            zoom_snap=0.25,
            attribution_control=False,  # ours has no prefix
        )
        self.default_js = []
        self.default_css = []
        self.fit_bounds(COUNTRY_BOUNDS)
        root: Any = self.get_root()
        header = root.header
        header.add_child(Literal(f"<style>{leaflet_styles()}</style>"), name="leaflet_styles")
        header.add_child(Literal(f"<script>{leaflet_script()}</script>"), name="leaflet")
        ground = f"<style>.leaflet-container {{ background: {SEA} }}</style>"
        header.add_child(Literal(ground), name="ground")


class _Layer(folium.GeoJson, LiteralMacro):  # type: ignore[misc,unused-ignore]
    """Shapes with properties, none of which is read as a template."""


class _Tooltip(folium.GeoJsonTooltip, LiteralMacro):  # type: ignore[misc,unused-ignore]
    """Tooltip of a shape; its text is never a template."""


class _Control(folium.LayerControl, LiteralMacro):  # type: ignore[misc,unused-ignore]
    """The names of layers, which are not read as templates."""


class _Credit(LiteralMacro):  # type: ignore[misc,unused-ignore]
    """Names at the corner of the map where its data come from, and nothing else."""

    _template = jinja2.Template(
        "{% macro script(this, kwargs) %}"
        "L.control.attribution({prefix: false}).addAttribution({{ this.text|tojson }})"
        ".addTo({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call,unused-ignore]
        longest = sorted(dict.fromkeys(names), key=len, reverse=True)
        kept = [
            name
            for row, name in enumerate(longest)
            if not any(name.lower() in other.lower() for other in longest[:row])
        ]
        self.text = "; ".join(str(escape(name)) for name in kept)


def explore(
    shown: Scenario | Comparison | History,
    *,
    by: CompareBy | str = CompareBy.CATEGORY,
    height: str = "100%",
) -> folium.Map:
    """Draw an interactive map.

    Parameters
    ----------
    shown
        A scenario: what becomes of each face. A comparison: the land that differs. A history: how
        the share of each oblast that Russia holds changed from the first day to the last.
    by
        How a comparison compares, see :class:`geo.comparison.compare.CompareBy`.
    height
        CSS height of the map.

    Returns
    -------
    folium.Map
        Layers can be switched off at the top right, hovering says what a shape is. Shapes are
        simplified for the screen, the areas told are those of the full geometry.

    Raises
    ------
    TypeError
        It is none of these.
    """
    page = OfflineMap(height=height)
    if isinstance(shown, Scenario):
        _draw_ground(page, shown.boundaries)
        _draw_scenario(page, shown)
    elif isinstance(shown, Comparison):
        _draw_ground(page, shown.a.partition.boundaries)
        _draw_comparison(page, shown, CompareBy(by))
    elif isinstance(shown, History):
        _draw_ground(page, shown.table.boundaries)
        _draw_history(page, shown)
    else:
        raise TypeError(
            f"expected a Scenario, Comparison or History; got {type(shown).__name__}. "
            "Use .to_geodataframe().explore() for other tables of shapes."
        )
    _Control(position="bottomleft", collapsed=False).add_to(page)
    _Credit(_attributions(shown)).add_to(page)
    return page


def _attributions(shown: Scenario | Comparison | History) -> list[str]:
    if isinstance(shown, History):
        days = f"lines of {shown.source}"
        return [shown.table.boundaries.provenance.attribution, days]
    settlements = (shown.a, shown.b) if isinstance(shown, Comparison) else (shown.settlement,)
    parts = [settlement.partition for settlement in settlements]
    units = [part.boundaries.provenance.attribution for part in parts]
    return units + [part.line.provenance.attribution for part in parts]


def _draw_ground(page: folium.Map, boundaries: Boundaries) -> None:
    """Draw land and lakes from our own file, so that no tiles are needed."""
    found = orjson.loads((data_directory() / "background.geojson").read_bytes())
    for layer, colour in GROUND.items():
        features = [item for item in found["features"] if item["properties"]["layer"] == layer]
        style = {"fillColor": colour, "fillOpacity": 1, "weight": 0, "interactive": False}
        _add(page, features, style, name=layer, control=False)
    shapes = simplify_for_display(boundaries.geometry)
    style = {"fillOpacity": 0, "color": OUTLINE, "weight": 0.8, "interactive": False}
    _add(page, _features(shapes, [{}] * len(shapes)), style, name="Oblasts", control=False)


def _draw_scenario(page: folium.Map, scenario: Scenario) -> None:
    shapes = simplify_for_display(scenario.settlement.geometry)
    for layer in scenario.layers:
        facts = [
            {
                "oblast": scenario.boundaries.name_en[scenario.partition.oblast_row[row]],
                "becomes": outcome.label,
                "held by": NAMES[outcome.held_by],
                "recognised as": outcome.recognised_as.replace("_", " "),
                "forces allowed": outcome.forces_allowed.replace("_", " "),
                "clauses": ", ".join(outcome.clauses),
                "km²": f"{scenario.partition.area_km2[row]:,.0f}",
            }
            for row, outcome in zip(layer.rows, layer.outcomes, strict=True)
        ]
        colour = colours_of(layer.category)[1]
        name = f"{layer.label}: {layer.area_km2:,.0f} km²"
        _add(page, _features(shapes[layer.rows], facts), _fill(colour), name=name, colour=colour)
    ours = scenario.partition.held_by == Control.UKRAINE
    _draw_line(page, scenario.line, line_between(shapes[ours], shapes[~ours]))


def _draw_comparison(page: folium.Map, found: Comparison, by: CompareBy) -> None:
    differences = found.differences(by)
    shapes = np.array([item.geometry for item in differences], dtype=object)
    shapes = simplify_for_display(shapes, tolerance_deg=_FINE_DEG)
    pairs = dict.fromkeys((item.before, item.after) for item in differences)
    for before, after in pairs:
        kinds = [(item.before, item.after) for item in differences]
        rows = [row for row, kind in enumerate(kinds) if kind == (before, after)]
        facts = [
            {
                "oblast": differences[row].name_en,
                f"{by.value} in a": _say(by, before),
                f"{by.value} in b": _say(by, after),
                "km²": f"{differences[row].area_km2:,.1f}",
            }
            for row in rows
        ]
        area = sum(differences[row].area_km2 for row in rows)
        name = f"{_say(by, before)} → {_say(by, after)}: {area:,.0f} km²"
        colour = _colour(by, after)
        _add(page, _features(shapes[rows], facts), _fill(colour), name=name, colour=colour)
    if len(shapes):
        west, south, east, north = shapely.total_bounds(shapes).tolist()
        page.fit_bounds(((south, west), (north, east)))
    lines = {one.partition.line.date: one.partition.line for one in (found.a, found.b)}
    for line in lines.values():
        _draw_line(page, line, shapely.simplify(line.geometry, _FINE_DEG))


def _draw_history(page: folium.Map, history: History) -> None:
    if not history.days:
        raise ValueError("expected a history with at least one measured day; it has none")
    first, last = history.days[0], history.days[-1]
    units = history.table.boundaries
    column = DAY_HOLDERS.index(Control.RUSSIA)
    was, now = (np.nan_to_num(day.area_km2[:, column]) for day in (first, last))
    gained = (now - was) / units.area_km2
    shapes = simplify_for_display(units.geometry)
    facts = [
        {
            "oblast": units.name_en[row],
            f"Russian-held on {first.date}, km²": f"{was[row]:,.0f}",
            f"Russian-held on {last.date}, km²": f"{now[row]:,.0f}",
            "change, km²": f"{now[row] - was[row]:+,.0f}",
            "change, share of the oblast": f"{gained[row]:+.2%}",
        }
        for row in range(len(units))
    ]
    opacity = np.array([_opacity(share) for share in gained])
    groups = {
        Control.RUSSIA: (gained > 0) & (opacity > 0),
        Control.UKRAINE: (gained < 0) & (opacity > 0),
    }
    for side, chosen in groups.items():
        rows = np.flatnonzero(chosen)
        name = f"More {NAMES[side]} on {last.date} than on {first.date}: {len(rows)} oblasts"
        colour = HOLDERS[side]
        styles = [_fill(colour, opacity=float(opacity[row])) for row in rows]
        features = _features(shapes[rows], [facts[row] for row in rows], styles)
        _add(page, features, {}, name=name, colour=colour)
    still = np.flatnonzero(opacity == 0)
    features = _features(shapes[still], [facts[row] for row in still])
    _add(page, features, _fill(LAND, opacity=0.3), name="No change", colour=LAND)


def _opacity(share: float) -> float:
    return next((opacity for edge, opacity in STEPS if abs(share) >= edge), 0.0)


def _say(by: CompareBy, kind: str) -> str:
    """Name a kind for people."""
    if by is CompareBy.CATEGORY:
        return Category(kind).label
    if by is CompareBy.HELD_BY:
        return NAMES[Control(kind)]
    return kind.replace("_", " ")


def _colour(by: CompareBy, kind: str) -> str:
    if by is CompareBy.CATEGORY:
        return colours_of(Category(kind))[1]
    return HOLDERS.get(Control(kind), OUTLINE) if kind in list(Control) else OUTLINE


def _draw_line(page: folium.Map, line: ContactLine, geometry: shapely.Geometry) -> None:
    drawn = np.array([geometry], dtype=object)
    facts = {"line of contact of": str(line.date), "source": line.source}
    style = {"color": LINE_COLOUR, "weight": 2, "fill": False}
    name = f"Line of contact of {line.date}"
    _add(page, _features(drawn, [facts]), style, name=name, colour=LINE_COLOUR)


def _fill(colour: str, *, opacity: float = 0.75) -> dict[str, Any]:
    return {"fillColor": colour, "fillOpacity": opacity, "color": OUTLINE, "weight": 0.6}


def _features(
    shapes: Geometries,
    facts: Sequence[Mapping[str, object]],
    styles: Sequence[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """Make features; texts are escaped, since Folium's tooltips take them for HTML."""
    own = styles or [{}] * len(shapes)
    return [
        {
            "type": "Feature",
            "id": str(number),  # Folium would else tell features apart by a name with spaces
            "properties": {
                **{str(escape(name)): str(escape(value)) for name, value in fact.items()},
                "style": dict(style),
            },
            "geometry": orjson.loads(shapely.to_geojson(shape)),
        }
        for number, (shape, fact, style) in enumerate(zip(shapes, facts, own, strict=True))
        if not shape.is_empty
    ]


def _add(
    page: folium.Map,
    features: Sequence[dict[str, Any]],
    style: dict[str, Any],
    *,
    name: str,
    colour: str = "",
    control: bool = True,
) -> None:
    """Add features as one layer, in the control with a patch of its colour."""
    if not features:
        return
    fields = [field for field in features[0]["properties"] if field != "style"]
    box = f"display:inline-block;width:.8em;height:.8em;border:1px solid {OUTLINE}"
    swatch = f'<span style="{box};background:{colour}" aria-hidden="true"></span> '
    tooltip = _Tooltip(fields, aliases=fields, sticky=True) if control else None
    _Layer(
        {"type": "FeatureCollection", "features": list(features)},
        name=f"{swatch if control else ''}{escape(name)}",
        control=control,
        smooth_factor=0,
        style_function=lambda feature: {**style, **feature["properties"].get("style", {})},
        tooltip=tooltip,
    ).add_to(page)
