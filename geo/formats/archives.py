"""Archives that hold files of geometries, unpacked within limits."""

import lzma
import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from geo.errors import DataFormatError
from geo.files.content import MOST_BYTES, unpacks_to_too_much

__all__ = ["Member", "follow_links", "unpack_zip"]

_MOST_ENTRIES: Final = 1_000
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ESCAPED: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_DAMAGED: Final = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error, lzma.LZMAError,
    OSError, ValueError, IndexError,
)  # fmt: skip


@dataclass(frozen=True)
class Member:
    """A file of an archive.

    Parameters
    ----------
    inside
        Its path in the archive.
    path
        Where it was unpacked to: the folder of a file geodatabase as a whole.
    """

    inside: PurePosixPath
    path: Path

    @property
    def suffix(self) -> str:
        """Suffix in small letters."""
        return self.inside.suffix.lower()

    def read(self) -> bytes:
        """Return the content, empty for a folder."""
        return b"" if self.path.is_dir() else self.path.read_bytes()


def unpack_zip(path: Path, folder: Path, *, name: str) -> list[Member]:
    """Unpack an archive.

    Parameters
    ----------
    path
        The archive.
    folder
        An empty folder to unpack into; no path in the archive leads out of it.
    name
        The archive, for messages.

    Returns
    -------
    list of Member
        In the order of the archive; without what macOS and hidden files add.

    Raises
    ------
    DataFormatError
        It is damaged, encrypted, or holds more files or bytes than are allowed.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if len(infos) > _MOST_ENTRIES:
                raise DataFormatError(
                    f"{name}: expected at most {_MOST_ENTRIES:,} files inside, got {len(infos):,}."
                    " Pack only the files that belong together."
                )
            return _unpack(archive, infos, folder, name)
    except _DAMAGED as error:
        raise DataFormatError(
            f"{name}: the archive is damaged, or locked with a password ({error}). Get it again, "
            "or unpack it and name the file inside."
        ) from error


def _unpack(
    archive: zipfile.ZipFile, infos: Sequence[zipfile.ZipInfo], folder: Path, name: str
) -> list[Member]:
    """Write the members, counting what really comes out: sizes in an archive may lie."""
    members: dict[Path, Member] = {}
    places: dict[tuple[str, ...], Path] = {}
    left = MOST_BYTES
    for info in infos:
        inside = PurePosixPath(info.filename.replace("\\", "/"))
        if "__MACOSX" in inside.parts or inside.name.startswith(".") or not inside.name:
            continue
        place = _place(inside, folder, places)
        target = place / (inside.stem + inside.suffix.lower())
        if target.exists():
            raise DataFormatError(
                f"{name}: '{inside}' is inside twice. Pack it again with one of them."
            )
        with archive.open(info) as source, target.open("xb") as file:
            while block := source.read(1 << 20):
                left -= len(block)
                if left < 0:
                    remedy = "Pack only the files that are needed"
                    raise unpacks_to_too_much(name, MOST_BYTES, remedy)
                file.write(block)
        whole = place if place.suffix == ".gdb" else target
        members[whole] = Member(inside.parent if whole is place else inside, whole)
    return list(members.values())


def _place(inside: PurePosixPath, folder: Path, places: dict[tuple[str, ...], Path]) -> Path:
    """Return the folder that stands for one of the archive, under a name of ours."""
    key = inside.parent.parts
    if key not in places:
        place = folder / f"d{len(places)}"
        if inside.parent.suffix.lower() == ".gdb":
            place /= "files.gdb"
        place.mkdir(parents=True)
        places[key] = place
    return places[key]


def follow_links(
    links: Sequence[str], here: PurePosixPath, members: Sequence[Member]
) -> tuple[list[Member], list[str]]:
    """Find what links of a document in an archive point to.

    Parameters
    ----------
    links
        As written.
    here
        Path of the document in the archive.
    members
        All files of the archive.

    Returns
    -------
    inside : list of Member
        What lies in the archive.
    outside : list of str
        Links that lead elsewhere.
    """
    inside, outside = [], []
    for link in links:
        plain = link.partition("#")[0].partition("?")[0]
        target = _normal(here.parent / _ESCAPED.sub(_unescaped, plain))
        found = [one for one in members if _normal(one.inside) == target]
        if _SCHEME.match(link) or not found:
            outside.append(link)
        else:
            inside.append(found[0])
    return inside, outside


def _unescaped(found: re.Match[str]) -> str:
    """Read letters that are written as bytes in hexadecimal, as in addresses."""
    return bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace")


def _normal(path: PurePosixPath) -> tuple[str, ...]:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts = parts[:-1]
        elif part not in {".", "/"}:
            parts.append(part.casefold())
    return tuple(parts)
