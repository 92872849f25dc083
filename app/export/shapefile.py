"""Shapefiles of all layers, zipped, with the full names of the columns beside them.

References
----------
ESRI Shapefile Technical Description (July 1998): names of columns have at most ten letters.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.datasets.catalogue import Selection
from app.export.archive import zip_files
from app.export.frames import describe_in_words, make_frames, name_crs
from app.scratch import scratch_folder

if TYPE_CHECKING:
    import geopandas

__all__ = ["write_shapefiles"]

_SHORT: Final = {
    "area_official_km2": "off_km2",
    "data_version": "data_ver",
    "forces_allowed": "forces",
    "line_source": "line_src",
    "observations": "observ",
    "observed_as": "observed",
    "population_2022": "pop_2022",
    "recognised_as": "recognised",
    "russia_held_km2": "rus_km2",
    "russia_held_share": "rus_share",
    "share_of_oblast": "share_obl",
    "ukraine_held_km2": "ukr_km2",
    "uncertainty_km": "uncert_km",
}
_LONGEST: Final = 10


def write_shapefiles(selection: Selection) -> bytes:
    """Write every layer as a Shapefile in one archive.

    Parameters
    ----------
    selection
        The scenario.

    Returns
    -------
    bytes
        A ZIP archive; ``README.txt`` tells what the figures depend on and the columns' full names.
    """
    frames = make_frames(selection)
    names = list(dict.fromkeys(name for frame in frames.values() for name in frame.columns))
    full = "".join(f"{_shorten(name):<10}  {name}\n" for name in names if name != "geometry")
    readme = f"{describe_in_words(selection)}\nColumns\n{full}"
    files = {"README.txt": readme.encode()}
    with scratch_folder() as folder:
        for name, frame in frames.items():
            _write_layer(folder / f"{name}.shp", frame)
        files |= {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    return zip_files(files)


def _write_layer(path: Path, frame: "geopandas.GeoDataFrame") -> None:
    from pyogrio import write_dataframe

    short = frame.rename(columns={name: _shorten(name) for name in frame.columns})
    short = short.set_geometry("geometry")
    write_dataframe(name_crs(short), path, driver="ESRI Shapefile", ENCODING="UTF-8")
    _forget_the_day(path.with_suffix(".dbf"))


def _forget_the_day(table: Path) -> None:
    """Write a fixed day where dBASE keeps that of the last change (bytes 1 to 3)."""
    content = bytearray(table.read_bytes())
    content[1:4] = bytes((80, 1, 1))
    table.write_bytes(content)


def _shorten(name: str) -> str:
    short = _SHORT.get(name, name)
    if len(short) > _LONGEST:
        raise ValueError(f"column {name!r} has no short name of at most {_LONGEST} letters")
    return short
