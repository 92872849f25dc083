"""Files in the user's cache, and where each came from."""

from dataclasses import dataclass
from pathlib import Path

from geo.redaction import mask_secrets

__all__ = ["Downloaded"]


@dataclass(frozen=True)
class Downloaded:
    """A file that was fetched; its URL is shown without secrets."""

    path: Path
    url: str
    bytes: int
    sha256: str

    def __post_init__(self) -> None:
        """Mask, as :class:`geo.model.provenance.Provenance` does."""
        object.__setattr__(self, "url", mask_secrets(self.url))
