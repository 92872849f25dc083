"""Parse TOML that people wrote: whatever the parser fails with becomes one kind of error."""

import tomllib
from typing import Any, Final

__all__ = ["parse_toml"]

_MOST_DOTS: Final = 1_000
"""Most dots in a line: each may open a table inside the one before."""


def parse_toml(text: str) -> dict[str, Any]:
    """Parse a TOML document.

    Parameters
    ----------
    text
        The document.

    Returns
    -------
    dict
        Plain data.

    Raises
    ------
    ValueError
        It is no TOML, is nested too deeply, or holds a number that is too long; says where it can.
    """
    try:
        if max((line.count(".") for line in text.splitlines()), default=0) > _MOST_DOTS:
            raise RecursionError
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except (ValueError, OverflowError):
        raise ValueError("it holds a number or a date that is too large") from None
