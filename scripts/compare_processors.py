"""Ask the same questions as different processors would answer them, and show which answers differ.

Usage: python scripts/compare_processors.py [--libraries] [QUESTION ...]

The libraries choose their instructions when they are loaded: numpy by what the processor can do,
OpenBLAS by its kind, the C library by whether it multiplies and adds in one step. Variables of the
environment forbid some of them, so one machine can answer as an older one would. Each setting runs
in a process of its own, which asks all questions and writes the answers to a folder; then they are
compared byte by byte. Where an answer differs, the first place is shown in its context. With
``--libraries`` the settings are tried one by one, which names the library that makes a difference.

The exit code is 1 when any answer differs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

REPOSITORY = Path(__file__).resolve().parent.parent

_NO_AVX512: Final = {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR"}
_NO_AVX2: Final = {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"}
_NO_FMA: Final = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX2_Usable,-FMA_Usable"}

AS_IT_IS: Final = "as it is"
PROCESSORS: Final[Mapping[str, Mapping[str, str]]] = {
    AS_IT_IS: {},
    "of 2008": {**_NO_AVX2, **_NO_FMA, "OPENBLAS_CORETYPE": "Nehalem"},
    "of 2013": {**_NO_AVX512, "OPENBLAS_CORETYPE": "Haswell"},
}
"""How one processor answers as an older one would, all libraries together."""

LIBRARIES: Final[Mapping[str, Mapping[str, str]]] = {
    AS_IT_IS: {},
    "numpy without AVX-512": _NO_AVX512,
    "numpy without AVX2 and FMA": _NO_AVX2,
    "C library without AVX2 and FMA": _NO_FMA,
    "OpenBLAS for Nehalem": {"OPENBLAS_CORETYPE": "Nehalem"},
    "OpenBLAS for Haswell": {"OPENBLAS_CORETYPE": "Haswell"},
}
"""The same library by library. What a library does not know it ignores."""

LINE: Final = {"type": "LineString", "coordinates": [[37.5, 44.0], [37.4, 48.5], [37.6, 53.0]]}
AREA: Final = {
    "type": "Polygon",
    "coordinates": [[[36.9, 46.5], [41.0, 46.5], [41.0, 49.9], [36.93, 49.87], [36.9, 46.5]]],
}

COMMANDS: Final = (
    "stats --json",
    "compare @2025-11-21 @2026-01-01 --by oblast --csv",
    "history --from 2025-11-19 --to 2025-11-21 --json",
    "uncertainty --draws 20 --json",
    "what-if --shift 5 --into ukraine --json",
    "what-if --line {folder}/line.geojson --json",
    "what-if --line {folder}/area.geojson --shift 2 --into ukraine --json",
    "export -o {folder}/all.gpkg",
)
"""What the command line is asked; ``{folder}`` holds a line and an area that a user drew."""

MORE_COMMANDS: Final = (
    "stats --by oblast,category --csv",
    "stats --plan borders-1991 --date 2026-01-01 --by change --json",
    "compare point21-axios point21-cbs --json",
    "compare @2025-11-21 @2026-01-01",
    "locate Kramatorsk --json",
    "search Краматорск --json",
    "uncertainty --draws 60 --date 2026-01-01 --uncertainty-km 3 --csv",
    "what-if --shift 3 --into russia --within 36 47 38 49 --json",
    "what-if --line {folder}/area.geojson --json",
    "band --source observations --source {folder}/area.geojson --json",
    "uncertainty --draws 100 --json",
    "verify --json",
    "export -o {folder}/faces.geojson",
)
"""What it is asked besides when somebody looks for differences."""

ADDRESSES: Final = (
    "/healthz",
    "/openapi.json",
    "/api/locate?lon=37.2&lat=48.3",
    "/api/statistics?by=oblast",
    "/api/layers/buffer_zone",
    "/api/search?q=Bakhmut",
    "/api/oblasts",
    "/?lang=en",
    "/ogc/collections/faces/items?limit=50",
)
"""What the server is asked; the ETag is a hash of the answer."""

_MOMENT: Final = re.compile(rb'"timeStamp":"[^"]*"')


LIBRARIES_THEMSELVES: Final = "what the libraries compute"


def fingerprint() -> bytes:
    """Write what numpy and the C library compute themselves, which is allowed to differ."""
    import numpy as np

    values = np.linspace(-20.0, 20.0, 20_001)
    functions = (np.sin, np.cos, np.exp, np.arctan, np.tanh)
    products = np.sin(values[:20_000]).reshape(100, 200)
    found = [function(values) for function in functions] + [products @ products.T]
    return b"".join(array.tobytes() for array in found)


def ask(folder: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    """Ask everything in this process.

    Parameters
    ----------
    folder
        Where a user's files are.
    wanted
        Tells which questions are asked.

    Yields
    ------
    question, answer
        What was asked, and the bytes.
    """
    (folder / "line.geojson").write_text(json.dumps(LINE))
    (folder / "area.geojson").write_text(json.dumps(AREA))
    yield LIBRARIES_THEMSELVES, fingerprint()
    for command in filter(wanted, (*COMMANDS, *MORE_COMMANDS)):
        yield f"point21 {command}", _run(command.format(folder=folder), folder)
    addresses = [address for address in ADDRESSES if wanted(address)]
    yield from asyncio.run(_get(addresses))


def _run(command: str, folder: Path) -> bytes:
    from typer.testing import CliRunner

    from app.cli.main import app

    words = command.split(" ")
    done = CliRunner().invoke(app, words)
    if done.exit_code:
        raise RuntimeError(f"{command}: {done.output}") from done.exception
    output = Path(words[words.index("-o") + 1]) if "-o" in words else None
    if output is None:
        return done.stdout_bytes.replace(str(folder).encode(), b"{folder}")
    if output.suffix == ".gpkg":
        return _dump(output)
    return output.read_bytes()


def _dump(path: Path) -> bytes:
    """Write a GeoPackage as text, but for the moment at which it was made."""
    connection = sqlite3.connect(path)
    tables = [
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if name != "gpkg_contents"
    ]
    lines = [
        repr(row) for table in tables for row in connection.execute(f'SELECT * FROM "{table}"')
    ]
    connection.close()
    return "\n".join(lines).encode()


async def _get(addresses: list[str]) -> list[tuple[str, bytes]]:
    import httpx

    from app.main import create_app
    from app.settings import Settings

    application = create_app(Settings(warm_up=False, what_if_seconds=300.0))
    transport = httpx.ASGITransport(app=application)
    found = []
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        client.headers["accept-encoding"] = "identity"
        for address in addresses:
            answer = await client.get(address)
            head = f"{answer.status_code} {answer.headers.get('etag')}\n"
            found.append((address, _MOMENT.sub(b"", head.encode() + answer.content)))
    application.state.what_if_pool.close()
    application.state.request_pool.close()
    return found


def answers_under(setting: Mapping[str, str], questions: list[str]) -> dict[str, bytes]:
    """Ask in a process of its own, as a processor that has only what a setting leaves."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POINT21_")}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", __file__, "--answer", folder, *questions],
            cwd=REPOSITORY,
            env={**kept, "PYTHONHASHSEED": "0", **setting},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        names: list[str] = json.loads((Path(folder) / "questions.json").read_text())
        return {
            name: (Path(folder) / f"{row}.answer").read_bytes() for row, name in enumerate(names)
        }


