"""Rebuild the files in ``data/`` from their sources, byte for byte.

Usage: ``python scripts/build_data.py [--check] [--only NAME ...]``. The geometry comes from
registry packages (see ``scripts/databuild/fetch.py``: names, versions and SHA-256), the facts from
``data/sources``. ``--check`` writes nothing: it rebuilds into a temporary folder and fails if a
committed file differs. ``--only lines`` needs no package: it reads the other files in ``data/``.
"""

import argparse
import filecmp
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TimeElapsedColumn

REPOSITORY: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "scripts")]

from databuild import background, lines, oblasts, observations, waters  # noqa: E402
from databuild.fetch import MEMBERS, SourceUnavailableError, obtain  # noqa: E402
from databuild.writing import write_text  # noqa: E402

DATA: Final = REPOSITORY / "data"
Advance = Callable[[], None]


def _oblasts(folder: Path, _: Advance) -> None:
    write_text(folder / "oblasts.geojson", oblasts.build())


def _observations(folder: Path, _: Advance) -> None:
    table, metadata, report = observations.build()
    write_text(folder / observations.FILE_NAME, table)
    write_text(folder / f"{observations.FILE_NAME}-metadata.json", metadata)
    for what, names in report.items():
        Console().print(f"  {len(names)} {what}: {', '.join(names)}", highlight=False)


def _waters(folder: Path, _: Advance) -> None:
    write_text(folder / waters.FILE_NAME, waters.build())


def _lines(folder: Path, advance: Advance) -> None:
    write_text(folder / "contact_line.geojson", lines.build(folder, advance=advance))


def _background(folder: Path, _: Advance) -> None:
    write_text(folder / "background.geojson", background.build(folder))


STEPS: Final[dict[str, tuple[Callable[[Path, Advance], None], tuple[str, ...], int]]] = {
    "oblasts": (_oblasts, ("oblasts.geojson",), 1),
    "observations": (
        _observations,
        (observations.FILE_NAME, f"{observations.FILE_NAME}-metadata.json"),
        1,
    ),
    "waters": (_waters, (waters.FILE_NAME,), 1),
    "lines": (_lines, ("contact_line.geojson",), len(lines.DATES)),
    "background": (_background, ("background.geojson",), 1),
}
"""Step to its function, the files it writes, and its length in steps of the progress bar.

In this order: lines and background read what the others have written.
"""


def build(folder: Path, steps: list[str], console: Console) -> None:
    """Write the files of the given steps into ``folder``."""
    with Progress(
        SpinnerColumn(), *Progress.get_default_columns(), TimeElapsedColumn(), console=console
    ) as progress:
        if set(steps) != {"lines"}:
            task = progress.add_task("Sources", total=len(MEMBERS))
            for name in MEMBERS:
                obtain(name)
                progress.advance(task)
        for name in steps:
            function, _, total = STEPS[name]
            task = progress.add_task(name.capitalize(), total=total)
            function(folder, lambda task=task: progress.advance(task))  # type: ignore[misc]
            progress.update(task, completed=total)


def check(steps: list[str], console: Console) -> list[str]:
    """Rebuild elsewhere and return the names of the files that differ from ``data/``."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for _, names, _ in STEPS.values():
            for name in names:
                shutil.copy(DATA / name, folder)
        build(folder, steps, console)
        written = [name for step in steps for name in STEPS[step][1]]
        return [
            name for name in written if not filecmp.cmp(folder / name, DATA / name, shallow=False)
        ]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    parser.add_argument("--only", nargs="+", choices=list(STEPS), metavar="STEP", help="steps")
    options = parser.parse_args(arguments)
    steps = [name for name in STEPS if options.only is None or name in options.only]
    console = Console(stderr=True)
    try:
        if options.check:
            differing = check(steps, console)
            if differing:
                console.print(f"[red]Not reproduced:[/] {', '.join(differing)}")
                return 1
            console.print("Every file was reproduced byte for byte.")
            return 0
        build(DATA, steps, console)
    except SourceUnavailableError as error:
        console.print(f"[red]{error}[/]")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
