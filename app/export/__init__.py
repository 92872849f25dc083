"""Files of a scenario in the formats that other programs open.

``catalogue of formats`` → ``frames`` (layers and tables, with what they stand on) → one module for
each family of formats. Everything heavy (GDAL, Arrow) is imported when a file is asked for.
"""

from app.export.formats import FORMATS, LAYERS, FileFormat, export_file, find_format

__all__ = ["FORMATS", "LAYERS", "FileFormat", "export_file", "find_format"]
