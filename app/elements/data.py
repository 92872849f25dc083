"""What the page's script starts from: one JSON block, no code."""

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

from app.elements.base import Bundle, PageElement, escape_json

__all__ = ["DataBlock", "map_address", "without_shared_geometry"]


def map_address(plan: str, day: str, ground: Mapping[str, str] | None = None) -> str:
    """Return the address of a bundle, relative to the page.

    Parameters
    ----------
    plan, day
        Identifier of the plan and ISO 8601 date of the line.
    ground
        ``source`` and ``boundaries`` where they are not the project's own, in this order.

    Returns
    -------
    str
        The very address that the page's script asks for, so that a preload serves it.

    Examples
    --------
    >>> map_address("point21-axios", "2025-11-21")
    'api/map?plan=point21-axios&date=2025-11-21'
    """
    named = "".join(f"&{name}={value}" for name, value in (ground or {}).items())
    return f"api/map?plan={plan}&date={day}{named}"


def without_shared_geometry(bundle: Bundle, others: Iterable[Bundle]) -> list[dict[str, Any]]:
    """Leave out of other bundles what they share with the first.

    Plans of one date share their faces: only the attributes differ. A face whose geometry equals
    that of the face with the same oblast and holder in ``bundle`` gets ``None`` in its place,
    which the page's script fills in again.

    Parameters
    ----------
    bundle
        The bundle that keeps its geometry.
    others
        Further bundles; they are not changed.

    Returns
    -------
    list of dict
        One lighter bundle for each of ``others``.
    """
    known = {_face_key(face): face["geometry"] for face in bundle["faces"]["features"]}
    lighter = []
    for other in others:
        features = [
            {**face, "geometry": None}
            if known.get(_face_key(face)) == face["geometry"]
            else dict(face)
            for face in other["faces"]["features"]
        ]
        lighter.append({**other, "faces": {**other["faces"], "features": features}})
    return lighter


def _face_key(face: Mapping[str, Any]) -> tuple[str, str]:
    """Oblast and holder: what a face is, whatever the plan."""
    return face["properties"]["oblast"], face["properties"]["held_by"]


class DataBlock(PageElement):
    """``<script type="application/json">``: where to fetch from, or the bundles themselves.

    Parameters
    ----------
    bundle
        The state shown first.
    settings
        What the script must know of the page: ``map``, the JavaScript variable of Folium's map;
        ``mode``, "served" or "inline"; ``bounds`` and ``focus`` of the first view.
    background
        GeoJSON of the background, embedded when "inline".
    others
        Bundles to choose from beside the first, embedded when "inline".
    """

    template_file = "data.html"

    def __init__(
        self,
        bundle: Bundle,
        *,
        settings: Mapping[str, Any],
        background: Mapping[str, Any] | None,
        others: Iterable[Bundle],
    ) -> None:
        super().__init__("data")
        identity = bundle["identity"]
        self.config: dict[str, Any] = {
            **settings,
            "plan": identity["plan"],
            "date": str(identity["date"]),
        }
        if settings["mode"] == "inline":
            self.config["bundles"] = [bundle, *without_shared_geometry(bundle, others)]
            self.config["background"] = background

    def json(self) -> Markup:
        """Return the block's text, which no markup can escape from."""
        return escape_json(self.config)
