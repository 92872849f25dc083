"""Bounding boxes: parse one, index features by them, and give equal answers one cache key.

The answer to a box depends on nothing but the features that it touches. So it is kept under their
rows, and a box that was never asked for is answered from prepared bytes as soon as another touched
the same features.
"""

import re
from threading import Lock
from typing import Final
from urllib.parse import unquote_plus

import numpy as np
import numpy.typing as npt
import shapely

from app.datasets.cache import Memo
from app.errors import InvalidRequestError, ParameterFault
from app.parameters import MOST_PARAMETERS
from geo.arguments import show
from geo.arrays import Geometries

__all__ = ["Box", "BoxIndex", "BoxIndexes", "parse_box"]

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

_DEGREES: Final = r"[-+]?\d{1,3}(?:\.\d{0,17})?"
_BOX: Final = re.compile(",".join([f"({_DEGREES})"] * 4), re.ASCII)
_PARAMETER: Final = "bbox"
_MOST_INDEXES: Final = 256
_FEW: Final = 200
"""So many prepared geometries are asked at once sooner than a tree finds those that are near."""


def _check(west: float, south: float, east: float, north: float) -> Box | None:
    fits = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    return (west, south, east, north) if fits else None


def _read(text: str) -> Box | None:
    found = _BOX.fullmatch(text)
    return _check(*map(float, found.groups())) if found else None


def parse_box(text: str) -> Box:
    """Read a box.

    Raises
    ------
    InvalidRequestError
        It is none: ``west,south,east,north`` in degrees, west and south first.
    """
    box = _read(text)
    if box is None:
        message = (
            "Parameter 'bbox': expected west,south,east,north in degrees, such as 36,47,38,49; "
            f"got {show(text)}."
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
        few = len(geometry) <= _FEW
        self._tree = None if few else shapely.STRtree(self._geometry)
        self._lock = Lock()

    def find(self, box: Box) -> Integers:
        """Return the rows of the features that share at least a point with a box, in order."""
        return np.flatnonzero(self.touched(box))

    def touched(self, box: Box) -> Booleans:
        """Tell of each feature whether it shares at least a point with a box."""
        drawn = shapely.box(*box)
        with self._lock:
            if self._tree is None:
                return np.asarray(shapely.intersects(self._geometry, drawn))
            near = self._tree.query(drawn)
            found = np.zeros(len(self._geometry), dtype=bool)
            found[near] = shapely.intersects(self._geometry[near], drawn)
        return found


class BoxIndexes:
    """The indexes of addresses that were asked for with a box.

    An address is path and query without the box. Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._indexes: Memo[bytes, BoxIndex] = Memo(_MOST_INDEXES)

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
        return self._indexes.get(address, lambda: BoxIndex(geometry)).find(box)

    def same_answer(self, key: bytes) -> bytes:
        """Return the same key for all boxes that touch the same features; others as they are."""
        address, box = _split(key)
        index = self._indexes.peek(address)
        if index is None or box is None:
            return key
        return b"%b#%b" % (address, index.touched(box).tobytes())  # no address that comes has a #


def _split(key: bytes) -> tuple[bytes, Box | None]:
    """Take the box out of an address; none where there is none, more than one, or no box.

    What is written means here what it means to the framework: ``+`` is a space, ``%2B`` a plus.
    """
    path, mark, query = key.partition(b"?")
    parts = query.split(b"&", MOST_PARAMETERS)
    boxes = [part for part in parts if _name_and_value(part)[0] == _PARAMETER]
    if len(boxes) != 1 or len(parts) > MOST_PARAMETERS:
        return key, None
    rest = b"&".join(part for part in parts if part is not boxes[0])
    return path + mark + rest, _read(_name_and_value(boxes[0])[1])


def _name_and_value(part: bytes) -> tuple[str, str]:
    name, _, value = part.partition(b"=")
    return unquote_plus(name.decode("latin-1")), unquote_plus(value.decode("latin-1"))
