"""Base class of the page's elements: template, escaping, fixed identity."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import jinja2
import orjson
from branca.element import Element, Figure, MacroElement
from markupsafe import Markup

from app.i18n.languages import Language, Words, words_of

__all__ = ["TEMPLATES", "Bundle", "Literal", "LiteralMacro", "PageElement", "escape_json"]

Bundle = Mapping[str, Any]
"""The mapping that ``GET /api/map`` answers."""

TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).resolve().parent.parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
"""Templates of the page. Whatever they are given is escaped unless it is ``Markup``."""

_IN_SCRIPT: Final = {
    "<": "\\u003c",
    ">": "\\u003e",
    "&": "\\u0026",
    "\u2028": "\\u2028",
    "\u2029": "\\u2029",
}


def escape_json(value: Mapping[str, Any] | Sequence[Any]) -> Markup:
    r"""Write a value as JSON that can stand inside a ``<script>`` element.

    Parameters
    ----------
    value
        Anything orjson can write.

    Returns
    -------
    markupsafe.Markup
        JSON in which no character can end the element or open another.

    Examples
    --------
    >>> print(escape_json({"name": "</script>"}))
    {"name":"\u003c/script\u003e"}
    """
    text = orjson.dumps(value).decode()
    for character, replacement in _IN_SCRIPT.items():
        text = text.replace(character, replacement)
    return Markup(text)


class Literal(Element):  # type: ignore[misc,unused-ignore]
    """A finished text. Branca's own elements take every text for the source of a template.

    Parameters
    ----------
    text
        HTML, CSS or JavaScript that is written as it is.

    Examples
    --------
    >>> Literal("{{ 6 * 7 }}").render()
    '{{ 6 * 7 }}'
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = str(text)

    def render(self, **_: object) -> str:
        """Return the text."""
        return self._text


class LiteralMacro(MacroElement):  # type: ignore[misc,unused-ignore]
    """Renders the macros of an element once.

    ``branca.MacroElement`` renders the macros and gives their output to ``branca.Element``, which
    parses it as a template: a title ``{{ … }}`` would be executed. Name this class after the
    element's own (``class Layer(folium.GeoJson, LiteralMacro)``), so that it takes the place of
    ``MacroElement`` alone.
    """

    def render(self, **kwargs: object) -> str:
        """Put the output of the macros into the figure, then render the children."""
        figure = self.get_root()
        if not isinstance(figure, Figure):
            raise TypeError(f"expected {self.get_name()} to be in a Figure before it is rendered")
        for part in ("header", "html", "script"):
            macro = getattr(self._template.module, part, None)
            if macro is not None:
                element = Literal(macro(self, kwargs))
                getattr(figure, part).add_child(element, name=self.get_name())
        for child in self._children.values():
            child.render(**kwargs)
        return ""


class PageElement(Element):  # type: ignore[misc,unused-ignore]
    """One block of the page: a template, the values it shows, and a name that never changes.

    Branca gives every element a random id; the same map would then never have the same bytes,
    and neither an ETag nor a Content-Security-Policy hash would hold. Here the name is the id.

    Parameters
    ----------
    name
        Name of the block, unique on the page.
    """

    template_file: str

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._id = ""
        self._template = TEMPLATES.get_template(self.template_file)

    def get_name(self) -> str:
        """Return the name under which the parent keeps this element."""
        return self._name

    @property
    def words(self) -> Words:
        """The words of the page around the element; English on a page without a language."""
        root = self.get_root()
        found = None if root is self else getattr(root, "words", None)
        return found if isinstance(found, Words) else words_of(Language.ENGLISH)

    def t(self, text: str, **values: object) -> str:
        """Translate a text of the template into the page's language."""
        return self.words.t(text, **values)
