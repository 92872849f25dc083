"""The user's cache: what was fetched, from where, when, and under which licence.

A folder for each source holds the files, a ``provenance.json`` that :func:`geo.open_source` reads,
and ``fetched.json`` with address, time, size and hash of each file. Every file is replaced in one
piece, so a fetch that is killed leaves the cache as it was.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from app.atomic_file import replace_file
from app.connectors.errors import FetchError
from app.connectors.files import Downloaded
from app.sources import SourceFile
from geo.redaction import mask_secrets

__all__ = ["Shelf", "Statement", "cached_boundaries", "cached_sources"]

_INDEX: Final = "fetched.json"


@dataclass(frozen=True)
class Statement:
    """Origin of a source's files, and the attribution they ask for."""

    title: str
    source: str
    url: str
    date: str
    licence: str
    licence_url: str
    attribution: str


class Shelf:
    """One source's folder in the cache.

    Parameters
    ----------
    folder
        The folder; made when something is put into it.
    statement
        Written as ``provenance.json``.
    """

    def __init__(self, folder: Path, statement: Statement) -> None:
        self.folder = folder
        self.statement = statement

    def holds(self, name: str) -> bool:
        """Tell whether a file is there and is the one that was fetched."""
        known = self._index().get(name)
        path = self.folder / name
        if not isinstance(known, dict) or not path.is_file():
            return False
        return hashlib.sha256(path.read_bytes()).hexdigest() == known.get("sha256")

    def note(self, file: Downloaded) -> None:
        """Record what was fetched."""
        index = {name: _masked(entry) for name, entry in self._index().items()}
        index[file.path.name] = {
            "url": file.url,
            "fetched": datetime.now(UTC).isoformat(timespec="seconds"),
            "bytes": file.bytes,
            "sha256": file.sha256,
        }
        ordered = dict(sorted(index.items()))
        self._write("provenance.json", asdict(self.statement))
        self._write(_INDEX, ordered)

    def _write(self, name: str, document: Any) -> None:  # noqa: ANN401
        text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
        self.folder.mkdir(parents=True, exist_ok=True)
        replace_file(text.encode(), self.folder / name)

    def _index(self) -> dict[str, Any]:
        try:
            index = json.loads((self.folder / _INDEX).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return index if isinstance(index, dict) else {}

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep a second fetch out; the lock goes with the process, however it ends.

        Raises
        ------
        FetchError
            Another fetch is at work in this folder.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            import fcntl
        except ImportError:  # a system without such locks
            yield
            return
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise FetchError(
                    f"{self.folder}: another fetch is at work here; wait until it is done."
                ) from error
            yield


def _masked(entry: Any) -> Any:  # noqa: ANN401
    """Mask an address that an earlier version recorded as it was."""
    if isinstance(entry, dict) and isinstance(entry.get("url"), str):
        return {**entry, "url": mask_secrets(entry["url"])}
    return entry


def cached_sources(cache: Path) -> dict[str, SourceFile]:
    """Return the lines in the cache by short name."""
    folder = cache / "deepstate"
    return {"deepstate": SourceFile(folder)} if any(folder.glob("*_data_*.geojson")) else {}


def cached_boundaries(cache: Path) -> dict[str, SourceFile]:
    """Return the boundaries in the cache by short name."""
    files = sorted((cache / "oblasts").glob("*/oblasts.geojson"))
    return {file.parent.name: SourceFile(file) for file in files}
