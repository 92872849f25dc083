"""What the documents say is true: figures are today's, commands work, links lead somewhere."""

from __future__ import annotations

import itertools
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from urllib.parse import urlencode, urlsplit

import pytest
from typer.testing import CliRunner, Result

import published
from app.cli.main import app as command_line
from scripted import load_script
from shipped import read_once

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = sorted(
    [
        *REPOSITORY.glob("*.md"),
        *(REPOSITORY / "docs").rglob("*.md"),
        *(REPOSITORY / "benchmarks").glob("*.md"),
        *(REPOSITORY / "data").glob("*.md"),
    ]
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def name_of(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


@pytest.fixture(scope="module")
def update_docs() -> ModuleType:
    return load_script("update_docs")


def snippets(language: str) -> list[tuple[str, str]]:
    """Return (page, code) of every fenced block of a language."""
    return [
        (name_of(page), code)
        for page in PAGES
        for found, code in FENCE.findall(page.read_text(encoding="utf-8"))
        if found == language
    ]


def shell_lines(program: str) -> list[str]:
    """Return every documented command line of a program, comments removed, each once."""
    lines = [
        " ".join(shlex.split(line, comments=True, posix=False))
        for _, code in snippets("sh")
        for line in code.splitlines()
    ]
    return sorted({line for line in lines if line.split(" ")[0] == program})


POINT21 = [line for line in shell_lines("point21") if not line.startswith("point21 serve")]
CURL = shell_lines("curl")
MAKE = shell_lines("make")


def test_the_documents_show_commands() -> None:
    assert len(POINT21) >= 6
    assert len(CURL) >= 6
    assert {"make run", "make test"} <= set(MAKE)


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "docs/http.md",
        "docs/method.md",
        "docs/plans.md",
        "docs/readings.md",
        "docs/cli.md",
        "docs/compare.md",
        "docs/what-if.md",
    ],
)
def test_generated_blocks_are_todays(update_docs: ModuleType, page: str) -> None:
    assert page in update_docs.PAGES
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    assert "<!-- generated:" in text
    renewed = update_docs.renew(text)
    assert renewed == text, "run make docs"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("held 73788.1867 km2", "held 73788.1868 km2", True),
        ("-0.123456, 2", "-0.123457, 2", True),
        ("held 73788.1867 km2", "held 73788.1869 km2", False),
        ("held 73788.1867 km2", "hold 73788.1868 km2", False),
        ("12.7 %", "12.8 %", False),
        ("version 400a72c3", "version 400a72c4", False),
        ("2025.11.21000", "2025.11.21001", False),
        ("1.234567", "1.23457", False),
    ],
)
def test_the_last_digit_makes_no_page_stale(
    update_docs: ModuleType, one: str, other: str, alike: bool
) -> None:
    assert update_docs.is_alike(one, other) is alike


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A reader's files, and the environment in which the documented fetches find a server."""
    files = tmp_path_factory.mktemp("reader")
    published.lay_out(files)
    (files / "data").symlink_to(REPOSITORY / "data")
    (files / "my-plan.toml").write_text(documented_plan(), encoding="utf-8")
    with published.serve() as settings, pytest.MonkeyPatch.context() as patch:
        read_once(patch)
        cache = str(tmp_path_factory.mktemp("cache"))
        environment = {**settings, "POINT21_CACHE_DIRECTORY": cache}
        for line in POINT21:
            if line.startswith("point21 fetch"):
                run_line(line, files, environment)
        yield files, environment


def run_line(line: str, folder: Path, environment: dict[str, str]) -> Result:
    """Run a documented line in this process, as the command ``point21`` would run it there.

    That a shell finds the command is what test_quick_start.py tries.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in [name for name in os.environ if name.startswith("POINT21_")]:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        return CliRunner().invoke(command_line, shlex.split(line)[1:])


@pytest.mark.slow
@pytest.mark.parametrize("line", POINT21)
def test_documented_commands_work(
    line: str, tmp_path: Path, reader: tuple[Path, dict[str, str]]
) -> None:
    """Every line runs in a directory that holds a reader's files."""
    files, environment = reader
    for file in files.iterdir():
        (tmp_path / file.name).symlink_to(file)
    words = shlex.split(line)
    done = run_line(line, tmp_path, environment)
    assert done.exit_code == 0, done.output
    written = [word for flag, word in itertools.pairwise(words) if flag == "-o"]
    assert all((tmp_path / name).stat().st_size for name in written)
    assert done.stdout or written


def documented_plan() -> str:
    """Return the plan that docs/plans.md shows."""
    (plan,) = [code for page, code in snippets("toml") if page == "docs/plans.md"]
    return plan


@pytest.mark.parametrize("line", CURL)
def test_documented_requests_are_answered(update_docs: ModuleType, line: str) -> None:
    words = shlex.split(line)
    (url,) = [word for word in words if word.startswith("http://127.0.0.1:8000/")]
    if "--data-urlencode" in words:
        name, _, value = words[words.index("--data-urlencode") + 1].partition("=")
        url = f"{url}?{urlencode({name: value})}"
    body = words[words.index("--json") + 1] if "--json" in words else None
    answer = update_docs.ask(url, body)
    kind = answer.headers["content-type"]
    if answer.status_code == 200:
        assert not kind.startswith("application/problem+json")
    else:
        assert 400 <= answer.status_code < 500
        assert kind.startswith("application/problem+json")


def test_every_address_is_documented(update_docs: ModuleType) -> None:
    text = (REPOSITORY / "docs" / "http.md").read_text(encoding="utf-8")
    paths = update_docs.ask("/openapi.json").json()["paths"]
    assert len(paths) >= 10
    asked = {path: "POST " * ("get" not in methods) + path for path, methods in paths.items()}
    assert not [path for path in asked.values() if f"`{path}" not in text]


@pytest.mark.parametrize("line", MAKE)
def test_documented_chores_exist(line: str) -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    asked = [word for word in line.split()[1:] if "=" not in word and not word.startswith("-")]
    asked = asked if "ARGS=" not in line else asked[:1]
    assert asked and set(asked) <= targets


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    missing = [
        target
        for target in LINK.findall(text)
        if not urlsplit(target).scheme
        and not target.startswith("#")
        and not (page.parent / target.split("#")[0]).exists()
    ]
    assert not missing


def test_the_python_of_the_readme_runs() -> None:
    codes = [code for page, code in snippets("python") if page == "README.md"]
    assert codes
    for code in codes:
        exec(compile(code, "README.md", "exec"), {})


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_page_names_a_machine(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"(/wor[k]/|/home/\w|/tmp/\w|--index[-]url|--find[-]links)", text)
