"""What the command line is asked, in this process, and what it writes."""

from __future__ import annotations

import io
import json
import re
import shlex
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from .answers import Answer, make_answer
from .drawn import AREA, MERIDIAN
from .entry import REPOSITORY, run_main
from .files import READERS, read_file
from .pages import read_page

__all__ = ["run_commands", "run_heavy_commands"]

NAMES: Final = (
    *("serve", "stats", "layers", "locate", "map", "plans", "validate", "search", "compare"),
    *("history", "what-if", "readings", "uncertainty", "verify", "band", "export", "publish"),
    *("fetch", "fetch deepstate", "fetch oblasts"),
)

COMMANDS: Final = """
stats
stats --by oblast --csv
stats --by change --csv --totals --plan point21-cbs
stats --by country --json --date 2026-01-15 --nearest
stats --date 2026-01-15 --on-or-before
stats --plan point21-cbs.toml --by change
stats --source area.geojson --date 2025-11-21 --by oblast --csv
stats --reading luhansk_pocket:retained --json
stats -o stats.csv
stats --by oblast -o stats.json
layers
layers --json --plan borders-1991
layers --category buffer_zone
layers --category frozen -o frozen.geojson
locate Kramatorsk
locate Слов'янськ --plan point21-cbs --json
locate --lon 37.58 --lat 48.72
locate Andriivka
plans
plans point21-axios
plans point21-cbs --json
search kramat
search Артемівськ --json
validate line.geojson area.geojson point21-cbs.toml
validate line.geojson broken.toml --json
compare point21-axios point21-cbs
compare @2025-11-21 @2026-08-01 --by oblast --csv
history --from 2025-11-01 --to 2025-12-01
history --from 2025-11-01 --to 2025-12-01 --by category --csv
what-if --line line.geojson
verify
export -o all.csv.zip
export -o all.kml --plan point21-cbs
export -o faces.geojson --date 2026-08-01
export -o line.fgb --layer contact_line
export -o all.xlsx
--version
--help

stats --plan point21-axois
stats --by oblasts
stats --date 2020-01-01
stats --date tomorrow
stats --source nowhere.geojson
stats --boundaries gadm
stats --reading luhansk_pocket:sold
stats --colour red
stats --json --csv
stats --plan broken.toml
stats -o nowhere/stats.csv
layers --category frosen
locate
locate Qqqqqq
locate --lon 0 --lat 0
locate --lon 999 --lat 0
map
plans point21-axois
search
validate nowhere.toml
validate broken.toml
compare x y
compare @
history --by country
history --from 2026-01-01 --to 2025-01-01
what-if
what-if --line short.geojson
readings --plan x
uncertainty --draws 1
band --source observations
export -o figures.docx
export -o figures.xlsx --layer faces
publish mysql://nowhere
fetch oblasts nowhere
nothing
"""
"""One command a line; the files they name are in the folder where they run."""

HEAVY: Final = """
uncertainty --draws 10
uncertainty --draws 10 --csv --plan point21-cbs
readings
readings --plan point21-cbs --csv
readings --json --reading line_date:plan_date
band --source observations --source area.geojson
band --source observations --source area.geojson --by oblast --csv
band --source observations --source area.geojson --by source --json
history
history --plan freeze-everywhere --by category --csv
verify --json --date 2026-01-01
verify --strict
history --from 2025-11-01 --to 2025-12-01 --by oblast --json
what-if --shift 5 --into ukraine --within 37 47.8 38.5 49 --json
compare @2025-11-21 @2026-08-01 -o differs.geojson
compare @2025-11-21 @2026-08-01 --json
what-if --line area.geojson --plan point21-cbs --json
what-if --line line.geojson -o result
export -o all.gpkg --plan point21-cbs
export -o all.xlsx --plan point21-cbs
export -o all.pmtiles
export -o all.shp.zip
export -o faces.parquet
map -o map.html
map -o map.html --plan point21-cbs --date 2026-08-01
"""
"""Those that take a second or more each."""

