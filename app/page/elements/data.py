"""The JSON block from which the page's script starts.

The state shown first is in the block, served page or not: the map is drawn as soon as Leaflet is
there, without asking again. What else is shown later, a served page fetches.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

from app.i18n.languages import feature_words, script_words
from app.page.elements.base import Bundle, PageElement, escape_json

__all__ = ["DataBlock", "without_shared_geometry"]


def without_shared_geometry(bundle: Bundle, others: Iterable[Bundle]) -> list[dict[str, Any]]:
    """Leave out of bundles what the picture of the first one shows.

    Plans of one date share their faces: only the attributes differ. A face whose geometry equals
    that of the face with the same oblast and holder in ``bundle`` gets ``None`` in its place, which
    the page's script fills in again from the picture (:mod:`app.page.elements.picture`); and so
    does the line.

    Parameters
    ----------
    bundle
        The bundle that the picture shows.
    others
        Bundles, ``bundle`` perhaps among them; they are not changed.

    Returns
    -------
    list of dict
        One lighter bundle for each of ``others``.
    """
    known = {_face_key(face): face["geometry"] for face in bundle["faces"]["features"]}
    line = bundle.get("contact_line", {}).get("geometry")
    lighter = []
    for other in others:
        features = [
            {**face, "geometry": None}
            if known.get(_face_key(face)) == face["geometry"]
            else dict(face)
            for face in other["faces"]["features"]
        ]
        faces = {**other["faces"], "features": features}
        lighter.append({**other, "faces": faces})
        drawn = other.get("contact_line")
        if line and drawn and drawn["geometry"] == line:
            lighter[-1]["contact_line"] = {**drawn, "geometry": None}
    return lighter


def _face_key(face: Mapping[str, Any]) -> tuple[str, str]:
    """Oblast and holder: what a face is, whatever the plan."""
    return face["properties"]["oblast"], face["properties"]["held_by"]


class DataBlock(PageElement):
    """``<script type="application/json">``: settings, and bundles to begin with.

    Parameters
    ----------
    bundle
        The state shown first.
    settings
        What the script must know of the page: ``map``, the JavaScript variable of Folium's map;
        ``mode``, "served" or "inline"; ``bounds`` and ``focus`` of the first view.
    others
        Bundles to choose from beside the first, embedded when "inline".
    """

    template_file = "data.html"

    def __init__(
        self,
        bundle: Bundle,
        *,
        settings: Mapping[str, Any],
        others: Iterable[Bundle],
    ) -> None:
        super().__init__("data")
        identity = bundle["identity"]
        self.config: dict[str, Any] = {
            **settings,
            "plan": identity["plan"],
            "date": str(identity["date"]),
        }
        carried = [bundle, *(others if settings["mode"] == "inline" else ())]
        self.config["bundles"] = without_shared_geometry(bundle, carried)

    @property
    def carries_all_words(self) -> bool:
        """Whether the words of every feature are on the page: an inline page can fetch none."""
        return bool(self.config["mode"] == "inline")

    @property
    def carried_words(self) -> Mapping[str, Any]:
        """Translations for the page's script; none in English, which is the scripts' own."""
        language = self.words.language
        more = feature_words(language) if self.carries_all_words else {}
        return {**script_words(language), **more}

    def words_json(self) -> Markup:
        """Return the translations as text, which no markup can escape from."""
        return escape_json(self.carried_words)

    def json(self) -> Markup:
        """Return the block's text, which no markup can escape from."""
        return escape_json(self.config)
