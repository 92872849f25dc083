"""``python -m benchmarks``: measure, print, and on request write docs/benchmarks.md."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import report
from benchmarks.timing import Ratio

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "latest.json"
PAGE = ROOT / "docs" / "benchmarks.md"
MARKERS = re.compile(r"(<!-- benchmarks:begin -->\n).*(<!-- benchmarks:end -->)", re.DOTALL)


def _geometry(quick: bool) -> list[Ratio]:
    from benchmarks import geometry

    return geometry.run(rounds=5 if quick else 15)


def _history(quick: bool) -> list[Ratio]:
    from benchmarks import history

    return history.run(rounds=1 if quick else 3)


def _start(quick: bool) -> list[Ratio]:
    from benchmarks import start

    return start.run(rounds=2 if quick else 7)


def _serving(quick: bool) -> list[Ratio]:
    from benchmarks import serving

    return serving.run(rounds=2 if quick else 7, seconds=1 if quick else 2)


def _page(quick: bool) -> list[Ratio]:
    from benchmarks import page

    return page.run(rounds=2 if quick else 7)


def _switch(quick: bool) -> list[Ratio]:
    from benchmarks import switch

    return switch.run(rounds=5 if quick else 15)


def _uncertainty(quick: bool) -> list[Ratio]:
    from benchmarks import uncertainty

    return uncertainty.run(rounds=5 if quick else 15)


def _standards(quick: bool) -> list[Ratio]:
    from benchmarks import standards

    return standards.run(rounds=2 if quick else 4, seconds=1 if quick else 3)


def _load(quick: bool) -> list[Ratio]:
    from benchmarks import sharing, sustained

    return [*sustained.run(seconds=4.0 if quick else 20.0), *sharing.run()]


GROUPS: dict[str, Callable[[bool], list[Ratio]]] = {
    "geometry": _geometry,
    "history": _history,
    "uncertainty": _uncertainty,
    "start": _start,
    "serving": _serving,
    "standards": _standards,
    "load": _load,
    "page": _page,
    "switch": _switch,
}


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("groups", nargs="*", choices=[*GROUPS, []], help="which; default all")
    parser.add_argument("--quick", action="store_true", help="few rounds, for a first look")
    parser.add_argument(
        "--write",
        action="store_true",
        help="write the tables into docs/, those of the groups named or all",
    )
    return parser.parse_args(arguments)


def _write(whole: str | None, measured: dict[str, list[Ratio]]) -> None:
    """Put all tables into the page, or those that were measured in place of theirs."""
    page = PAGE.read_text(encoding="utf-8")
    found = MARKERS.search(page)
    if found is None:
        raise ValueError(f"{PAGE} has no place for the tables")
    begin, end = found.end(1), found.start(2)
    text = whole or report.renew(page[begin:end].strip() + "\n", measured)
    PAGE.write_text(f"{page[:begin]}\n{text}\n{page[end:]}", encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Run the groups asked for; exit with 1 when a bound is not kept."""
    options = _parse(arguments)
    measured: dict[str, list[Ratio]] = {}
    for name in options.groups or GROUPS:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        measured[name] = GROUPS[name](options.quick)
    text = report.to_markdown(measured)
    print(text)
    report.write_json(measured, RESULTS)
    if options.write:
        _write(text if not options.groups else None, measured)
    missed = [ratio for rows in measured.values() for ratio in rows if ratio.holds is False]
    for ratio in missed:
        print(f"not kept: {ratio.claim}: {ratio.value:.3g}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
