"""Files that pages need: our own, and those of installed packages.

Nothing is fetched from elsewhere and nothing is copied into the repository: Leaflet and Swagger UI
are served from the packages that carry them. A folder is listed once; only names on that list can
be asked for, so no path leads out of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Final

__all__ = ["LEAFLET", "STATIC", "SWAGGER_UI", "AssetFolder", "leaflet_directory"]

_MEDIA_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".gif": "image/gif",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True)
class AssetFolder:
    """A folder inside an installed package.

    Parameters
    ----------
    package
        Import name of the package; it is looked up, not imported.
    folder
        Path inside the package.
    """

    package: str
    folder: str

    @cached_property
    def directory(self) -> Path:
        """Path of the folder on this machine.

        Raises
        ------
        FileNotFoundError
            The package is not installed, or has no such folder.
        """
        spec = find_spec(self.package)
        for location in (spec.submodule_search_locations or ()) if spec else ():
            directory = Path(location) / self.folder
            if directory.is_dir():
                return directory
        raise FileNotFoundError(
            f"expected a folder {self.folder!r} in the installed package {self.package!r}, found "
            "none. Install the packages named in pyproject.toml."
        )

    @cached_property
    def files(self) -> Mapping[str, Path]:
        """Relative name, with ``/``, to path, of every file of a known kind."""
        return {
            path.relative_to(self.directory).as_posix(): path
            for path in sorted(self.directory.rglob("*"))
            if path.is_file() and path.suffix in _MEDIA_TYPES
        }

    def read(self, name: str) -> tuple[bytes, str]:
        """Return a file's bytes and media type.

        Raises
        ------
        KeyError
            The folder has no such file.
        """
        path = self.files[name]
        return path.read_bytes(), _MEDIA_TYPES[path.suffix]


STATIC: Final = AssetFolder("app", "page/static")
"""Our own scripts and styles."""

LEAFLET: Final = AssetFolder("xstatic.pkg.leaflet", "data")
"""Leaflet (BSD-2-Clause) as carried by the package XStatic-Leaflet."""

SWAGGER_UI: Final = AssetFolder("fastapi_offline", "static")
"""Swagger UI (Apache-2.0) as carried by the package fastapi-offline (MIT)."""


def leaflet_directory() -> Path:
    """Return the directory of Leaflet's files, for pages that carry everything inline."""
    return LEAFLET.directory
