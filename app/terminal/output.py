"""Write results, tables, progress and errors to terminal or file."""

import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import typer

from app.atomic_file import write_output
from geo.redaction import mask_secrets
from geo.text import show_controls

__all__ = [
    "print_error",
    "print_facts",
    "print_failure",
    "print_line",
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
        The file, as for :func:`app.atomic_file.write_output`. ``None`` or ``-`` is standard output.

    Raises
    ------
    WriteError
        The file cannot be written; what was there before is untouched.
    OSError
        Standard output cannot be written.
    """
    sys.stdout.flush()  # what was printed before comes first, also if the target is /dev/stdout
    if target is not None and str(target) != "-":
        write_output(content, target)
        return
    typer.echo(content, nl=sys.stdout.isatty() and not content.endswith(b"\n"))


def print_line(text: str = "", *, err: bool = False) -> None:
    """Print a line for people, on standard output or standard error."""
    stream = sys.stderr if err else sys.stdout
    stream.write(f"{show_controls(text)}\n")  # click would write UTF-8 to an ASCII console


def print_error(message: str) -> None:
    """Say on standard error what is wrong, without a traceback."""
    print_line(f"point21: {mask_secrets(message)}", err=True)


def print_failure(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Say where the program failed; takes the place of :func:`sys.excepthook`."""
    lines = traceback.format_exception(kind, error, trace)
    sys.stderr.write(show_controls(mask_secrets("".join(lines))))


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
    from rich.text import Text

    table = Table(title=show_controls(title), title_justify="left", header_style="bold")
    numeric = {name for name, _ in columns if _is_numeric([row[name] for row in rows])}
    for name, _ in columns:
        table.add_column(
            name.replace("_", " "), justify="right" if name in numeric else "left", overflow="fold"
        )
    for row in rows:
        texts = (_format(row[name], share=unit == "1") for name, unit in columns)
        table.add_row(*(Text(show_controls(text)) for text in texts))  # data, never markup
    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False)
    with console.capture() as drawn:
        console.print(table)
    sys.stdout.write(drawn.get())


def print_facts(facts: Mapping[str, Any]) -> None:
    """Print names and values, one a line."""
    widest = max(map(len, facts), default=0)
    for name, value in facts.items():
        if value not in (None, "", [], ()):
            print_line(f"{name:<{widest}}  {_format(value)}")


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
