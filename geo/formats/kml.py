"""KML before GDAL reads it: decoded as it declares, without entities, its links known."""

import re
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from geo.errors import DataFormatError
from geo.files.content import decode_text

__all__ = ["CheckedKml", "check_kml"]

_DECLARATION: Final = re.compile(rb"\s*<\?xml[^>]*?\?>")
_ENCODING: Final = re.compile(rb"""encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_MOST_DEPTH: Final = 200
_LINKS: Final = frozenset({"link", "url"})


@dataclass(frozen=True)
class CheckedKml:
    """A KML document that GDAL can be given.

    Parameters
    ----------
    content
        The document in UTF-8 from its first element on: GDAL knows KML by how a file begins.
    links
        What its NetworkLinks point to, as written.
    """

    content: bytes
    links: tuple[str, ...]


def check_kml(content: bytes, *, name: str) -> CheckedKml:
    """Decode a KML document and refuse what could grow without end or read other files.

    Parameters
    ----------
    content
        The bytes of the file.
    name
        The file, for messages.

    Returns
    -------
    CheckedKml
        The document in UTF-8.

    Raises
    ------
    DataFormatError
        It is no KML, is damaged, is in an unknown encoding, or declares a document type.

    References
    ----------
    W3C (2008). Extensible Markup Language 1.0, section 2.8: declarations stand before the first
    element, so that the text of a balloon may hold anything.
    """
    text = _decode(content, name).encode()
    parser = expat.ParserCreate("utf-8")
    seen = _Seen(name, parser)
    parser.StartDoctypeDeclHandler = seen.refuse_declarations
    parser.EntityDeclHandler = seen.refuse_declarations
    parser.StartElementHandler = seen.start
    parser.EndElementHandler = seen.end
    parser.CharacterDataHandler = seen.text
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise DataFormatError(
            f"{name}: expected KML; line {error.lineno} is not well-formed XML "
            f"({expat.ErrorString(error.code)}). Save it again from the program that made it."
        ) from error
    links = tuple(link.strip() for link in seen.links if link.strip())
    return CheckedKml(text[seen.begins :], links)


def _decode(content: bytes, name: str) -> str:
    """Decode by the byte order mark or the XML declaration, and leave both out."""
    declaration = _DECLARATION.match(content)
    stated = _ENCODING.search(declaration[0]) if declaration else None
    if declaration is None or stated is None:
        text = decode_text(content, name=name)
    else:
        encoding = stated[1].decode()
        try:
            text = content.decode(encoding)
        except (LookupError, UnicodeError) as error:
            raise DataFormatError(
                f"{name}: expected text in {encoding!r}, as the XML declaration states; it cannot "
                "be read as that. Save the file as UTF-8."
            ) from error
    return re.sub(r"\A\s*<\?xml[^>]*?\?>", "", text.removeprefix("\ufeff"))


@dataclass(eq=False)
class _Seen:
    """Follows the elements of a document."""

    name: str
    parser: expat.XMLParserType
    begins: int = 0
    links: list[str] = field(default_factory=list)
    path: list[str] = field(default_factory=list)

    def refuse_declarations(self, *_: object) -> None:
        raise DataFormatError(
            f"{self.name}: expected KML without a document type or entities; it declares some. "
            "Remove the declaration that begins with <!DOCTYPE."
        )

    def start(self, element: str, _: object) -> None:
        local = element.rpartition(":")[2].lower()
        if not self.path:
            self.begins = self.parser.CurrentByteIndex
            if local != "kml":
                self._refuse_root(local)
        self.path.append(local)
        if len(self.path) > _MOST_DEPTH:
            raise DataFormatError(
                f"{self.name}: expected at most {_MOST_DEPTH} elements inside each other; it is "
                "nested too deeply. Move the places into fewer folders."
            )
        if self._is_link():
            self.links.append("")

    def _is_link(self) -> bool:
        return (
            len(self.path) > 2
            and self.path[-1] == "href"
            and self.path[-2] in _LINKS
            and self.path[-3] == "networklink"
        )

    def _refuse_root(self, local: str) -> None:
        if local == "html":
            raise DataFormatError(
                f"{self.name}: expected KML, got a web page. Download the file itself: the address "
                "may need a login, or lead to a page about the file."
            )
        raise DataFormatError(
            f"{self.name}: expected KML; no <kml> element begins the file, but <{local[:20]}>. "
            f"Convert it: ogr2ogr -f GPKG new.gpkg {self.name}"
        )

    def end(self, _: str) -> None:
        self.path.pop()

    def text(self, text: str) -> None:
        if self.path and self.path[-1] == "href" and self._is_link():
            self.links[-1] += text
