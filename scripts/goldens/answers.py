"""An answer, its short record, and the difference between a record and an answer."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from .entry import REPOSITORY, program_version

__all__ = [
    "Answer",
    "Records",
    "differences",
    "make_answer",
    "normalise",
    "read_records",
    "write_records",
]

_BLOCKS: Final = 16
_MOST_SHOWN: Final = 160
_BEGINS: Final = 90

_HASH: Final = re.compile(r"\b(?=[0-9]*[a-f])(?:[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{16})\b")
_SHORTEST: Final = 16
_VERSION: Final = re.compile(rf"(?<![\w.]){re.escape(program_version())}(?![\w.])")
_MOMENT: Final = re.compile(r"(timeStamp\W+(?:dd\W+)?)\d{4}-\d\d-\d\dT[\d:.]+Z")
_MEMBER: Final = re.compile(r'(?<=[,{\[])(?=["{])')
_NUMBERS: Final = ('"coordinates":', '"outline":')
_DETAIL: Final = '"detail":'
_AREA: Final = re.compile(r'"area_km2":\s*([0-9.e+-]+)')


@dataclass(frozen=True)
class Answer:
    """What the program said to one question.

    ``facts`` are status, headers, exit code: few words each. ``lines`` are the body, normalised;
    ``identity`` are the hashes of data that stood in it.
    """

    name: str
    facts: Mapping[str, Any]
    lines: Sequence[str]
    identity: str = ""
    counts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """A hash of the normalised body."""
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()[:16]

    @property
    def blocks(self) -> list[str]:
        """A short hash of each part of the body, so that the first that differs can be shown."""
        return _hash_blocks(self.lines, _step(len(self.lines)))

    def record(self) -> dict[str, Any]:
        """Return what is kept of the answer."""
        kept = {
            **self.facts,
            **self.counts,
            "lines": len(self.lines),
            "sha256": self.sha256,
            "blocks": " ".join(self.blocks),
            "begins": _begin(self.lines),
            "identity": self.identity,
        }
        return {name: value for name, value in kept.items() if value not in ("", None, {})}


Records = Mapping[str, Mapping[str, Any]]


def make_answer(name: str, facts: Mapping[str, Any], text: str) -> Answer:
    """Normalise a body and count what it holds."""
    lines, identity = normalise(text)
    return Answer(name, facts, lines, identity, dict(_count(text)))


def normalise(text: str) -> tuple[list[str], str]:
    """Take out of a text what may change with every run or version, and break it into lines.

    Returns
    -------
    tuple
        The lines, and one word for the hashes of data that stood in them.
    """
    found: list[str] = []

    def note(match: re.Match[str]) -> str:
        found.append(match[0])
        return "<hash>"

    if program_version() in text:
        text = _VERSION.sub("<version>", text)
    text = _MOMENT.sub(r"\1<moment>", text)
    if text.lstrip()[:1] in ("{", "["):
        text = _MEMBER.sub("\n", text)

    lines = text.replace(str(REPOSITORY), "<repository>").splitlines()
    for row, line in enumerate(lines):
        if len(line) >= _SHORTEST and not line.startswith(_NUMBERS):
            lines[row] = _HASH.sub(note, line)
    distinct = sorted(set(found))
    if len(distinct) <= 1:
        return lines, "".join(distinct)
    joined = hashlib.sha256(" ".join(found).encode()).hexdigest()[:16]
    return lines, f"{len(distinct)} hashes, {joined}"


def _count(text: str) -> Iterator[tuple[str, Any]]:
    """Yield what a JSON document holds: length of its lists, and the sum of areas."""
    if text[:1] != "{":
        return
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        return
    sizes = {name: len(value) for name, value in document.items() if isinstance(value, list)}
    if sizes:
        yield "counts", " ".join(f"{name}:{size}" for name, size in sizes.items())
    areas = [float(area) for area in _AREA.findall(text)]
    if areas:
        yield "sum_area_km2", round(sum(areas), 3)


def _begin(lines: Sequence[str]) -> str:
    """Write the first words of a body; of a problem those that explain it."""
    detail = next((line for line in lines[:8] if line.startswith(_DETAIL)), "")
    if detail:
        return detail[len(_DETAIL) + 1 : len(_DETAIL) + _BEGINS].rstrip('",')
    words = ""
    for line in lines:
        words = f"{words} {line.strip()}".strip() if line[:1] not in ('"', "{") else words + line
        if len(words) > _BEGINS:
            break
    return words[:_BEGINS]


def _step(lines: int) -> int:
    return max(1, -(-lines // _BLOCKS))


def _hash_blocks(lines: Sequence[str], step: int) -> list[str]:
    return [
        hashlib.sha256("\n".join(lines[row : row + step]).encode()).hexdigest()[:3]
        for row in range(0, len(lines), step)
    ]


# --- files of records ---------------------------------------------------------------------------


def write_records(path: Path, answers: Iterable[Answer]) -> None:
    """Write records, one answer a line; headers that many answers share stand once at the top."""
    shared: dict[str, Any] = {}
    lines = []
    for answer in answers:
        record = answer.record()
        headers = record.get("headers")
        if headers is not None:
            record["headers"] = _name_headers(headers)
            shared[record["headers"]] = headers
        lines.append(f"{_write(answer.name)}: {_write(record)}")
    heads = [f"{_write(name)}: {_write(shared[name])}" for name in sorted(shared)]
    parts = ('{"headers": {', ",\n".join(heads), '}, "answers": {', ",\n".join(lines), "}}\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(parts), encoding="utf-8")


def read_records(path: Path) -> Records:
    """Read records, with the headers of each."""
    document = json.loads(path.read_text("utf-8"))
    shared = document["headers"]
    return {
        name: {**record, "headers": shared[record["headers"]]} if "headers" in record else record
        for name, record in document["answers"].items()
    }


def _name_headers(headers: Mapping[str, str]) -> str:
    kind = headers.get("content-type", "none").partition(";")[0].rpartition("/")[2]
    return f"{kind}-{hashlib.sha256(_write(headers).encode()).hexdigest()[:4]}"


def _write(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


# --- differences --------------------------------------------------------------------------------


def differences(records: Records, answers: Iterable[Answer]) -> list[str]:
    """Say which answers are not as they were recorded, and in what.

    Returns
    -------
    list of str
        One paragraph for each answer that differs, is new or is missing.
    """
    found, seen = [], set()
    for answer in answers:
        seen.add(answer.name)
        if answer.name not in records:
            found.append(f"{answer.name}\n  is new: nothing is recorded of it")
            continue
        faults = list(_compare(records[answer.name], answer))
        if faults:
            found.append("\n  ".join([answer.name, *faults]))
    missing = [name for name in records if name not in seen]
    return [*found, *(f"{name}\n  is recorded, but was not asked" for name in missing)]


def _compare(record: Mapping[str, Any], answer: Answer) -> Iterator[str]:
    now = answer.record()
    body = ("lines", "sha256", "blocks", "begins", "headers")
    for name in dict.fromkeys((*record, *now)):
        if name not in body and record.get(name) != now.get(name):
            yield f"{name}: was {_show(record.get(name))}, is {_show(now.get(name))}"
    was, is_ = record.get("headers", {}), now.get("headers", {})
    for name in dict.fromkeys((*was, *is_)):
        if was.get(name) != is_.get(name):
            yield f"header {name}: was {_show(was.get(name))}, is {_show(is_.get(name))}"
    if record["sha256"] != now["sha256"]:
        yield from _compare_bodies(record, answer)


def _compare_bodies(record: Mapping[str, Any], answer: Answer) -> Iterator[str]:
    if record["lines"] != len(answer.lines):
        yield f"body: had {record['lines']} lines, has {len(answer.lines)}"
    step = _step(record["lines"])
    before, now = record.get("blocks", "").split(), _hash_blocks(answer.lines, step)
    pairs = zip(before, now, strict=False)
    first = next(
        (at for at, (was, is_) in enumerate(pairs) if was != is_), min(len(before), len(now))
    )
    at = first * step
    upto = min(at + step, len(answer.lines))
    if record.get("begins") != answer.record().get("begins"):
        yield f"body: began {_show(record.get('begins'))}"
    if at >= upto:
        yield f"body: ends after line {len(answer.lines)}, earlier than recorded"
        return
    where = f"line {at + 1}" if upto - at == 1 else f"lines {at + 1} to {upto}"
    yield f"body: differs first in {where}, which now reads"
    yield from (f"  | {line[:_MOST_SHOWN]}" for line in answer.lines[at : min(upto, at + 6)])


def _show(value: object) -> str:
    text = "nothing" if value is None else _write(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
