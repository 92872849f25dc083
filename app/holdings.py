"""The data files, read and checked together."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from app.errors import suggest
from geo.errors import DataFormatError, UnknownPlanError
from geo.load import load_boundaries, load_contact_lines, load_observations, load_plans
from geo.observations import Observations
from geo.plan import Plan
from geo.series import ControlSource
from geo.territory import Boundaries

__all__ = ["Holdings", "find_plan", "read_holdings"]


@dataclass(frozen=True)
class Holdings:
    """The data files, loaded and checked."""

    boundaries: Boundaries
    lines: ControlSource
    plans: Mapping[str, Plan]
    observations: Observations
    background: bytes

    @cached_property
    def data_version(self) -> str:
        """Hash of the contents of all files, 16 hexadecimal digits."""
        parts = [
            self.boundaries.provenance.sha256,
            self.lines.provenance.sha256,
            self.observations.provenance.sha256,
            *(plan.model_dump_json() for plan in self.plans.values()),
            sha256(self.background).hexdigest(),
        ]
        return sha256("\n".join(parts).encode()).hexdigest()[:16]


def read_holdings(directory: Path) -> Holdings:
    """Read and check every file of a data folder.

    Raises
    ------
    SettlementError
        A file is missing, malformed, or does not say where it comes from.
    """
    return Holdings(
        boundaries=load_boundaries(directory / "oblasts.geojson"),
        lines=load_contact_lines(directory / "contact_line.geojson"),
        plans=load_plans(directory / "plans"),
        observations=load_observations(directory / "control_observations.csv"),
        background=_read_background(directory / "background.geojson"),
    )


def _read_background(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataFormatError(
            f"{path}: cannot be read ({error.strerror}). Check the path, or restore the file."
        ) from error


def find_plan(plans: Mapping[str, Plan], plan_id: str) -> Plan:
    """Find a plan by its id.

    Raises
    ------
    UnknownPlanError
        No plan has this id; all ids are listed, and which was probably meant.
    """
    if plan_id in plans:
        return plans[plan_id]
    meant = suggest(plan_id, plans)
    hint = f" Did you mean {meant!r}?" if meant else ""
    raise UnknownPlanError(
        f"There is no plan {plan_id!r}.{hint} The plans are {', '.join(plans)}.",
        valid=list(plans),
    )
