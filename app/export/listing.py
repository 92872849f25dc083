"""The document of ``/api/downloads``: the files of a scenario."""

from typing import Any

from app.datasets.catalogue import Selection
from app.documents.common import write_query
from app.export.formats import FileFormat, installed_formats

__all__ = ["describe_downloads"]


def describe_downloads(selection: Selection) -> dict[str, Any]:
    """List the files of a scenario that can be written here.

    Parameters
    ----------
    selection
        The scenario and what was asked for.

    Returns
    -------
    dict
        For :func:`app.documents.geojson.write_json`.
    """
    return {
        "identity": selection.identity,
        "formats": [_describe(selection, form) for form in installed_formats()],
    }


def _describe(selection: Selection, form: FileFormat) -> dict[str, Any]:
    address = f"/api/downloads/{form.id}?{write_query(selection)}"
    layers = {layer: f"{address}&layer={layer}" for layer in form.layers}
    return {
        "format": form.id,
        "title": form.title,
        "suffix": form.suffix,
        "media_type": form.media_type,
        "holds": form.holds,
        "layers": list(form.layers),
        "links": {"file": address, **layers},
    }
