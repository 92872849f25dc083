"""Several files in one ZIP, the same bytes for the same files."""

import io
from collections.abc import Mapping
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

__all__ = ["zip_files"]


def zip_files(files: Mapping[str, bytes]) -> bytes:
    """Put files into an archive.

    Parameters
    ----------
    files
        Contents by name, in order.

    Returns
    -------
    bytes
        A ZIP archive whose entries carry no time of their own (that of ZIP's first day).
    """
    target = io.BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = ZipInfo(name)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return target.getvalue()
