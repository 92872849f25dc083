"""A running server, a browser that can reach nothing else, and a page that notes what it does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit

import orjson
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from pages import PATIENCE_S
from whatifs import Editor

REPOSITORY = Path(__file__).resolve().parents[2]
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
SIZES = {"desktop": DESKTOP, "phone": PHONE}
# Every name but the loopback's fails to resolve, also for what routing does not see.
CUT = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
# Pages of one server share a process, which has compiled the scripts already.
SHARED = "--process-per-site"
# The port is taken before the server starts, so that nobody else gets it in between.
SERVE = """
import socket, sys, uvicorn
config = uvicorn.Config("app.main:create_app", factory=True, log_level="warning")
uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
"""
# How long anything may take: far longer than it does, for machines that are slow or busy. A test
# waits for what it expects, and never for a time to pass.
START_S = 180
NOT_MODIFIED = 304
PATIENCE_MS = 1000 * PATIENCE_S
# How many times slower than this machine the page is to run, to find what races: 4 is a phone.
SLOW = float(os.environ.get("POINT21_TEST_SLOW", "1"))

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser; what is the same at phone size is tried there if asked.

    A test that both sizes may answer differently (layout, fingers) is marked ``both_sizes``.
    """
    here = Path(__file__).parent
    for item in items:
        if here not in item.path.parents:
            continue
        item.add_marker(pytest.mark.browser)
        sized: dict[str, Any] = (getattr(item, "callspec", None) and item.callspec.params) or {}
        if sized.get("size") == "phone" and not item.get_closest_marker("both_sizes"):
            item.add_marker(pytest.mark.thorough)


@contextmanager
def start_server(**settings: str) -> Iterator[str]:
    """Start a server on a free port, and give its address."""
    settings = {"what_if_seconds": "300"} | settings  # none is refused for being slow
    environment = {k: v for k, v in os.environ.items() if not k.startswith("POINT21_")}
    environment |= {f"POINT21_{name.upper()}": value for name, value in settings.items()}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        number = listener.fileno()
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(number)],
            pass_fds=[number], cwd=REPOSITORY, env=environment,
        )  # fmt: skip
    try:
        _wait_for(f"{address}healthz", process)
        _wait_for(address, process)  # the first page is built when it is asked for
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:  # somebody has left a question open
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a server as it is without settings, but for work that nobody asked for."""
    with start_server(warm_up="0") as address:
        yield address


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended at its start"
        try:
            with urllib.request.urlopen(address, timeout=START_S):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    pytest.fail(f"no answer from {address} within {START_S} s")


@pytest.fixture(scope="package")
def browser(chromium: str, chromium_flags: tuple[str, ...]) -> Iterator[Browser]:
    """Headless Chromium that resolves no name.

    For this directory only: as long as Playwright is open, an event loop runs in this thread, and
    tests of other directories could not start theirs.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=[*chromium_flags, CUT, SHARED], headless=True
        )
        yield browser
        browser.close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Make profiles with Playwright's options; they are closed when the test ends."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        context = browser.new_context(**options)
        contexts.append(context)
        _prepare(context)
        return context

    yield make
    for context in contexts:
        context.close()


def _prepare(context: BrowserContext) -> None:
    """Be patient with a profile, and slow it down if asked."""
    context.set_default_timeout(PATIENCE_MS)
    context.set_default_navigation_timeout(PATIENCE_MS)
    if SLOW > 1:
        context.on("page", slow_down)


