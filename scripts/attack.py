"""Send made-up requests to a server of our own, and report whether anybody else noticed.

    python scripts/attack.py --each 10000 --workers 1 --seed 1

Filters (CQL2), plans, what-if bodies (whole and in pieces) and addresses are made by chance, the
same for the same seed. Reported are answers 5xx, heads called too large that are not, connections
that break, processes that are lost, how long ``/healthz`` takes with and without, and memory
before and after. The exit code is 1 if any of the first four happened.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, Thread
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.servers import (
    ROOT,
    ask,
    await_answer,
    children,
    environment,
    free_port,
    serve_command,
)

_MOST_HEAD_BYTES = 60_000
_READERS = 4
_BUSY = {429, 503}
"""Refusals that say that there is too much to do; everything else from 500 is a failure."""


@dataclass(frozen=True)
class Request:
    """What is sent: a head and a body, the body perhaps in pieces."""

    kind: str
    path: str
    body: bytes = b""
    pieces: int = 1

    def write(self) -> Iterator[bytes]:
        """Give the pieces in which it goes over the wire."""
        method = "POST" if self.body else "GET"
        head = f"{method} {self.path} HTTP/1.1\r\nHost: attack\r\n".encode()
        if self.body:
            head += b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(self.body)
        yield head + b"\r\n"
        step = max(1, -(-len(self.body) // self.pieces))
        for start in range(0, len(self.body), step):
            yield self.body[start : start + step]


# --- what is sent --------------------------------------------------------------------------------

_TEXTS = (
    *("", "a", "z" * 300, "z" * 20_000, "{{7*7}}", "{#", "<script>alert(1)</script>", "\x00"),
    *("../../etc/passwd", "%s%n", "\u202e\u2066", "\ud7ff\uffff", "1e400", "NaN", "-Infinity"),
    *("9999-12-31", "0000-00-00", "-9999999999", "2025-02-30", "9" * 400, "'", '"', "\\", "a\r\nb"),
    *("%25%30%30", "(" * 500, "[" * 500, "*" * 100, "(a+)+$", "%_%_%_%_%_%#", "\U0001f4a9" * 50),
)
_WORDS = (
    *("date", "name", "method", "geometry", "area_km2", "category", "oblast", "no_such", "NULL"),
    *("AND", "OR", "NOT", "IN", "LIKE", "BETWEEN", "IS NULL", "=", "<>", "<", ">", "(", ")", ","),
    *("+", "-", "*", "/", "^", "DIV", "CASEI(", "ACCENTI(", "S_INTERSECTS(geometry,", "T_AFTER("),
    *("POINT(37 48)", "POINT EMPTY", "POLYGON((30 45,40 45,40 50,30 45))", "BBOX(1,2,3,4)"),
    *("DATE('2025-11-21')", "TIMESTAMP('9999-12-31T23:59:59-14:00')", "INTERVAL('..','..')"),
    *("'a'", "'%_%_%_%#'", "1", "-1e308", "1e400", "TRUE", '"date"', "A_CONTAINS(", "\u0456"),
)
_COLLECTIONS = ("oblasts", "contact_lines", "layers", "no_such")
_FILTERS = (
    "date > DATE('2025-01-01')",
    "S_INTERSECTS(geometry,POLYGON((30 45,40 45,40 50,30 45)))",
    "name LIKE 'Khark%' AND NOT area_km2 BETWEEN 1 AND 20000",
    "CASEI(name) IN (CASEI('Kyiv'), 'Lviv')",
)


def _spoil(text: str, chance: random.Random) -> str:
    """Cut a text, repeat a part of it, or put something else into it."""
    for _ in range(chance.choice([1, 1, 2, 5])):
        start, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
        way = chance.randrange(4)
        if way == 0:
            text = text[:start] + text[end:]
        elif way == 1:
            text = text[:start] + text[start:end] * chance.choice([2, 3]) + text[end:]
        else:
            word = chance.choice(_WORDS if way == 2 else _TEXTS)
            text = text[:start] + word + text[start:]
    return text


def make_filters(chance: random.Random) -> Iterator[Request]:
    """Make filters of collections: those that people write, spoilt, and words in any order."""
    while True:
        sort = chance.random()
        if sort < 0.1:
            text = chance.choice([" AND ", " OR "]).join(chance.choices(_FILTERS, k=3))
        elif sort < 0.6:
            text = _spoil(chance.choice(_FILTERS), chance)
        else:
            text = " ".join(chance.choices(_WORDS, k=chance.randrange(1, 30)))
        where = chance.choice(_COLLECTIONS)
        query = quote(text, errors="replace")[:_MOST_HEAD_BYTES].rsplit("%", 1)[0]
        yield Request("filters", f"/ogc/collections/{where}/items?limit=5&filter={query}")


def make_plans(chance: random.Random) -> Iterator[Request]:
    """Make what-ifs with plans of ours whose text is spoilt."""
    plans = [path.read_text("utf-8") for path in sorted((ROOT / "data" / "plans").glob("*.toml"))]
    while True:
        text = _spoil(chance.choice(plans), chance)
        yield _ask_what_if("plans", {"plan": text, "geometry": "none"}, chance)


def make_bodies(chance: random.Random) -> Iterator[Request]:
    """Make what-ifs of which some members are strange, and some whole bodies no JSON."""
    while True:
        positions = [[37 + chance.random() / 100, 44 + 9 * n / 40] for n in range(41)]
        body: dict[str, object] = {
            "line": {"type": "LineString", "coordinates": positions},
            "geometry": "none",
            "shift": {"km": chance.uniform(-5, 50), "into": "ukraine"},
        }
        for _ in range(chance.choice([1, 2, 3])):
            body[chance.choice(_MEMBERS)] = _strange(chance)
        if chance.random() < 0.05:  # far more than a head may have
            body["readings"] = {"a": "z" * chance.randrange(70_000, 400_000)}
        request = _ask_what_if("bodies", body, chance)
        if chance.random() < 0.2:
            text = _spoil(request.body.decode("ascii"), chance)
            request = Request("bodies", request.path, text.encode(errors="replace"), request.pieces)
        yield request


_MEMBERS = (
    *("plan", "line", "part", "date", "source", "boundaries", "readings", "shift", "reference"),
    *("geometry", "no_such"),
)


def _strange(chance: random.Random) -> object:
    text = chance.choice(_TEXTS)
    return chance.choice(
        [
            *(None, True, 0, -1, 1e308, 10**300, [], {}, [[]], text, {text: text}, [text] * 3),
            *({"type": text}, {"type": "Polygon", "coordinates": [[]]}, {"km": text, "into": text}),
            {"type": "LineString", "coordinates": [[chance.uniform(-400, 400), 48], [37, 91]]},
            {"type": "LineString", "coordinates": [[37, 40], [37, text]]},
            {"type": "FeatureCollection", "features": [{"type": "Feature"}] * 9},
            json.loads("[" * 200 + "]" * 200),
        ]
    )


def _ask_what_if(kind: str, body: object, chance: random.Random) -> Request:
    pieces = chance.choice([1, 1, 2, 7, 40])
    return Request(kind, "/api/what-if", json.dumps(body).encode(), pieces)


def make_addresses(chance: random.Random, paths: list[str], names: list[str]) -> Iterator[Request]:
    """Make addresses of what there is, with strange values in path and query."""
    while True:
        path = re.sub(
            r"\{[^}]*\}",
            lambda _: quote(chance.choice(_TEXTS)[:300], safe=""),
            chance.choice(paths),
        )
        if chance.random() < 0.1:
            path = f"/{quote(_spoil(path, chance)[:500], errors='replace')}"
        query = "&".join(
            f"{chance.choice(names)}={quote(chance.choice(_TEXTS)[:9000], errors='replace')}"
            for _ in range(chance.choice([0, 1, 1, 2, 4]))
        )
        yield Request("addresses", f"{path}?{query}"[:_MOST_HEAD_BYTES])


# --- who is asked --------------------------------------------------------------------------------


class Server:
    """``point21 serve`` in processes of its own."""

    def __init__(self, workers: int, log: Path | None = None) -> None:
        self.port = free_port()
        own = {"POINT21_WARM_UP": "0", "POINT21_PREPARED_BYTES": str(16 * 2**20)}
        command = [*serve_command(self.port), "--workers", str(workers)]
        self._log = (log or Path(os.devnull)).open("w")
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment(**own), stderr=self._log)
        await_answer(self.port, "/healthz", self.process)

    def get(self, path: str) -> bytes:
        """Ask in the ordinary way."""
        return ask(self.port, path)[2]

    @property
    def pids(self) -> list[int]:
        """The process and all that it has started, and so on."""
        found = [self.process.pid]
        for pid in found:
            found += children(pid)
        return found

    @property
    def memory_mib(self) -> float:
        """Resident memory that belongs to these processes alone, in all."""
        size = 0
        for pid in self.pids:
            try:
                text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            except OSError:
                continue
            size += sum(int(kib) for kib in re.findall(r"Private_\w+: +(\d+) kB", text))
        return size / 1024

    def close(self) -> None:
        """End the server."""
        self.process.terminate()
        self.process.wait(timeout=60)
        self._log.close()


@dataclass
class Report:
    """How it went."""

    statuses: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def note(self, request: Request, status: int, words: str = "") -> None:
        """Count an answer; name it if it is a failure."""
        is_wrong = status == 431 or (status >= 500 and status not in _BUSY) or status == 0
        with self.lock:
            self.statuses[f"{request.kind} {status}"] += 1
            if is_wrong:
                shown = f"{request.path[:200]} {request.body[:200]!r}"
                self.faults.append(f"{status} {words}: {shown}")


def _send(sock: socket.socket, request: Request) -> int:
    """Send a request on a new connection and return the status of the answer."""
    try:
        for number, piece in enumerate(request.write()):
            if number > 1:
                time.sleep(0.001)  # so that it goes as a piece
            sock.sendall(piece)
    except (BrokenPipeError, ConnectionResetError):
        pass  # refused before everything was sent
    answer = http.client.HTTPResponse(sock)
    answer.begin()
    answer.read()
    return answer.status


def send_all(port: int, requests: Iterator[Request], number: int, report: Report) -> None:
    """Send requests over several connections at once."""
    taking = Lock()
    left = number

    def take() -> Request | None:
        nonlocal left
        with taking:
            left -= 1
            return next(requests) if left >= 0 else None

    def work() -> None:
        while (request := take()) is not None:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=120) as sock:
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    report.note(request, _send(sock, request))
            except (OSError, http.client.HTTPException) as error:
                report.note(request, 0, repr(error))

    threads = [Thread(target=work) for _ in range(_READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def asking_for_health(server: Server) -> Iterator[list[float]]:
    """Ask ``/healthz`` all the time; the list holds how long each answer took, in ms."""
    took: list[float] = []
    enough = Event()

    def work() -> None:
        while not enough.wait(0.02):
            began = time.perf_counter()
            server.get("/healthz")
            took.append(1000 * (time.perf_counter() - began))

    thread = Thread(target=work)
    thread.start()
    try:
        yield took
    finally:
        enough.set()
        thread.join()


def _shown(took: list[float]) -> str:
    ordered = sorted(took) or [0.0]
    return f"p99 {ordered[int(0.99 * (len(ordered) - 1))]:.1f} ms, most {ordered[-1]:.1f} ms"


def attack(
    each: int,
    workers: int,
    seed: int,
    *,
    say: Callable[[str], object] = print,
    log: Path | None = None,
) -> Report:
    """Attack a server; return what was counted, with everything that went wrong."""
    server = Server(workers, log)
    try:
        described = json.loads(server.get("/openapi.json"))
        paths = [*described["paths"], "/", "/embed", "/map.html", "/static/core/app.js", "/ogc"]
        parameters = [
            parameter["name"]
            for operations in described["paths"].values()
            for operation in operations.values()
            for parameter in operation.get("parameters", ())
        ]
        names = sorted({*parameters, "no_such", "%00", ""})
        makers: list[Callable[[random.Random], Iterator[Request]]] = [
            *(make_filters, make_bodies, lambda chance: make_addresses(chance, paths, names)),
            make_plans,
        ]
        for make in makers:  # fill caches and start helpers, so that memory can be compared
            send_all(server.port, make(random.Random(-1 - seed)), max(3, each // 20), Report())
        time.sleep(2.0)
        before_mib, pids = server.memory_mib, set(server.pids[: 1 + workers * (workers > 1)])
        with asking_for_health(server) as alone:
            time.sleep(3.0)
        report = Report()
        for make in makers:
            began = time.monotonic()
            with asking_for_health(server) as beside:
                send_all(server.port, make(random.Random(seed)), each, report)
            kind = make(random.Random(seed)).__next__().kind
            say(f"{each:,} {kind} in {time.monotonic() - began:.0f} s; /healthz {_shown(beside)}")
        time.sleep(3.0)
        lost = {pid for pid in pids if not Path(f"/proc/{pid}").exists()}
        report.faults += [f"process {pid} was lost" for pid in lost]
        say(f"/healthz alone {_shown(alone)}")
        say(f"memory {before_mib:.0f} MiB before, {server.memory_mib:.0f} MiB after")
        say(f"answers: {dict(sorted(report.statuses.items()))}")
        say(f"faults: {len(report.faults)}")
        return report
    finally:
        server.close()


def main() -> None:
    """Attack with as many requests as asked for and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=10_000, help="requests of each kind")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, help="where the server's log goes")
    arguments = parser.parse_args()
    report = attack(
        arguments.each,
        arguments.workers,
        arguments.seed,
        say=lambda line: print(line, flush=True),
        log=arguments.log,
    )
    for fault in report.faults[:50]:
        print(fault)
    sys.exit(bool(report.faults))


if __name__ == "__main__":
    main()
