"""Scripts, styles and images: where they are served, and how they go into one file.

Served pages link to files. A self-contained page carries the same files inside: style sheets
with their images as data addresses, and the modules joined into one script.
"""

import base64
import re
from functools import cache
from typing import Final

from app.assets import LEAFLET, STATIC

__all__ = [
    "LEAFLET_CSS",
    "LEAFLET_JS",
    "MODULES",
    "STYLES",
    "join_modules",
    "leaflet_script",
    "leaflet_styles",
    "own_styles",
]

ENTRY: Final = "main.js"
STYLES: Final = ("palette.css", "page.css", "map.css")
LEAFLET_JS: Final = "assets/leaflet/leaflet.js"
LEAFLET_CSS: Final = "assets/leaflet/leaflet.css"

_IMPORT: Final = re.compile(r'^import \{[^}]*\} from "\./([a-z]+\.js)";\n', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?=(?:async )?(?:function|const|class)\b)", re.MULTILINE)
_ADDRESS: Final = re.compile(r"url\(([^)]+)\)")
_SOURCE_MAP: Final = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)


def _own(name: str) -> str:
    """Read one of the page's own files."""
    return STATIC.read(name)[0].decode()


def _imports(module: str) -> list[str]:
    """Names of the modules that a module imports, in order."""
    return _IMPORT.findall(_own(module))


def _in_order(module: str, done: list[str]) -> list[str]:
    """Append a module to ``done`` after everything that it imports."""
    for needed in _imports(module):
        if needed not in done:
            _in_order(needed, done)
    if module not in done:
        done.append(module)
    return done


MODULES: Final = tuple(_in_order(ENTRY, []))
"""The page's modules, each after those that it imports; the last is the entry."""


@cache
def join_modules() -> str:
    """Join the page's modules into the text of one script.

    Returns
    -------
    str
        JavaScript without imports and exports, in a strict function of its own. Unlike a module
        it runs before the page is first painted, and so the map is on the first painting.

    Raises
    ------
    ValueError
        A module uses a form of import or export that this joining does not know. The page's
        modules keep to ``import { name } from "./file.js";`` and to exported declarations, so
        that no build step is needed.
    """
    parts = []
    for module in MODULES:
        text = _EXPORT.sub("", _IMPORT.sub("", _own(module)))
        if re.search(r"^\s*(import|export)\b", text, re.MULTILINE):
            msg = f"{module}: only named imports of ./file.js and exported declarations are joined"
            raise ValueError(msg)
        parts.append(f"// {module}\n{text}")
    text = "\n".join(parts)
    return _for_script(f'(() => {{\n"use strict";\n{text}}})();\n')


@cache
def leaflet_script() -> str:
    """Return Leaflet's script from the installed package, ready to stand in a page."""
    return _for_script(_SOURCE_MAP.sub("", LEAFLET.read("leaflet.js")[0].decode()))


@cache
def leaflet_styles() -> str:
    """Return Leaflet's styles from the installed package, images inside."""
    return _ADDRESS.sub(_data_address, LEAFLET.read("leaflet.css")[0].decode())


@cache
def own_styles() -> str:
    """Return the page's own styles, joined in the order in which they are linked."""
    return "\n".join(_own(name) for name in STYLES)


def _data_address(match: re.Match[str]) -> str:
    """Replace the address of an image in Leaflet's styles by the image itself."""
    name = match[1].strip("\"'")
    if name.startswith("#"):
        return match[0]
    image, media_type = LEAFLET.read(name)
    return f"url(data:{media_type};base64,{base64.b64encode(image).decode()})"


def _for_script(text: str) -> str:
    """Make sure that no text of a script can end the element that it stands in."""
    return re.sub(r"</(script)", r"<\\/\1", text, flags=re.IGNORECASE).replace("<!--", "<\\!--")