def slow_down(page: Page) -> None:
    """Let a page run as on a slower machine."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW})


@dataclass
class Witness:
    """What a page said and asked for."""

    page: Page
    server: str
    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen from the beginning."""
        self.page.on("console", lambda m: self.console.append(f"{m.type}: {m.text}"))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("requestfailed", self._note_failure)
        self.page.on("request", lambda r: self.requests.append(r.url))
        self.page.on("response", self._note_refusal)

    def _note_refusal(self, response: Response) -> None:
        """Note an answer that is none: a file that is as the browser has it (304) is one."""
        if not response.ok and response.status != NOT_MODIFIED:
            self.failed.append(f"{response.url} {response.status}")

    def _note_failure(self, request: Request) -> None:
        """Note what failed, apart from questions that the page itself has taken back."""
        if request.failure == "net::ERR_ABORTED":
            self.withdrawn.append(request.url)
        else:
            self.failed.append(f"{request.url} {request.failure}")

    @property
    def external(self) -> list[str]:
        """Requests that left this machine, or tried to."""
        own = {"127.0.0.1", None}
        return [url for url in self.requests if urlsplit(url).hostname not in own]

    def open(self, path: str = "") -> Page:
        """Open a page of the server and wait until every layer is drawn."""
        self.page.goto(f"{self.server}{path}")
        return self.ready()

    def ready(self) -> Page:
        """Wait until every layer is drawn and every table filled."""
        self.page.locator("html[data-ready=true][data-complete=true]").wait_for(state="attached")
        return self.page

    def settled(self, plan: str, date: str) -> None:
        """Wait until the page shows this state."""
        shown = f'#page[data-phase="ready"][data-plan="{plan}"][data-date="{date}"]'
        self.page.locator(shown).wait_for()

    def assert_quiet(self) -> None:
        """No message, no error, no failed request, nothing asked of other hosts."""
        assert self.console == []
        assert self.errors == []
        assert self.failed == []
        assert self.external == []


@pytest.fixture(params=list(SIZES))
def size(request: pytest.FixtureRequest) -> str:
    """Both sizes the page is made for."""
    return str(request.param)


@pytest.fixture(scope="package")
def profiles(browser: Browser) -> Iterator[Callable[[str, bool], BrowserContext]]:
    """One profile for each size, which the pages of all tests share: scripts are compiled once.

    Where nobody photographs the page it is painted with a sixteenth of the points, which is the
    larger half of drawing a map without a graphics card; everything is where it would be.
    """
    kept: dict[tuple[str, bool], BrowserContext] = {}

    def profile(size: str, sharp: bool) -> BrowserContext:
        if (size, sharp) not in kept:
            context = kept[size, sharp] = browser.new_context(
                viewport=SIZES[size],
                has_touch=size == "phone",
                device_scale_factor=1 if sharp else 0.25,
            )
            _prepare(context)
        return kept[size, sharp]

    yield profile
    for context in kept.values():
        context.close()


@pytest.fixture
def context(
    request: pytest.FixtureRequest,
    profiles: Callable[[str, bool], BrowserContext],
    size: str,
    server: str,
) -> Iterator[BrowserContext]:
    """The profile of one size, with a finger at phone size; no page, cookie or permission stays."""
    context = profiles(size, request.node.get_closest_marker("photographed") is not None)
    if not context.pages:  # the first page keeps the process that the others share
        context.new_page().goto(f"{server}healthz")
    yield context
    for page in context.pages[1:]:
        page.close()
    context.clear_cookies()
    context.clear_permissions()


@pytest.fixture
def witness(context: BrowserContext, server: str) -> Witness:
    """A page that notes what it does."""
    return Witness(context.new_page(), server)


@pytest.fixture(scope="session")
def ask(server: str) -> Any:
    """Ask the server for JSON."""

    def get(path: str) -> Any:
        with urllib.request.urlopen(f"{server}{path}", timeout=START_S) as answer:
            return orjson.loads(answer.read())

    return get


@pytest.fixture
def editor(witness: Witness) -> Editor:
    """The what-if panel, opened by its link."""
    return Editor(witness)


@pytest.fixture
def post(server: str) -> Callable[[dict[str, Any]], Any]:
    """Ask the server for a what-if."""

    def ask(body: dict[str, Any]) -> Any:
        kind = {"content-type": "application/json"}
        request = urllib.request.Request(f"{server}api/what-if", orjson.dumps(body), kind)
        with urllib.request.urlopen(request, timeout=START_S) as answer:
            return orjson.loads(answer.read())

    return ask
