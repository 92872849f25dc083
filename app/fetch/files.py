"""Files in the cache: what was fetched, and writing in one piece."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from geo.masking import mask_secrets

__all__ = ["Downloaded", "write_whole"]


@dataclass(frozen=True)
class Downloaded:
    """What was fetched. Its address is told without secrets."""

    path: Path
    url: str
    bytes: int
    sha256: str

    def __post_init__(self) -> None:
        """Mask, as :class:`geo.territory.Provenance` does."""
        object.__setattr__(self, "url", mask_secrets(self.url))


def write_whole(content: bytes, target: Path) -> None:
    """Replace a file in one piece; a reader sees the old one or the new one, never half."""
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
