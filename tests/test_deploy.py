"""The unit for systemd and the Containerfile: what they name exists, what they promise holds."""

from __future__ import annotations

import re
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

from app.settings import Settings

REPOSITORY = Path(__file__).resolve().parent.parent
UNIT = REPOSITORY / "deploy" / "point21.service"
CONTAINER = REPOSITORY / "deploy" / "Containerfile"
MOST_EXPOSED = 2.0


def analyze(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [program, "--no-pager", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def installed(tmp_path: Path) -> Path:
    """The unit with a program that exists here, which is all that is not there yet."""
    program = shutil.which("true")
    assert program is not None
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text("utf-8").replace("/opt/point21/bin/point21", program), "utf-8")
    return unit


def test_the_unit_is_understood(tmp_path: Path, systemd_analyze: str) -> None:
    done = analyze(systemd_analyze, "verify", "--man=no", str(installed(tmp_path)))
    told = [line for line in done.stderr.splitlines() if "point21" in line]
    assert (done.returncode, told) == (0, [])


def test_the_unit_gives_little_away(tmp_path: Path, systemd_analyze: str) -> None:
    unit = installed(tmp_path)
    done = analyze(
        systemd_analyze,
        "security",
        "--offline=true",
        f"--threshold={MOST_EXPOSED * 10:.0f}",
        str(unit),
    )
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found[1]) <= MOST_EXPOSED


def test_the_unit_waits_as_long_as_the_program_does() -> None:
    unit = RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(UNIT)
    service = unit["Service"]
    given = Settings()
    assert int(service["TimeoutStopSec"]) > given.drain_seconds + given.stop_seconds + 5
    assert service["KillMode"] == "mixed"
    assert int(service["LimitNOFILE"]) > 2 * given.connections
    assert service["ExecReload"] == "/bin/kill -HUP $MAINPID"


def instructions() -> list[tuple[str, str]]:
    text = CONTAINER.read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2].strip()) for line in lines]


def test_the_container_copies_what_is_there() -> None:
    copied = [words.split() for name, words in instructions() if name == "COPY"]
    sources = [path for words in copied if words[0] != "--from=build" for path in words[:-1]]
    assert len(sources) >= 6
    assert all((REPOSITORY / path).exists() for path in sources)
    # What the build reads of the checkout is all there is: nothing of tests, history or secrets.
    assert {path.partition("/")[0] for path in sources} == {
        "requirements", "pyproject.toml", "README.md", "LICENSE", "app", "geo", "data",
    }  # fmt: skip


def test_the_container_runs_as_nobody_and_installs_from_the_lock() -> None:
    given = instructions()
    last = given[max(i for i, (name, _) in enumerate(given) if name == "FROM") :]
    (user,) = [words for name, words in last if name == "USER"]
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)
    installs = [words for name, words in given if name == "RUN" and "pip install" in words]
    assert all("--require-hashes" in words or "--no-index" in words for words in installs)
    assert [words for name, words in last if name == "ENTRYPOINT"] == ['["point21", "serve"]']
    variables = re.findall(r"POINT21_(\w+)=", " ".join(words for _, words in given))
    assert {name.lower() for name in variables} <= set(Settings.model_fields)
