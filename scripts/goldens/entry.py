"""Where the program is entered: the only place that names modules of it."""

from __future__ import annotations

import pkgutil
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

__all__ = ["REPOSITORY", "data_read_once", "make_application", "program_version", "run_main"]

REPOSITORY: Final = Path(__file__).resolve().parents[2]
_PROJECT: Final = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]

for _folder in (REPOSITORY / "tests" / "support", REPOSITORY):
    if str(_folder) not in sys.path:
        sys.path.insert(0, str(_folder))


def program_version() -> str:
    """Return the version of the program, which answers may name."""
    version: str = _PROJECT["version"]
    return version


def make_application() -> Any:  # noqa: ANN401
    """Make the ASGI application from the environment."""
    from app.main import create_app

    return create_app()


def run_main() -> None:
    """Run the command line as its installed script does; leaves by ``SystemExit``."""
    main: Callable[[], None] = pkgutil.resolve_name(_PROJECT["scripts"]["point21"])
    main()


@contextmanager
def data_read_once() -> Iterator[None]:
    """Let every command of this process share what was read of the shipped data."""
    import pytest

    from shipped import read_once

    with pytest.MonkeyPatch.context() as patch:
        read_once(patch)
        yield