def differences(
    settings: Mapping[str, Mapping[str, str]], questions: list[str]
) -> Iterator[tuple[str, str, str]]:
    """Compare the answers under each setting with those under the first.

    Parameters
    ----------
    settings
        Name to variables of the environment.
    questions
        Parts of the questions to ask; all where none is named.

    Yields
    ------
    setting, question, place
        What differs under which setting, and the first place where it does.
    """
    first: dict[str, bytes] = {}
    for name, variables in settings.items():
        found = answers_under(variables, questions)
        first = first or found
        for question, answer in found.items():
            if answer != first[question]:
                yield name, question, _place(first[question], answer)


def _place(one: bytes, other: bytes) -> str:
    """Show the first byte that differs in its context, and how many pieces differ."""
    at = next(
        (row for row, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )
    start = max(0, at - 70)
    pieces = [text.replace(b"[", b",").split(b",") for text in (one, other)]
    differ = sum(a != b for a, b in zip(*pieces, strict=False))
    shown = [text[start : at + 40].decode(errors="replace") for text in (one, other)]
    return (
        f"{differ} of {len(pieces[0])} pieces, {len(one)} and {len(other)} bytes, first at {at}:"
        f"\n    {shown[0]!r}\n    {shown[1]!r}"
    )


def _answer(folder: Path, questions: list[str]) -> None:
    def wanted(question: str) -> bool:
        return not questions or any(part in question for part in questions)

    names = []
    for question, answer in ask(folder, wanted):
        (folder / f"{len(names)}.answer").write_bytes(answer)
        names.append(question)
    (folder / "questions.json").write_text(json.dumps(names))


def main() -> int:
    """Compare, and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("questions", nargs="*", help="parts of the questions to ask; all if none")
    parser.add_argument("--libraries", action="store_true", help="try one library at a time")
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    given: Any = parser.parse_args()
    if given.answer is not None:
        _answer(given.answer, given.questions)
        return 0
    settings = LIBRARIES if given.libraries else PROCESSORS
    found = list(differences(settings, given.questions))
    told = [each for each in found if each[1] != LIBRARIES_THEMSELVES]
    for setting, question, place in told:
        print(f"{setting}: {question}\n  {place}")
    changed = sorted(
        {setting for setting, question, _ in found if question == LIBRARIES_THEMSELVES}
    )
    print(f"libraries differ under: {', '.join(changed) or 'no setting, so this proves nothing'}")
    print(f"{len(told)} answers differ")
    return 1 if told else 0


if __name__ == "__main__":
    sys.path.insert(0, str(REPOSITORY))
    raise SystemExit(main())
