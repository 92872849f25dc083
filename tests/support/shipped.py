"""The data that come with the program, read once by the tests of a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

import geo
from app.datasets import catalogue
from app.datasets.catalogue import Catalogue
from app.datasets.dataset import Dataset, read_dataset

__all__ = ["read_once", "shipped_catalogue"]

_read = cache(read_dataset)


def read_once(patch: pytest.MonkeyPatch) -> None:
    """Let every catalogue of this process share what was read of the shipped data.

    Commands run in the process of the tests then need not read them again; any other folder is read
    as ever. Reading itself is what tests/geo, tests/app/datasets/test_catalogue.py and every test
    with a process of its own are about.
    """
    shipped = geo.data_directory()

    def read(directory: Path) -> Dataset:
        return _read(directory) if directory == shipped else read_dataset(directory)

    patch.setattr(catalogue, "read_dataset", read)


@cache
def shipped_catalogue() -> Catalogue:
    """Return one catalogue of the shipped data, with what tests before have computed."""
    return Catalogue()
