"""Consoles of any encoding, streams that are closed or full, and Ctrl-C: no traceback, ever."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.main import app
from app.terminal.console import prepare_streams, run

ENCODINGS = ("cp1252", "cp1251", "ascii", "latin-1", "koi8-u", "utf-8")
POINT21 = [sys.executable, "-c", "from app.cli.start import main; main()"]
posix = pytest.mark.skipif(os.name != "posix", reason="shells and signals of POSIX")


def say(*arguments: str, encoding: str, monkeypatch: pytest.MonkeyPatch) -> tuple[int, bytes]:
    """Run a command with standard output in an encoding; return its code and what it wrote."""
    written, hooks = io.BytesIO(), (sys.excepthook, sys.unraisablehook)
    handler = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    monkeypatch.setattr(sys, "argv", ["point21", *arguments])
    try:
        code = run(app)
        sys.stdout.flush()
        return code, written.getvalue()
    finally:
        sys.excepthook, sys.unraisablehook = hooks
        signal.signal(signal.SIGINT, handler)
        monkeypatch.undo()


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_texts_for_people_fit_the_console(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code, written = say("locate", "Kramatorsk", encoding=encoding, monkeypatch=monkeypatch)
    text = written.decode(encoding)
    assert code == 0
    assert "Kramatorsk" in text
    has_letters = encoding in ("cp1251", "koi8-u", "utf-8")
    assert ("Краматорськ" in text) == has_letters
    code, written = say("search", "Bakhmut", encoding=encoding, monkeypatch=monkeypatch)
    frame = written.decode(encoding)
    assert code == 0
    assert ("┃" in frame) == (encoding == "utf-8")
    assert ("|" in frame) == (encoding != "utf-8")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("form", ["--json", "--csv"])
def test_data_are_the_same_bytes_whatever_the_console(
    encoding: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("stats", "--by", "oblast", form)
    code, written = say(*asked, encoding=encoding, monkeypatch=monkeypatch)
    assert code == 0
    assert "Вінницька область" in written.decode("utf-8")
    if form == "--json":
        assert json.loads(written)["by"] == "oblast"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_an_encoding_has_not_is_written_plainly(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    prepare_streams()
    print("\u22125 km², “é”…", end="")
    sys.stdout.flush()
    plain = written.getvalue().decode(encoding)
    assert "?" not in plain
    assert plain[1:5] == "5 km"
    if encoding == "ascii":
        assert plain == '-5 km2, "e"...'


@posix
@pytest.mark.parametrize(
    ("redirected", "code", "told"),
    [
        ("plans | head -1", 0, ""),
        ("plans >&-", 1, "standard output cannot be written: Bad file descriptor."),
        ("plans >/dev/full", 1, "standard output cannot be written: No space left on device."),
        ("--help >/dev/full", 1, "standard output cannot be written: No space left on device."),
        ("plans --json -o /dev/full", 1, "/dev/full: the disk is full."),
        ("plans >/dev/null 2>&-", 0, ""),
        ("plans --date nonsense 2>&-", 2, ""),
    ],
)
def test_a_stream_that_is_closed_or_full_is_one_line(redirected: str, code: int, told: str) -> None:
    start = f"'{sys.executable}' -c 'from app.cli.start import main; main()'"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {start} {redirected}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == (1 if told else 0)


@posix
@pytest.mark.parametrize("encoding", ["utf-8", "cp1251"])
def test_a_name_typed_in_a_console_without_a_locale_is_found(encoding: str) -> None:
    plain = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [*POINT21, "search", "Краматорськ".encode(encoding), "--json"],
        env={**os.environ, **plain},
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["matches"][0]["name_en"] == "Kramatorsk"


@posix
@pytest.mark.parametrize("told_all", [True, False], ids=["the terminal", "one process"])
def test_ctrl_c_ends_work_and_its_processes(told_all: bool) -> None:
    work = subprocess.Popen(
        [*POINT21, "history", "--json", "--workers", "2"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        children = wait_for_children(work)
        (os.killpg if told_all else os.kill)(work.pid, signal.SIGINT)
        _, told = work.communicate(timeout=60)
    finally:
        work.kill()
        work.wait()
    assert work.returncode == 130
    assert told == b""
    assert not [child for child in children if is_running(child)]


def wait_for_children(work: subprocess.Popen[bytes]) -> list[int]:
    """Wait until the processes that share the work have begun, or it has ended."""
    listed = Path(f"/proc/{work.pid}/task/{work.pid}/children")
    while work.poll() is None:
        if children := listed.read_text().split():
            return [int(child) for child in children]
    raise AssertionError("it ended before it had processes of its own")


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@posix
def test_ctrl_c_during_the_start_is_no_traceback() -> None:
    """Sent from inside, at the first import after the entry point: never by chance."""
    code = (
        "import os, signal, sys\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'app.cli.main':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "from app.cli.start import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "plans"], capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")
