"""What the command line writes: files in one piece, tables for people, one paragraph for errors."""

import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import typer

from geo.masking import mask_secrets

__all__ = [
    "print_error",
    "print_facts",
    "print_failure",
    "print_table",
    "show_progress",
    "write_bytes",
]

_REDRAW_S: Final = 0.1


def write_bytes(content: bytes, target: Path | None) -> None:
    """Write bytes to a file in one piece, or to standard output.

    Parameters
    ----------
    content
        Written unchanged; on a terminal a line break is added.
    target
        The file. It is replaced only when everything has been written, so that a reader never
        sees half of it. ``None`` or ``-`` is standard output.

    Raises
    ------
    OSError
        The file cannot be written; what was there before is untouched.
    """
    if target is None or str(target) == "-":
        typer.echo(content, nl=sys.stdout.isatty() and not content.endswith(b"\n"))
        return
    if target.exists() and not target.is_file():
        target.write_bytes(content)  # a device or a pipe, which has no other side to swap in
        return
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException as error:
        with suppress(OSError):
            beside.unlink()
        if isinstance(error, OSError):  # name the file that was asked for
            raise OSError(error.errno, error.strerror, str(target)) from error
        raise


def print_error(message: str) -> None:
    """Say on standard error what is wrong, without a traceback."""
    typer.echo(f"point21: {mask_secrets(message)}", err=True)


def print_failure(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Say where the program failed; takes the place of :func:`sys.excepthook`."""
    lines = traceback.format_exception(kind, error, trace)
    sys.stderr.write(mask_secrets("".join(lines)))


def print_table(
    columns: Sequence[tuple[str, str]], rows: Sequence[Mapping[str, Any]], *, title: str
) -> None:
    """Print a table for people.

    Parameters
    ----------
    columns
        Name and unit of each column; the names say their unit.
    rows
        Mappings by name.
    title
        What stands above.
    """
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", header_style="bold")
    numeric = {name for name, _ in columns if _is_numeric([row[name] for row in rows])}
    for name, _ in columns:
        table.add_column(
            name.replace("_", " "), justify="right" if name in numeric else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*(_format(row[name], share=unit == "1") for name, unit in columns))
    width = None if sys.stdout.isatty() else 200
    Console(width=width, highlight=False).print(table)


def print_facts(facts: Mapping[str, Any]) -> None:
    """Print names and values, one a line."""
    widest = max(map(len, facts), default=0)
    for name, value in facts.items():
        if value not in (None, "", [], ()):
            typer.echo(f"{name:<{widest}}  {_format(value)}")


@contextmanager
def show_progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show on standard error how far something is, if that is a terminal.

    Parameters
    ----------
    what
        What is being done.

    Yields
    ------
    callable
        To be called with what is done and what there is to do.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Progress(
        *columns, TimeElapsedColumn(), console=console, disable=not console.is_terminal,
        transient=True, auto_refresh=False,
    )  # fmt: skip
    drawn = 0.0

    def show(done: int, total: int) -> None:
        """Draw ten times a second, without a thread: other processes can then be forked."""
        nonlocal drawn
        due = done >= total or time.monotonic() - drawn > _REDRAW_S
        bar.update(task, completed=done, total=total, refresh=due)
        drawn = time.monotonic() if due else drawn

    with bar:
        task = bar.add_task(what, total=None)
        yield show


def _is_numeric(values: Sequence[object]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, int | float) for value in known)


def _format(value: object, *, share: bool = False) -> str:
    """Write a value for people: three decimals are for machines."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.2%}" if share else f"{value:,.1f}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)
