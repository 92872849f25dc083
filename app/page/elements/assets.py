"""Scripts, styles and images: where they are served, and how they go into one file.

Served pages link to files. A self-contained page carries the same files inside: style sheets
with their images as data addresses, and the modules joined into one script. The features that a
served page loads when somebody asks for them are carried too, unless they need the server.
"""

import base64
import posixpath
import re
from functools import cache
from typing import Final

from app.assets import LEAFLET, STATIC

__all__ = [
    "FEATURES",
    "LEAFLET_CSS",
    "LEAFLET_JS",
    "MODULES",
    "STYLES",
    "join_modules",
    "leaflet_script",
    "leaflet_styles",
    "own_styles",
]

FIRST: Final = "core/first_view.js"
ENTRY: Final = "core/app.js"
REGISTRY: Final = "core/tool_registry.js"
STYLES: Final = ("styles/palette.css", "styles/page.css", "styles/map.css", "styles/picture.css")
LEAFLET_JS: Final = "assets/leaflet/leaflet.js"
LEAFLET_CSS: Final = "assets/leaflet/leaflet.css"

_IMPORT: Final = re.compile(
    r'^import \{([^}]*)\} from "((?:\.\.?/)+[a-z0-9_/]+\.js)";\n', re.MULTILINE
)
_EXPORT: Final = re.compile(
    r"^export ((?:async )?(?:function|const|class)\b\*? ?)([A-Za-z_$][\w$]*)", re.MULTILINE
)
_STYLE_IMPORT: Final = re.compile(
    r'^@import url\("((?:\.\./)*[a-z0-9_/]+\.css)"\);\n', re.MULTILINE
)
_FEATURE: Final = re.compile(r"^  ([a-z]+): \{(.*)\},$", re.MULTILINE)
_ADDRESS: Final = re.compile(r"url\(([^)]+)\)")
_SOURCE_MAP: Final = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)
_ONCE: Final = "const once = (make) => { let made; return () => (made ??= make()); };\n"


def _own(name: str) -> str:
    """Read one of the page's own files."""
    return STATIC.read(name)[0].decode()


def _imports(module: str) -> list[str]:
    """Names of the modules that a module imports, in order."""
    folder = posixpath.dirname(module)
    found = (match[2] for match in _IMPORT.finditer(_own(module)))
    return [posixpath.normpath(posixpath.join(folder, address)) for address in found]


def _in_order(module: str, done: list[str], above: tuple[str, ...] = ()) -> list[str]:
    """Append a module to ``done`` after everything that it imports, and return ``done``."""
    if module in above:
        raise ValueError(f"modules import each other in a circle: {' > '.join((*above, module))}")
    for needed in _imports(module):
        if needed not in done:
            _in_order(needed, done, (*above, module))
    if module not in done:
        done.append(module)
    return done


MODULES: Final = tuple(_in_order(ENTRY, _in_order(FIRST, [])))
"""The page's modules, each after those that it imports; the last is the entry, which runs when
Leaflet is there. What ``core/first_view.js`` needs runs before."""


def _features() -> dict[str, bool]:
    """Features that the registry lists, and whether each of them asks the server."""
    lines = _FEATURE.findall(_own(REGISTRY))
    return {name: "server: true" in rest for name, rest in lines}


FEATURES: Final = tuple(_features())
"""Names of the features, whose modules are loaded when somebody asks for them."""


def _carried() -> list[str]:
    """Features that work without a server."""
    return [name for name, asks in _features().items() if not asks]


def _scope(module: str, *, lazy: frozenset[str]) -> str:
    """Write a module as a function of its own that returns what the module exports.

    Names that two modules have in common do not meet: each function is a scope, and what a module
    imports it takes from what another returned.
    """
    text = _own(module)
    taken = []
    for match, needed in zip(_IMPORT.finditer(text), _imports(module), strict=True):
        names = re.sub(r"\s+as\s+", ": ", " ".join(match[1].split()).rstrip(","))
        taken.append(f"const {{ {names} }} = {_variable(needed)}{'()' * (needed in lazy)};\n")
    exports = ", ".join(name for _, name in _EXPORT.findall(text))
    body = _EXPORT.sub(r"\1\2", _IMPORT.sub("", text))
    if re.search(r"^\s*(?:import\s*[\w{*\"']|export\b)", body, re.MULTILINE):
        msg = f"{module}: only named imports of ./file.js and exported declarations are joined"
        raise ValueError(msg)
    back = f"return {{ {exports} }};\n" if exports else ""
    return f"(() => {{\n{''.join(taken)}{body}{back}}})"


def _variable(module: str) -> str:
    """Name the constant that holds what a module exports."""
    return "m_" + re.sub(r"\W", "_", module.removesuffix(".js"))


@cache
def join_modules(*, inline: bool = False) -> str:
    """Join the page's modules into the text of one script.

    Parameters
    ----------
    inline
        Carry the features that need no server as well.

    Returns
    -------
    str
        JavaScript without imports and exports, in a strict function of its own, each module in a
        scope of its own. Unlike a module it runs before the page is first painted, and so the words
        and the place of the picture are on the first painting. The entry is a function, which
        ``core/first_view.js`` calls as soon as Leaflet is there. What only the entry or a feature
        needs is not even compiled before it is asked for.

    Raises
    ------
    ValueError
        A module uses a form of import or export that this joining does not know, or modules
        import each other in a circle. The page's modules keep to
        ``import { name } from "./file.js";`` and to exported declarations, so that no build step
        is needed.
    """
    carried = _carried() if inline else []
    order = list(MODULES)
    for name in carried:
        _in_order(f"tools/{name}/{name}.js", order)
    lazy = frozenset(order) - frozenset(_in_order(FIRST, []))
    parts = [_ONCE]
    for module in order:
        if module == ENTRY:
            continue
        made = _scope(module, lazy=lazy)
        made = f"once({made})" if module in lazy else f"{made}()"
        parts.append(f"// {module}\nconst {_variable(module)} = {made};\n")
    for name in carried:
        made = _variable(f"tools/{name}/{name}.js")
        parts.append(f"{_variable(REGISTRY)}.carried.{name} = {made};\n")
    main = _scope(ENTRY, lazy=lazy)
    parts.append(f"// {ENTRY}\n{_variable(FIRST)}.openFirst({main});\n")
    text = "".join(parts)
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
def own_styles(*, inline: bool = False, embedded: bool = False) -> str:
    """Return the page's own styles, joined in the order in which they are linked.

    Parameters
    ----------
    inline
        Add those of the features that need no server; a served page links to them when needed.
    embedded
        Add those of the reduced page for frames.
    """
    more = [f"tools/{name}/{name}.css" for name in _carried()] if inline else []
    more += ["styles/embed.css"] if embedded else []
    return "\n".join(_style(name) for name in (*STYLES, *more) if name in STATIC.files)


def _style(name: str) -> str:
    """Read a style sheet, and what it imports from its own folder in place of the import."""
    folder = posixpath.dirname(name)
    return _STYLE_IMPORT.sub(
        lambda match: _style(posixpath.normpath(posixpath.join(folder, match[1]))), _own(name)
    )


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
