"""Boxes: which features one touches, and that boxes which touch the same have one answer.

The answer to a box depends on nothing but the features that it touches. So it is kept under their
rows, and a box that was never asked for is answered from prepared bytes as soon as another touched
the same features.
"""

import re
from collections import OrderedDict
from threading import Lock
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from app.errors import InvalidRequestError, ParameterFault
from geo.territory import Geometries

__all__ = ["Box", "BoxIndex", "BoxIndexes", "parse_box"]

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

Integers = npt.NDArray[np.int64]

_DEGREES: Final = r"[-+]?\d{1,3}(?:\.\d{0,17})?"
_BOX: Final = re.compile(rf"({_DEGREES}),({_DEGREES}),({_DEGREES}),({_DEGREES})", re.ASCII)
_PARAMETER: Final = b"bbox="
_MOST_INDEXES: Final = 256


def _read_box(text: str) -> Box | None:
    found = _BOX.fullmatch(text)
    if found is None:
        return None
    west, south, east, north = (float(edge) for edge in found.groups())
    fits = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    return (west, south, east, north) if fits else None


def parse_box(text: str) -> Box:
    """Read a box.

    Raises
    ------
    InvalidRequestError
        It is none: ``west,south,east,north`` in degrees, west and south first.
    """
    box = _read_box(text)
    if box is None:
        message = (
            "Parameter 'bbox': expected west,south,east,north in degrees, such as 36,47,38,49; "
            f"{text!r} came."
        )
        raise InvalidRequestError([ParameterFault("bbox", message, text)])
    return box


class BoxIndex:
    """Finds the features that a box touches.

    Parameters
    ----------
    geometry
        Shape (n,), longitude and latitude in degrees. Copied: what is prepared for questions may
        not be asked by two threads at once.
    """

    def __init__(self, geometry: Geometries) -> None:
        self._geometry = np.asarray(shapely.from_wkb(shapely.to_wkb(geometry)), dtype=object)
        shapely.prepare(self._geometry)
        self._tree = shapely.STRtree(self._geometry)
        self._lock = Lock()

    def find(self, box: Box) -> Integers:
        """Return the rows of the features that share at least a point with a box, in order."""
        drawn = shapely.box(*box)
        with self._lock:
            near = self._tree.query(drawn)
            rows = near[shapely.intersects(self._geometry[near], drawn)]
        return np.sort(rows).astype(np.int64)


class BoxIndexes:
    """The indexes of addresses that were asked for with a box.

    An address is path and query without the box. Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._indexes: OrderedDict[bytes, BoxIndex] = OrderedDict()

    def find(self, key: bytes, geometry: Geometries, box: Box) -> Integers:
        """Return the rows that a box touches, and remember the index for the next box.

        Parameters
        ----------
        key
            Path and query as they came, box included.
        geometry
            Of the features, shape (n,), longitude and latitude in degrees.
        box
            West, south, east, north.
        """
        address, _ = _split(key)
        index = self._indexes.get(address)
        if index is None:
            index = BoxIndex(geometry)
            with self._lock:
                self._indexes[address] = index
                if len(self._indexes) > _MOST_INDEXES:
                    self._indexes.popitem(last=False)
        return index.find(box)

    def same_answer(self, key: bytes) -> bytes:
        """Return the same key for all boxes that touch the same features; others as they are."""
        if _PARAMETER not in key:
            return key
        address, text = _split(key)
        index = self._indexes.get(address)
        box = None if index is None else _read_box(text)
        if index is None or box is None:
            return key
        return b"%b#%b" % (address, index.find(box).tobytes())  # no address that comes has a #


def _split(key: bytes) -> tuple[bytes, str]:
    """Take the box out of an address; no text where there is none, or more than one."""
    path, _, query = key.partition(b"?")
    parts = query.split(b"&")
    boxes = [part for part in parts if part.startswith(_PARAMETER)]
    if len(boxes) != 1:
        return key, ""
    rest = b"&".join(part for part in parts if not part.startswith(_PARAMETER))
    text = boxes[0].removeprefix(_PARAMETER).decode("latin-1")
    return path + b"?" + rest, text.replace("%2C", ",").replace("%2c", ",")
