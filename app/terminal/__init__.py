"""Terminal input and output that all commands share."""

from typing import Final

__all__ = ["INTERRUPTED"]

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells report it."""
