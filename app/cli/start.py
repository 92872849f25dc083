"""Entry point of ``point21``: handles Ctrl-C from before the first import."""

import _signal  # type: ignore[import-not-found]  # the part of `signal` that loads nothing
import os
import sys

from app.terminal import INTERRUPTED

__all__ = ["main"]


def main() -> None:
    """Run the command line, and exit with its code."""
    if _signal.getsignal(_signal.SIGINT) is not _signal.SIG_IGN:  # ignored, as under `nohup`
        _signal.signal(_signal.SIGINT, _exit_at_once)
    from app.cli.main import app
    from app.terminal.console import run

    sys.exit(run(app))


def _exit_at_once(signum: int, frame: object) -> None:
    """Exit while nothing has begun: there is nothing to clean up."""
    del signum, frame
    os._exit(INTERRUPTED)
