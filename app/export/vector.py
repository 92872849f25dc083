"""GeoJSON (RFC 7946) and FlatGeobuf: one layer in a file.

References
----------
FlatGeobuf specification 3, https://flatgeobuf.org/.
"""

import io
from typing import Final

from app.datasets.catalogue import Selection
from app.documents.geojson import write_features, write_json
from app.export.frames import describe_export, describe_in_words, make_columns, make_frame, name_crs

__all__ = ["write_flatgeobuf", "write_geojson"]

_IDS: Final = {
    "faces": "{oblast}:{held_by}",
    "contact_line": "{date}",
    "oblasts": "{oblast}",
    "settlements": "{geoname_id}",
}


def write_geojson(selection: Selection, layer: str) -> bytes:
    """Write one layer as GeoJSON.

    Parameters
    ----------
    selection
        The scenario.
    layer
        Name of the layer.

    Returns
    -------
    bytes
        A FeatureCollection; its further members say what the figures depend on.
    """
    columns, geometry = make_columns(selection, layer)
    rows = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    ids = [_IDS[layer].format(**row) for row in rows]
    members = describe_export(selection)
    return write_json(write_features(geometry, rows, ids=ids, members=members))


def write_flatgeobuf(selection: Selection, layer: str) -> bytes:
    """Write one layer as FlatGeobuf.

    Parameters
    ----------
    selection
        The scenario.
    layer
        Name of the layer.

    Returns
    -------
    bytes
        The file, in EPSG:4326 with longitude first; title and description are in its header.
    """
    from pyogrio import write_dataframe

    frame = make_frame(selection, layer)
    target = io.BytesIO()
    write_dataframe(
        name_crs(frame),
        target,
        driver="FlatGeobuf",
        layer=layer,
        promote_to_multi=frame.geom_type.nunique() > 1,
        TITLE=describe_export(selection)["title"],
        DESCRIPTION=describe_in_words(selection),
    )
    return target.getvalue()
