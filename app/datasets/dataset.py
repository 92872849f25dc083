"""Read the data files and check that they belong together."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Final

import orjson

from geo.arguments import there_is_no
from geo.errors import DataFormatError, UnknownPlanError
from geo.files.bounded import MOST_BYTES_OF_DATA, read_bounded
from geo.io.load import load_boundaries, load_contact_lines, load_observations, load_plans
from geo.model.boundaries import Boundaries
from geo.model.identity import name_version
from geo.model.line_series import ControlSource
from geo.model.observations import Observations
from geo.plans.plan import Plan

__all__ = ["SUMS", "Dataset", "check_sums", "find_plan", "read_dataset"]

SUMS: Final = "SHA256SUMS"
_DIGITS: Final = 64
_REMEDY: Final = (
    f"Restore the files of this release; or, where they were changed on purpose, renew or remove "
    f"{SUMS}."
)


@dataclass(frozen=True, eq=False)
class Dataset:
    """The data files, loaded and checked."""

    boundaries: Boundaries
    lines: ControlSource
    plans: Mapping[str, Plan]
    observations: Observations
    background: bytes

    @cached_property
    def files_version(self) -> str:
        """Hash of the contents of all files, 16 hexadecimal digits.

        It changes with any of them; the ``data_version`` of an identity is that of the files which
        its figures depend on.
        """
        parts = [
            self.boundaries.provenance.sha256,
            self.lines.provenance.sha256,
            self.observations.provenance.sha256,
            *(plan.model_dump_json() for plan in self.plans.values()),
            sha256(self.background).hexdigest(),
        ]
        return name_version(parts)


def read_dataset(directory: Path) -> Dataset:
    """Read and check every file of a data folder.

    Raises
    ------
    SettlementError
        A file is missing, malformed, or does not say where it comes from.
    """
    check_sums(directory)
    return Dataset(
        boundaries=load_boundaries(directory / "oblasts.geojson"),
        lines=load_contact_lines(directory / "contact_line.geojson"),
        plans=load_plans(directory / "plans"),
        observations=load_observations(directory / "control_observations.csv"),
        background=_read_background(directory / "background.geojson"),
    )


def check_sums(directory: Path) -> None:
    """Hold the files of a folder against its ``SHA256SUMS``, where it has one.

    A file that was cut off at the end of a line, or exchanged for another that is well-formed, is
    noticed by nothing else. Files that are not listed are nobody's business here.

    Parameters
    ----------
    directory
        The folder; names in the list are relative to it, as ``sha256sum`` writes them.

    Raises
    ------
    DataFormatError
        A file is missing or another one, or the list cannot be read; all faults are named.
    """
    listed = directory / SUMS
    if not listed.is_file():
        return
    faults = []
    sums = read_bounded(listed, most_bytes=MOST_BYTES_OF_DATA, what="a list of SHA-256 sums")
    for line in sums.decode("utf-8", "replace").splitlines():
        wanted, gap, name = line.partition("  ")
        if not gap or len(wanted) != _DIGITS:
            raise DataFormatError(
                f"{listed}: expected lines as sha256sum writes them; got {line[:80]!r}. {_REMEDY}"
            )
        try:
            content = read_bounded(
                directory / name, most_bytes=MOST_BYTES_OF_DATA, what="a data file"
            )
        except DataFormatError as error:
            faults.append(str(error).rstrip("."))
            continue
        found = sha256(content).hexdigest()
        if found != wanted:
            faults.append(f"{directory / name}: cut off, damaged or exchanged (SHA-256 {found})")
    if faults:
        raise DataFormatError(f"{'; '.join(faults)}. {_REMEDY}")


def _read_background(path: Path) -> bytes:
    body = read_bounded(path, most_bytes=MOST_BYTES_OF_DATA, what="GeoJSON")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise DataFormatError(f"{path}: expected GeoJSON, but it is not JSON ({error})") from error
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
        raise DataFormatError(f"{path}: expected a GeoJSON FeatureCollection; got something else.")
    return body


def find_plan(plans: Mapping[str, Plan], plan_id: str) -> Plan:
    """Find a plan by its id.

    Raises
    ------
    UnknownPlanError
        No plan has this id; all ids are listed, and which was probably meant.
    """
    if plan_id in plans:
        return plans[plan_id]
    raise UnknownPlanError(
        f"{there_is_no('plan', plan_id, plans)} The plans are {', '.join(plans)}.",
        valid=list(plans),
    )
