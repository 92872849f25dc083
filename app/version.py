"""Version of the program."""

from importlib.metadata import PackageNotFoundError, version

__all__ = ["program_version"]


def program_version() -> str:
    """Return the version of the installed program, ``0`` when it was not installed."""
    try:
        return version("point21")
    except PackageNotFoundError:
        return "0"
