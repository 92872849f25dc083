"""Check that the program says what it said before, or record what it says now.

Usage: python scripts/golden.py [--write] [--bodies FOLDER] [--only GROUP]

The records are in tests/golden: for each answer its status, its headers, a hash of its body and how
it begins. With ``--write`` they are renewed. With ``--bodies`` each body is also written to a file,
as it is compared, so that two versions of the program can be laid side by side with ``diff -r``.

The exit code is 1 when any answer differs.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent))

from goldens import answers, commands, entry, library, surroundings, web

Answer = answers.Answer

RECORDS: Final = entry.REPOSITORY / "tests" / "golden"


GROUPS: Final[dict[str, Callable[[], list[Answer]]]] = {
    "web": web.ask_server,
    "commands": commands.run_commands,
    "library": library.call_library,
    "heavy_web": web.ask_server_heavily,
    "heavy_commands": commands.run_heavy_commands,
}
"""Name of a file of records to what collects its answers."""


def collect(group: str) -> list[Answer]:
    """Collect the answers of a group, in surroundings that are the same everywhere."""
    with surroundings.same_surroundings(), entry.data_read_once():
        return GROUPS[group]()


def check(group: str) -> list[str]:
    """Say which answers of a group differ from their records."""
    return answers.differences(answers.read_records(RECORDS / f"{group}.json"), collect(group))


def _write_bodies(folder: Path, said: list[Answer]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for answer in said:
        name = re.sub(r"[^\w.=,@-]+", "_", answer.name).strip("_")[:150]
        (folder / f"{name}.txt").write_text("\n".join(answer.lines) + "\n", encoding="utf-8")


def main() -> int:
    """Run the chore."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="record what is said now")
    parser.add_argument("--bodies", type=Path, metavar="FOLDER", help="write the bodies too")
    parser.add_argument("--only", choices=GROUPS, help="ask one group only")
    options = parser.parse_args()
    differing = 0
    for group in [options.only] if options.only else GROUPS:
        start = time.perf_counter()
        said = collect(group)
        path = RECORDS / f"{group}.json"
        kept = answers.read_records(path) if path.exists() else {}
        found = answers.differences(kept, said)
        took = f"{len(said)} answers in {time.perf_counter() - start:.1f} s"
        print(f"{group}: {took}, {len(found)} differ", *found, sep="\n", flush=True)
        if options.bodies:
            _write_bodies(options.bodies / group, said)
        if options.write:
            answers.write_records(path, said)
        differing += len(found)
    if differing and not options.write:
        print("\nIf that is meant: make golden ARGS=--write, and say in the commit what and why.")
        print('To see all that differs: make golden ARGS="--bodies FOLDER" here and in a checkout')
        print("of before, then diff -r.")
    return 1 if differing and not options.write else 0


if __name__ == "__main__":
    sys.exit(main())
