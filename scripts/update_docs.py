"""Write today's figures and answers into README.md and docs/: ``make docs``.

A generated block stands between ``<!-- generated:NAME -->`` and ``<!-- /generated -->``. Its text
comes from the program itself: tables from the engine, answers from the application, output from
the command line. ``--check`` changes nothing and exits with 1 when a block is stale.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from app.main import Service, create_app
from app.settings import PREFIX, Settings
from geo import (
    By,
    Category,
    ReadingRanges,
    Scenario,
    build_scenario,
    estimate_uncertainty,
    explore_readings,
    load_boundaries,
    load_contact_line,
    load_contact_lines,
    load_observations,
    load_plan,
    load_plans,
)

__all__ = ["BLOCKS", "PAGES", "renew"]

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
PAGES = (
    "README.md",
    "docs/http.md",
    "docs/method.md",
    "docs/plans.md",
    "docs/readings.md",
    "docs/cli.md",
    "docs/compare.md",
    "docs/what-if.md",
    "docs/sources.md",
    "docs/uncertainty.md",
)
BLOCK = re.compile(
    r"(<!-- generated:(?P<name>[^>]+?) -->\n)(?P<body>.*?)\n(<!-- /generated -->)", re.DOTALL
)
DEFAULT, OTHER = "point21-axios", "point21-cbs"
ADDRESS = "http://127.0.0.1:8000"
LONGEST_ANSWER = 60  # lines
DIGITS = re.compile(r"(\d\.\d{4})\d+")
DECIMAL = re.compile(r"(?<![\w.])-?\d+\.\d+(?![\w.])")
EXACT_DIGITS = 5


# --- what the blocks are made from -------------------------------------------------------------


@cache
def scenario(plan_id: str) -> Scenario:
    plan = load_plan(plan_id)
    line = load_contact_line(plan.line_date)
    return build_scenario(load_boundaries(), line, plan, load_observations())


@cache
def _application() -> Service:
    """Make an application with default settings, whatever this machine's environment says."""
    given = {name: field.default for name, field in Settings.model_fields.items()}
    return create_app(Settings(**given))


def ask(url: str, body: str | None = None) -> httpx.Response:
    """Ask the application, with POST when there is a body; ``url`` may be a whole address.

    The event loop has a thread of its own, so that a caller may be inside another one.
    """

    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(_application())
        async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
            if body is None:
                return await client.get(url)
            kind = {"content-type": "application/json"}
            return await client.post(url, content=body, headers=kind)

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(lambda: asyncio.run(get())).result()


def rows(plan_id: str, by: By) -> tuple[Mapping[str, Any], ...]:
    return tuple(scenario(plan_id).table(by).rows)


def km2(value: float) -> str:
    return f"{value:,.0f}"


def signed(value: float) -> str:
    return f"{value:+,.0f}".replace("-", "−")


