"""Surroundings in which answers are the same everywhere: settings, terminal, folder, streams."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from unittest.mock import patch

__all__ = ["same_surroundings"]

_SETTINGS: Final = {
    "POINT21_WARM_UP": "0",
    "POINT21_WHAT_IF_SECONDS": "300",
    "POINT21_LOG_LEVEL": "critical",
    "COLUMNS": "200",
    "TERM": "dumb",
    "NO_COLOR": "1",
    "LC_ALL": "C.UTF-8",
}
_TERMINAL: Final = ("LINES", "FORCE_COLOR", "CLICOLOR_FORCE", "TERMINAL_WIDTH", "LANGUAGE")


@contextmanager
def same_surroundings() -> Iterator[Path]:
    """Work in an empty folder, with the settings of the tests and no others.

    Yields
    ------
    Path
        The folder, which is the current one; what the program changes of signals is put back.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("POINT21_") and name not in _TERMINAL
    }
    before = Path.cwd()
    hooks = (sys.excepthook, sys.unraisablehook, signal.getsignal(signal.SIGINT))
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made).resolve()
        own = {**_SETTINGS, "POINT21_CACHE_DIRECTORY": str(folder / "cache")}
        with patch.dict(os.environ, {**kept, **own}, clear=True):
            os.chdir(folder)
            try:
                yield folder
            finally:
                os.chdir(before)
                sys.excepthook, sys.unraisablehook = hooks[:2]
                signal.signal(signal.SIGINT, hooks[2])
