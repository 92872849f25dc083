"""A place belongs to land of the oblast it is recorded in, if that land can hold it."""

import numpy as np
import pytest
import shapely

import geo
from drawn import DAY, make_boundaries, make_line

TWO = make_boundaries({"XX-A": shapely.box(30, 50, 31, 51), "XX-B": shapely.box(31, 50, 32, 51)})
U, R = geo.Control.UKRAINE, geo.Control.RUSSIA
BORDER = [(31, 49.9), (31, 51.1)]
SLIVER = [(31, 49.9), (31, 50.2), (30.9999, 50.5), (31, 50.8), (31, 51.1)]  # 7 m wide at most
STRIP = [(31, 49.9), (31, 50.2), (30.99, 50.21), (30.99, 50.79), (31, 50.8), (31, 51.1)]
EAST_OF_IT = [(31.3, 49.9), (31.3, 51.1)]


def place_at(lon, lat, oblast, holder) -> geo.Places:
    text = np.array(["Drawn"], dtype=object)
    return geo.Places(
        name_en=text, name_uk=text, oblast_id=np.array([oblast], dtype=object),
        lon_deg=np.array([lon]), lat_deg=np.array([lat]), population=np.array([1000.0]),
        held_by=np.array([holder], dtype=object), valid_from=np.array(["NaT"], "datetime64[D]"),
        alternate_names=text, geoname_id=text, contested_on=text,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "place", "face"),
    [
        (BORDER, (30.9, 50.5, "XX-A", U), ("XX-A", U)),  # inside its oblast
        (BORDER, (31.01, 50.5, "XX-A", U), ("XX-A", U)),  # a generalised border puts it in B
        (BORDER, (31.01, 50.5, "XX-A", R), ("XX-A", U)),  # whose side A has no land on
        (SLIVER, (31.01, 50.5, "XX-A", U), ("XX-A", U)),  # or too little to hold a place
        (SLIVER, (30.99995, 50.5, "XX-A", U), ("XX-A", U)),  # not even the one that lies in it
        (STRIP, (31.01, 50.5, "XX-A", U), ("XX-A", R)),  # a strip of 700 m can
        (EAST_OF_IT, (30.99, 50.5, "XX-B", R), ("XX-B", U)),  # the side of its position
        (EAST_OF_IT, (32.1, 50.5, "XX-B", U), ("XX-B", U)),  # none outside: as it was observed
        (EAST_OF_IT, (32.1, 50.5, "XX-B", R), ("XX-B", R)),
    ],
)
def test_where_a_place_belongs(path, place, face):
    faces = geo.split_by_contact_line(TWO, make_line(path))
    located = geo.place_in_faces(faces, place_at(*place))
    row = int(located.face[0])
    assert (faces.oblast_id[row], faces.held_by[row]) == face
    assert located.count(np.array([row]))["population_recorded"] == 1000


def test_a_place_far_from_the_country_is_in_no_face():
    faces = geo.split_by_contact_line(TWO, make_line(BORDER))
    assert geo.place_in_faces(faces, place_at(33.0, 50.5, "XX-B", R)).face.tolist() == [-1]


def test_slivers_along_borders_hold_nobody(boundaries, observations):
    """Four oblasts with their borders rounded to four decimals: some land of their neighbours."""
    rows = [boundaries.index(unit) for unit in ("UA-09", "UA-14", "UA-40", "UA-43")]
    exact = shapely.coverage_union_all(boundaries.geometry[rows])
    rounded = shapely.transform(exact, lambda lonlat: lonlat.round(4))
    area = shapely.make_valid(rounded, method="structure", keep_collapsed=False)
    line = geo.contact_line_from_area(
        area, boundaries, day=DAY, source="drawn", provenance=boundaries.provenance
    )
    located = geo.build_partition(boundaries, line, observations)
    faces = located.partition
    small = (faces.held_by == R) & (faces.area_km2 < 1.5)
    assert small.sum() >= 3
    assert located.count(np.flatnonzero(small))["settlements"] == 0
