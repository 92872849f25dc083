"""Documents of ``/ogc`` as HTML without scripts."""

from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from typing import Any, Final

import orjson
import shapely

from app.assets import STATIC
from app.documents.geojson import write_json
from app.palette import LINE_COLOUR, colours_of
from geo.plans.categories import Category

__all__ = ["render_page"]

_STYLE: Final = "styles/ogc.css"
_WIDTH: Final = 900
_DETAIL: Final = 0.002
"""Smallest detail of the sketch, as a share of its width."""

_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header><nav aria-label="Where this is">{trail}</nav><h1>{title}</h1>{description}</header>
<main>{body}</main>
</body>
</html>
"""


def render_page(document: Mapping[str, Any], *, base: str, trail: Sequence[str]) -> str:
    """Write a document as a page.

    Parameters
    ----------
    document
        Any answer under ``/ogc``.
    base
        Address of ``/ogc``.
    trail
        The parts of its path.
    """
    plain: dict[str, Any] = orjson.loads(write_json(document))
    parts = [_pages(plain), _sketch(plain), _features(plain), _listed(plain), _facts(plain)]
    return _PAGE.format(
        title=escape(str(plain.get("title") or " / ".join(trail) or "Features")),
        style=_style(),
        trail=_trail(base, trail),
        description=f"<p>{escape(plain['description'])}</p>" if plain.get("description") else "",
        body="".join(parts),
    )


@cache
def _style() -> str:
    return STATIC.read(_STYLE)[0].decode()


def _trail(base: str, trail: Sequence[str]) -> str:
    steps = [f'<a href="{escape(base)}?f=html">ogc</a>']
    for depth, part in enumerate(trail, 1):
        address = "/".join((base, *trail[:depth]))
        steps.append(f'<a href="{escape(address)}?f=html">{escape(part)}</a>')
    return " / ".join(steps)


def _anchor(link: Mapping[str, str]) -> str:
    title = link.get("title") or link["rel"]
    return f'<a href="{escape(link["href"])}" rel="{escape(link["rel"])}">{escape(title)}</a>'


def _pages(document: Mapping[str, Any]) -> str:
    if "numberMatched" not in document:
        return ""
    ways = [_anchor(link) for link in document["links"] if link["rel"] in ("prev", "next")]
    told = f"{document['numberReturned']} of {document['numberMatched']} features"
    return f"<p>{' · '.join([told, *ways])}</p>"


def _features(document: Mapping[str, Any]) -> str:
    features = _features_of(document)
    if not features:
        return ""
    names = list(features[0]["properties"])
    head = "".join(f"<th scope=col>{escape(name)}</th>" for name in ("id", *names))
    rows = "".join(
        f"<tr><th scope=row>{escape(str(feature['id']))}</th>"
        + "".join(f"<td>{_cell(feature['properties'][name])}</td>" for name in names)
        + "</tr>"
        for feature in features
    )
    return f"<div class=table tabindex=0><table><tr>{head}</tr>{rows}</table></div>"


def _features_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    if document.get("type") == "Feature":
        return [dict(document)]
    return list(document.get("features", []))


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:,.4f}" if isinstance(value, float) else escape(str(value))


def _listed(document: Mapping[str, Any]) -> str:
    """List collections, each with its address."""
    items = [
        f'<li><a href="{escape(_own_page(collection))}">{escape(collection["title"])}</a> '
        f"{escape(collection['description'])}</li>"
        for collection in document.get("collections", [])
    ]
    return f"<ul>{''.join(items)}</ul>" if items else ""


def _own_page(collection: Mapping[str, Any]) -> str:
    address = next(link["href"] for link in collection["links"] if link["rel"] == "collection")
    return f"{address}{'&' if '?' in address else '?'}f=html"


_TOLD: Final = {"title", "description", "features", "collections", "type", "geometry", "properties"}


def _facts(document: Mapping[str, Any]) -> str:
    rows = [
        f"<dt>{escape(name)}</dt><dd>{_value(name, value)}</dd>"
        for name, value in document.items()
        if name not in _TOLD
    ]
    return f"<dl>{''.join(rows)}</dl>"


def _value(name: str, value: Any) -> str:  # noqa: ANN401
    if name == "links":
        items = [f"{_anchor(link)} <small>{escape(link.get('type', ''))}</small>" for link in value]
        return _list(items)
    if isinstance(value, dict):
        rows = [
            f"<dt>{escape(key)}</dt><dd>{_value('', inner)}</dd>" for key, inner in value.items()
        ]
        return f"<dl>{''.join(rows)}</dl>"
    if isinstance(value, list):
        return _list([_value("", inner) for inner in value])
    return _cell(value)


def _list(items: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


# --- the sketch --------------------------------------------------------------------------------


def _sketch(document: Mapping[str, Any]) -> str:
    """Draw the features of the page; east–west shortened as at their middle latitude."""
    features = [feature for feature in _features_of(document) if feature["geometry"]]
    if not features:
        return ""
    shapes = [shapely.from_geojson(orjson.dumps(feature["geometry"])) for feature in features]
    west, south, east, north = shapely.total_bounds(shapes)
    shrink = 0.66
    size = max((east - west) * shrink, north - south, 1e-6)
    simple = shapely.simplify(shapes, size * _DETAIL, preserve_topology=False)
    scale = _WIDTH / size

    def place(positions: Any) -> Any:  # noqa: ANN401
        x = (positions[:, 0] - west) * shrink * scale
        y = (north - positions[:, 1]) * scale
        return [f"{across:.1f},{down:.1f}" for across, down in zip(x, y, strict=True)]

    drawn = "".join(
        _draw(shape, _colour(feature["properties"]), place)
        for shape, feature in zip(simple, features, strict=True)
    )
    width, height = (east - west) * shrink * scale + 12, (north - south) * scale + 12
    return (
        f'<svg role="img" aria-label="Sketch of the features on this page" '
        f'viewBox="-6 -6 {width:.0f} {height:.0f}">{drawn}</svg>'
    )


def _colour(properties: Mapping[str, Any]) -> str:
    category = properties.get("category")
    return colours_of(Category(category))[0] if category in list(Category) else "#dde5ee"


def _draw(shape: shapely.Geometry, colour: str, place: Any) -> str:  # noqa: ANN401
    parts = []
    for part in shapely.get_parts(shape):
        if part.geom_type == "Point":
            (spot,) = place(shapely.get_coordinates(part))
            x, y = spot.split(",")
            parts.append(
                f'<circle cx="{x}" cy="{y}" r="2" fill="{colour}" stroke="{LINE_COLOUR}"/>'
            )
            continue
        is_area = part.geom_type == "Polygon"
        rings = [part.exterior, *part.interiors] if is_area else [part]
        path = "".join(
            f"M{' '.join(place(shapely.get_coordinates(ring)))}"
            for ring in rings
            if not ring.is_empty
        )
        fill = colour if is_area else "none"
        parts.append(f'<path d="{path}" fill="{fill}" stroke="{LINE_COLOUR}"/>')
    return "".join(parts)
