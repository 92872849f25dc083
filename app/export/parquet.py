"""GeoParquet 1.1: one layer in a file.

References
----------
OGC, GeoParquet 1.1.0: metadata ``geo``, covering of the bounding box.
"""

import io
import json

from app.datasets.catalogue import Selection
from app.export.frames import describe_export, make_frame

__all__ = ["write_geoparquet"]


def write_geoparquet(selection: Selection, layer: str) -> bytes:
    """Write one layer as GeoParquet.

    Parameters
    ----------
    selection
        The scenario.
    layer
        Name of the layer.

    Returns
    -------
    bytes
        The file: encoding WKB, edges planar in OGC:CRS84, rings counter-clockwise, a column
        ``bbox`` that covers each geometry. The key ``point21`` of its metadata says what the
        figures depend on.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    frame = make_frame(selection, layer)
    frame.to_parquet(buffer, schema_version="1.1.0", write_covering_bbox=True, index=False)
    table = pq.read_table(pa.BufferReader(buffer.getvalue()))
    metadata = dict(table.schema.metadata or {})
    metadata[b"geo"] = _state_orientation(metadata[b"geo"])
    metadata[b"point21"] = json.dumps(describe_export(selection), ensure_ascii=False).encode()
    sink = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata(metadata), sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())


def _state_orientation(metadata: bytes) -> bytes:
    """Say that exterior rings run counter-clockwise, as those of faces and oblasts do."""
    document = json.loads(metadata)
    for column in document["columns"].values():
        column["orientation"] = "counterclockwise"
    return json.dumps(document).encode()
