"""A line and an area of control that a user may have drawn."""

from typing import Final

__all__ = ["AREA", "MERIDIAN"]

MERIDIAN: Final = {"type": "LineString", "coordinates": [[36.0, 44.0], [36.0, 53.0]]}
AREA: Final = {
    "type": "Polygon",
    "coordinates": [[[36, 46], [41, 46], [41, 50], [36, 50], [36, 46]]],
}
