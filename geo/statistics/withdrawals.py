"""Land and places that each side withdraws from, by oblast."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo.crs import Floats
from geo.model.control import Control
from geo.model.partition import Partition
from geo.places.gazetteer import Gazetteer
from geo.plans.outcomes import Settlement
from geo.plans.plan import Change, Flag

__all__ = ["TOTAL", "list_changes", "list_withdrawals", "withdrawn_km2"]

Rows = list[dict[str, Any]]

Mask = npt.NDArray[np.bool_]

TOTAL: Final = "total"
"""Stands for the oblast in a total, which is no part of the data."""

_TOTAL_NAME: Final = "All oblasts"
_WITHDRAWS: Final = {
    Control.UKRAINE: Change.UKRAINE_WITHDRAWS,
    Control.RUSSIA: Change.RUSSIA_WITHDRAWS,
}


def withdrawn_km2(partition: Partition, leaves: Mask) -> Floats:
    """Measure the land that one side leaves, by oblast.

    Parameters
    ----------
    partition
        The country divided by oblast and holder.
    leaves
        Faces that are left, shape (n,).

    Returns
    -------
    numpy.ndarray
        Area in km², shape (m,), rows as in the boundaries.
    """
    areas = np.where(leaves, partition.area_km2, 0.0)
    rows = len(partition.boundaries)
    return np.bincount(partition.oblast_row, areas, rows).astype(np.float64)


def _masks(settlement: Settlement) -> tuple[dict[Control, Mask], Mask]:
    """Return the faces each side leaves, and those of them that are left to agreement."""
    change = np.array([outcome.change for outcome in settlement.outcomes], dtype=object)
    flagged = [Flag.EXTENT_TO_BE_AGREED in outcome.flags for outcome in settlement.outcomes]
    leaves = {side: change == wanted for side, wanted in _WITHDRAWS.items()}
    return leaves, np.array(flagged) & leaves[Control.RUSSIA]


def list_changes(settlement: Settlement) -> tuple[Rows, Rows]:
    """List what each side leaves, by oblast.

    Parameters
    ----------
    settlement
        What a plan makes of each face.

    Returns
    -------
    rows
        One row for each oblast in which a side leaves something; areas in km².
    totals
        One row, whose oblast is ``total``: the sums of the rows.
    """
    partition, boundaries = settlement.partition, settlement.partition.boundaries
    leaves, open_to = _masks(settlement)
    ukraine, russia = (withdrawn_km2(partition, leaves[side]) for side in Control)
    agreed = withdrawn_km2(partition, open_to)
    rows = [
        _ledger_row(
            boundaries.ids[row], boundaries.name_en[row], ukraine[row], russia[row], agreed[row]
        )
        for row in range(len(boundaries))
        if ukraine[row] or russia[row]
    ]
    total = _ledger_row(TOTAL, _TOTAL_NAME, ukraine.sum(), russia.sum(), agreed.sum())
    return rows, [total]


def _ledger_row(
    oblast: str, name_en: str, ukraine: float, russia: float, to_be_agreed: float
) -> dict[str, Any]:
    return {
        "oblast": oblast,
        "name_en": name_en,
        "ukraine_leaves_km2": float(ukraine),
        "russia_leaves_km2": float(russia),
        "to_be_agreed_km2": float(to_be_agreed),
        "net_leaves_km2": float(ukraine - russia),
    }


def list_withdrawals(settlement: Settlement, gazetteer: Gazetteer) -> tuple[Rows, Rows]:
    """List what each side leaves, by oblast and side, and who is recorded there.

    Parameters
    ----------
    settlement
        What a plan makes of each face.
    gazetteer
        The populated places and the faces they lie in.

    Returns
    -------
    rows
        One row for each oblast and side that leaves something there; areas in km².
    totals
        One row for each side that leaves something, whose oblast is ``total``: its sums.
    """
    partition, boundaries = settlement.partition, settlement.partition.boundaries
    leaves, open_to = _masks(settlement)

    def list_rows(oblast: str, name_en: str, here: Mask) -> Iterator[dict[str, Any]]:
        for side, mask in leaves.items():
            faces = np.flatnonzero(mask & here)
            if len(faces):
                yield {
                    "oblast": oblast,
                    "name_en": name_en,
                    "leaves": str(side),
                    "area_km2": float(partition.area_km2[faces].sum()),
                    "to_be_agreed_km2": float(partition.area_km2[mask & open_to & here].sum()),
                    **gazetteer.count(faces),
                }

    rows = [
        found
        for row, unit in enumerate(zip(boundaries.ids, boundaries.name_en, strict=True))
        for found in list_rows(*unit, partition.oblast_row == row)
    ]
    return rows, [*list_rows(TOTAL, _TOTAL_NAME, np.ones(len(partition), bool))]
