"""The quick start of the README works in a clean shell, line by line."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SECTION = re.compile(r"^## Quick start\n(.*?)^## ", re.DOTALL | re.MULTILINE)
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
ADDRESS = re.compile(r"is at (http://127\.0\.0\.1:\d+/)")
PATIENCE_S = 240

pytestmark = pytest.mark.slow


def lines() -> list[str]:
    """Return the lines of the quick start, each with its comment."""
    found = SECTION.search((REPOSITORY / "README.md").read_text(encoding="utf-8"))
    assert found
    return [line for block in BLOCK.findall(found[1]) for line in block.splitlines() if line]


CLONE, SERVE, *REST = lines()


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment without anything but Python and the system's commands, on any free port."""
    if Path(sys.prefix) != REPOSITORY / ".venv":
        pytest.skip("the tests run in another environment than .venv")
    tools = [str(Path(found).parent) for name in ("make", "git") if (found := shutil.which(name))]
    home = str(tmp_path_factory.mktemp("home"))
    path = [f"{sys.base_prefix}/bin", *tools, "/usr/bin", "/bin"]  # the Python that .venv is of
    environment = {"PATH": ":".join(path), "HOME": home, "PORT": "0"}
    planned = subprocess.run(
        ["make", "--dry-run", "run"],
        cwd=REPOSITORY, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    if "Installing" in planned.stdout:
        pytest.skip("make run would install packages first; make test has done so")
    return environment


@pytest.fixture(scope="module")
def served(clean: dict[str, str]) -> Iterator[str]:
    """The address that the line prints which serves; interrupted as by Ctrl-C."""
    process = subprocess.Popen(
        ["sh", "-c", SERVE], cwd=REPOSITORY, env=clean, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        said = []
        for line in process.stderr:
            said.append(line)
            if found := ADDRESS.search(line):
                yield found[1]
                break
        else:
            pytest.fail("".join(said))
    finally:
        os.killpg(process.pid, signal.SIGINT)
        rest = process.communicate(timeout=PATIENCE_S)[1]
    assert "Traceback" not in rest


def read(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=PATIENCE_S) as answer:
        return json.load(answer)


def run_in_one_shell(steps: list[str], environment: dict[str, str]) -> list[tuple[str, int]]:
    """Run lines one after the other in one shell; return what each writes and its exit code."""
    marked = [f"{step}\nprintf '\\n@@%d@@\\n' $?" for step in steps]
    done = subprocess.run(
        ["sh"], input="\n".join(marked), cwd=REPOSITORY, env=environment, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE_S,
        encoding="utf-8",
    )  # fmt: skip
    parts = re.split(r"\n@@(\d+)@@\n", done.stdout)
    return list(zip(parts[0::2], map(int, parts[1::2]), strict=False))


def test_the_quick_start_begins_with_a_clone_and_a_server() -> None:
    assert CLONE.startswith("git clone ")
    assert SERVE.startswith("make run")


def test_every_line_works_in_a_clean_shell(clean: dict[str, str], served: str) -> None:
    """The clone is this checkout; of ``make test``, which runs just now, only what it would do."""
    steps = [re.sub(r"^make test\b", "make --dry-run test", line) for line in REST]
    done = run_in_one_shell(steps, clean)
    assert len(done) == len(steps)
    assert [code for _, code in done] == [0] * len(steps), done
    wrote = {step.split("#")[0].strip(): text for step, (text, _) in zip(steps, done, strict=True)}
    rows = read(f"{served}api/statistics?by=category")["rows"]
    assert len(rows) > 3
    for row in rows:
        assert f"{row['area_km2']:,.1f}" in wrote["point21 stats"]
    assert "Donetsk" in wrote["point21 locate Kramatorsk"]
    assert "pytest" in wrote["make --dry-run test"]