_BOX: Final = re.compile(r"[\u2500-\u257f]+")
_SPACE: Final = re.compile(r"[ \t]+")


@dataclass(frozen=True)
class Run:
    """What a command has written, and its exit code."""

    code: int
    stdout: bytes
    stderr: bytes


def run_commands() -> list[Answer]:
    """Run every command that is light, with the help of each."""
    lines = [line for line in COMMANDS.splitlines() if line]
    return list(_run_each([*lines, *(f"{name} --help" for name in NAMES)]))


def run_heavy_commands() -> list[Answer]:
    """Run the others."""
    return list(_run_each(line for line in HEAVY.splitlines() if line))


def _run_each(lines: Iterable[str]) -> Iterator[Answer]:
    _write_inputs(Path.cwd())
    for line in lines:
        before = {path for path in Path.cwd().rglob("*") if path.is_file()}
        run = run_command(_split(line))
        yield from _describe(f"point21 {line}", run, before)


def _split(line: str) -> list[str]:
    return shlex.split(line.replace("'", "\\'"))


def _describe(name: str, run: Run, before: set[Path]) -> Iterator[Answer]:
    folder = Path.cwd()
    facts: dict[str, Any] = {"exit": run.code}
    if run.stdout and run.stderr:
        yield make_answer(f"{name} (stderr)", {}, _plain(run.stderr))
        yield make_answer(name, facts, _plain(run.stdout))
    else:
        facts["writes to"] = "stdout" if run.stdout else "stderr" if run.stderr else "files"
        yield make_answer(name, facts, _plain(run.stdout or run.stderr))
    for path in sorted({path for path in folder.rglob("*") if path.is_file()} - before):
        title = f"{name} ({path.relative_to(folder).as_posix()})"
        yield make_answer(title, {}, _read(path))
        path.unlink()


def _read(path: Path) -> str:
    form = path.suffixes[0].lstrip(".")
    content = path.read_bytes()
    if form == "html":
        return read_page(content.decode())
    if form in READERS and (path.suffix == ".zip" or form != "csv"):
        return read_file(form, content)
    return content.decode("utf-8-sig")


def _plain(written: bytes) -> str:
    """Return what was written; of tables and boxes the words, since a library draws the rest."""
    text = written.decode().replace(str(Path.cwd()), "<folder>")
    if not _BOX.search(text):
        return text
    lines = (_SPACE.sub(" ", _BOX.sub(" ", line)).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def run_command(arguments: list[str]) -> Run:
    """Run the command line in this process, with streams of its own."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2)]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    code: Any = 0
    with (
        patch.object(sys, "argv", ["point21", *arguments]),
        patch.object(sys, "stdout", streams[0]),
        patch.object(sys, "stderr", streams[1]),
    ):
        try:
            run_main()
        except SystemExit as end:
            code = end.code
    written = []
    for stream in streams:
        with suppress(ValueError):
            stream.flush()
        written.append(stream.buffer.getvalue())  # type: ignore[attr-defined]
    return Run(code if isinstance(code, int) else 0 if code is None else 1, *written)


# --- files that commands read -------------------------------------------------------------------

_SHORT: Final = {"type": "LineString", "coordinates": [[36, 48], [36.1, 49]]}


def _write_inputs(folder: Path) -> None:
    for name, geometry in (("line", MERIDIAN), ("short", _SHORT), ("area", AREA)):
        (folder / f"{name}.geojson").write_text(json.dumps(geometry), encoding="utf-8")
    plan = (REPOSITORY / "data" / "plans" / "point21-cbs.toml").read_text("utf-8")
    (folder / "point21-cbs.toml").write_text(plan, encoding="utf-8")
    broken = 'schema_version = 1\nid = "broken"\n\n[[clause]]\nkind = "frezze"\n'
    (folder / "broken.toml").write_text(broken, encoding="utf-8")