def table(head: list[str], body: list[list[str]]) -> str:
    rule = ["---", *["--:"] * (len(head) - 1)]
    lines = [head, rule, *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


# --- figures -----------------------------------------------------------------------------------


def figures() -> str:
    """Both readings of the plan, side by side."""
    ours, theirs = rows(DEFAULT, By.CATEGORY), rows(OTHER, By.CATEGORY)
    body = [
        [
            a["label"],
            km2(a["area_km2"]),
            f"{a['share_of_country']:.2%}".replace("%", " %"),
            km2(b["area_km2"]),
            f"{a['settlements']:,}",
        ]
        for a, b in zip(ours, theirs, strict=True)
    ]
    body.append(
        [
            "**the country**",
            km2(sum(a["area_km2"] for a in ours)),
            "100 %",
            km2(sum(b["area_km2"] for b in theirs)),
            f"{sum(a['settlements'] for a in ours):,}",
        ]
    )
    head = ["category", "A (Axios), km²", "share", "B (CBS), km²", "settlements, A"]
    return _dated(DEFAULT) + "\n\n" + table(head, body)


def ledger() -> str:
    """What each side would leave, by oblast."""
    body = [
        [
            f"**{row['name_en'].lower()}**" if row["oblast"] == "total" else row["name_en"],
            km2(row["ukraine_leaves_km2"]),
            km2(row["russia_leaves_km2"]),
            signed(row["net_leaves_km2"]),
        ]
        for row in scenario(DEFAULT).table(By.CHANGE, totals=True).rows
        if row["ukraine_leaves_km2"] or row["russia_leaves_km2"]
    ]
    head = ["oblast", "Ukraine leaves, km²", "Russia leaves, up to km²", "Ukraine less Russia, km²"]
    return table(head, body)


def held() -> str:
    """Who holds what on the day of the line, by oblast the line touches or has passed."""
    body = [
        [
            row["name_en"],
            km2(row["area_km2"]),
            km2(row["ukraine_held_km2"]),
            km2(row["russia_held_km2"]),
            f"{row['russia_held_share']:.1%}".replace("%", " %"),
            km2(row["contact_line_km"]),
        ]
        for row in rows(DEFAULT, By.OBLAST)
        if row["russia_held_km2"]
    ]
    head = [
        "oblast", "area, km²", "Ukrainian-held, km²", "Russian-held, km²", "Russian-held",
        "line of contact, km",
    ]  # fmt: skip
    return table(head, body)


def plans() -> str:
    """Every plan that is shipped, with its areas by category on its default date."""
    loaded = load_plans()
    first = rows(DEFAULT, By.CATEGORY)
    body = []
    for plan_id in loaded:
        areas = {row["category"]: row["area_km2"] for row in rows(plan_id, By.CATEGORY)}
        body.append([f"`{plan_id}`", *(km2(areas[row["category"]]) for row in first)])
    return table(["plan, km²", *(f"`{row['category']}`" for row in first)], body)


@cache
def ranges(plan_id: str) -> ReadingRanges:
    return explore_readings(
        load_plan(plan_id), load_boundaries(), load_contact_lines(), load_observations()
    )


def readings() -> str:
    """Every reading with its options; the default of each text."""
    ours, theirs = load_plan(DEFAULT), load_plan(OTHER)
    body = []
    for mine, other in zip(ours.reading, theirs.reading, strict=True):
        options = [f"`{option.id}`" for option in mine.option]
        options += ["a list of oblasts"] if mine.oblast_list else []
        answers = ", ".join(options)
        body.append(
            [f"`{mine.id}`", mine.question, answers, f"`{mine.default}`", f"`{other.default}`"]
        )
    head = ["reading", "question", "options", "default, A", "default, B"]
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def reading_ranges() -> str:
    """Areas, what each side leaves and recorded people over all readings of text A."""
    body = []
    for item in ranges(DEFAULT).ranges:
        if item.low.value == item.high.value or item.figure.name == "settlements":
            continue
        sides = [
            part
            for side in (item.low, item.high)
            for part in (
                km2(side.value),
                ", ".join(f"`{name}:{option}`" for name, option in side.readings.items())
                or "default",
            )
        ]
        body.append([f"{item.figure.name}, `{item.figure.of}`", km2(item.default), *sides])
    lines = [
        ["figure", "default", "low", "by", "high", "by"],
        ["---", "--:", "--:", "---", "--:", "---"],
        *body,
    ]
    days = ranges(DEFAULT).days
    note = (
        f"Text A, {ranges(DEFAULT).combinations} combinations; day of the plan "
        f"{days['plan_date']}, latest day {days['latest']}."
    )
    return note + "\n\n" + "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def reading_options() -> str:
    """What each option alone changes in the areas by category and in the net."""
    found = ranges(DEFAULT)
    shown = [item for item in found.ranges if item.figure.name == "area_km2"][:6]
    shown.append(found.find("net_leaves_km2", "total"))
    body = [
        [
            f"`{part.reading}:{part.option}`",
            *(_change(item.contributions[row].contribution) for item in shown),
        ]
        for row, part in enumerate(shown[0].contributions)
    ]
    head = ["km² against the default", *(f"`{item.figure.of}`" for item in shown[:6]), "net"]
    return table(head, body)


def _change(value: float) -> str:
    return signed(value) if abs(value) >= 0.5 else "0"


def intervals() -> str:
    """Every area of the default scenario that depends on where the line lies, with its interval."""
    names = {
        "area_km2": "area",
        "russia_held_km2": "Russian-held",
        "ukraine_leaves_km2": "Ukraine leaves",
        "russia_leaves_km2": "Russia leaves",
        "net_leaves_km2": "net",
    }
    result = estimate_uncertainty(scenario(DEFAULT))
    boundaries = load_boundaries()
    labels = dict(zip(boundaries.ids, boundaries.name_en, strict=True))
    settlement = scenario(DEFAULT).settlement
    labels |= {category.value: settlement.label_of(category) for category in Category}
    shown = [
        row
        for row in result.table.rows
        if row["sd_km2"] > 0.0
        and row["figure"] in names
        and (row["by"], row["figure"]) != ("category", "russia_held_km2")
        and row["by"] != "change"
    ]
    body = [
        [
            f"{labels.get(row['key'], 'the country')}: {names[row['figure']]}",
            *(km2(row[name]) for name in ("value_km2", "low_km2", "high_km2", "mean_km2")),
            *(km2(row[name]) for name in ("sd_km2", "first_order_sd_km2")),
        ]
        for row in shown
    ]
    head = ["km²", "figure", "5 %", "95 %", "mean", "sd", "sd, first order"]
    return table(head, body)


def data_files() -> str:
    """Every data file with what it says of itself."""
    body = []
    for path in sorted([*DATA.glob("*.geojson"), *DATA.glob("*.csv-metadata.json")]):
        stated = json.loads(path.read_text(encoding="utf-8"))["provenance"]
        name = path.name.removesuffix("-metadata.json")
        body.append(
            [f"`{name}`", *(stated[key] for key in ("title", "date", "licence", "attribution"))]
        )
    lines = [["file", "what", "date", "licence", "attribution"], ["---"] * 5, *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def settings() -> str:
    """Every setting with its variable, default and meaning."""
    body = []
    for name, field in Settings.model_fields.items():
        default = "–" if field.default is None else f"`{field.default}`"
        body.append([f"`{PREFIX}{name.upper()}`", default, field.description or ""])
    lines = [["variable", "default", "meaning"], ["---", "---", "---"], *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _dated(plan_id: str) -> str:
    built = scenario(plan_id)
    return (
        f"Line of contact of {built.line.date.isoformat()} ({built.line.source}), "
        f"{built.line.length_km:,.0f} km long; data version `{built.data_version}`."
    )


# --- answers and output ------------------------------------------------------------------------


def http(url: str, body: str | None = None) -> str:
    """Ask the application and show the answer, long lists and coordinates shortened."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    answer = ask(path, body)
    kind = answer.headers["content-type"].split(";")[0]
    if "json" in kind:
        text, language = _pretty(_shorten(answer.json())), "json"
    else:
        text, language = answer.text.rstrip().replace("\r\n", "\n"), "csv"
        text = DIGITS.sub(r"\1", text)
    status = "" if answer.status_code == 200 else f"{answer.status_code} {kind}\n\n"
    posted = "" if body is None else f"--json {shlex.quote(body)} "
    command = f"```sh\ncurl -s {posted}{shlex.quote(ADDRESS + path)}\n```\n\n"
    return f"{command}{status}```{language}\n{_clip(text)}\n```\n"


def _shorten(value: Any, *, depth: int = 0) -> Any:  # noqa: ANN401
    """Keep the first of many list members, four digits of a number, no coordinates."""
    if isinstance(value, dict):
        return {
            key: "…" if key == "coordinates" and depth else _shorten(item, depth=depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list):
        longest = 8 if all(not isinstance(item, dict | list) for item in value) else 2
        kept = [_shorten(item, depth=depth + 1) for item in value[:longest]]
        return [*kept, f"… {len(value) - longest} more"] if len(value) > longest else kept
    return round(value, 4) if isinstance(value, float) else value


def _pretty(value: Any) -> str:  # noqa: ANN401
    """Indent by two, with short containers on one line."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    flat = re.compile(r"([\[{])\s*([^\[\]{}]{0,90}?)\s*([\]}])")
    return flat.sub(lambda m: m[1] + re.sub(r"\n\s*", " ", m[2]) + m[3], text)


def _clip(text: str) -> str:
    lines = text.splitlines()
    if len(lines) <= LONGEST_ANSWER:
        return text
    return "\n".join([*lines[:LONGEST_ANSWER], "…"])


def command(line: str) -> str:
    """Run ``point21 ...`` and show what it prints."""
    words = shlex.split(line)
    program = str(Path(sys.executable).with_name(words[0]))
    kept = {key: value for key, value in os.environ.items() if not key.startswith("POINT21_")}
    done = subprocess.run(
        [program, *words[1:]],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=kept | {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"},
    )
    printed = "\n".join(part.rstrip() for part in done.stdout.rstrip().splitlines())
    return f"```sh\n{line}\n```\n\n```text\n{_clip(printed)}\n```\n"


BLOCKS: dict[str, Callable[[], str]] = {
    "figures": figures,
    "ledger": ledger,
    "held": held,
    "plans": plans,
    "readings": readings,
    "reading-ranges": reading_ranges,
    "reading-options": reading_options,
    "intervals": intervals,
    "data-files": data_files,
    "settings": settings,
}


def block(name: str) -> str:
    """Return the text of a block: a figure, a request, or a ``point21`` command."""
    if name.startswith("GET "):
        return http(name.removeprefix("GET "))
    if name.startswith("POST "):
        return http(*name.removeprefix("POST ").split(" ", 1))
    if name.startswith("point21 "):
        return command(name)
    return BLOCKS[name]()


def is_alike(one: str, other: str) -> bool:
    """Tell whether two texts differ in nothing but the last digit of long decimal numbers."""
    if DECIMAL.split(one) != DECIMAL.split(other):
        return False
    pairs = zip(DECIMAL.findall(one), DECIMAL.findall(other), strict=True)
    return all(a == b or _differ_in_the_last_digit(a, b) for a, b in pairs)


def _differ_in_the_last_digit(one: str, other: str) -> bool:
    decimals = [len(text.partition(".")[2]) for text in (one, other)]
    digits = one.replace(".", "").lstrip("-0")
    units = [int(text.replace(".", "")) for text in (one, other)]
    return (
        decimals[0] == decimals[1] and len(digits) > EXACT_DIGITS and abs(units[0] - units[1]) == 1
    )


def _renew_block(found: re.Match[str]) -> str:
    made = f"\n{block(found['name'])}"
    return found[0] if is_alike(found["body"], made) else f"{found[1]}{made}\n{found[4]}"


def renew(page: str) -> str:
    """Return a page with every generated block made afresh, if it says anything else."""
    return BLOCK.sub(_renew_block, page)


def main() -> int:
    """Renew, or with ``--check`` only compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit with 1 when a page is stale")
    check = parser.parse_args().check
    stale = []
    for name in PAGES:
        path = ROOT / name
        before = path.read_text(encoding="utf-8")
        after = renew(before)
        if after != before:
            stale.append(name)
            if not check:
                path.write_text(after, encoding="utf-8", newline="\n")
    for name in stale:
        print(f"{'stale' if check else 'renewed'}: {name}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
