"""Provenance: where a geometry comes from, its date and its licence."""

from dataclasses import dataclass

from geo.redaction import mask_secrets

__all__ = ["Provenance"]


@dataclass(frozen=True)
class Provenance:
    """Origin, date and licence of a data set.

    Parameters
    ----------
    title, source, url, date, licence, licence_url, attribution
        As stated, secrets in addresses masked; ``date`` is that of the source's data, ISO 8601.
    sha256
        Hash of the file's bytes, or of what was asked where a line was drawn or moved, hexadecimal;
        empty when the data came from neither.
    """

    title: str
    source: str
    date: str
    licence: str
    attribution: str
    url: str = ""
    licence_url: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        for name in ("title", "source", "attribution", "licence", "url", "licence_url"):
            object.__setattr__(self, name, mask_secrets(getattr(self, name)))
