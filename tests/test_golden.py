"""The program says what is recorded of it in tests/golden; `make golden` shows what differs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from scripted import load_script

golden = load_script("golden")
LIGHT = ("web", "commands", "library")
HEAVY = ("heavy_web", "heavy_commands")


def assert_same(group: str) -> None:
    found = golden.check(group)
    assert not found, (
        f"{len(found)} answers differ from tests/golden/{group}.json. If that is meant: "
        "make golden ARGS=--write, and say in the commit what and why.\n" + "\n".join(found[:30])
    )


@pytest.mark.slow
@pytest.mark.parametrize("group", LIGHT)
def test_answers_are_as_recorded(group: str) -> None:
    assert_same(group)


@pytest.mark.thorough
@pytest.mark.parametrize("group", HEAVY)
def test_heavy_answers_are_as_recorded(group: str) -> None:
    assert_same(group)


# --- nothing is left out, and what differs is named -----------------------------------------------


def recorded(repository: Path, group: str) -> Any:
    return json.loads((repository / "tests" / "golden" / f"{group}.json").read_text("utf-8"))


def test_every_endpoint_is_asked(repository: Path) -> None:
    kept = recorded(repository, "web")["answers"]["endpoints"]
    assert "not asked" not in kept and kept["lines"] > 25
    found = golden.web._check_paths(["/a/{b}/c", "/a"], [golden.web.Request("/a/x/c?d=1")])
    assert found.facts == {"not asked": "/a"}


def test_every_command_is_run(repository: Path) -> None:
    answers = recorded(repository, "commands")["answers"]
    with golden.surroundings.same_surroundings():
        listed = golden.commands.run_command(["--help"]).stdout.decode()
    names = re.findall(r"^\W+([a-z][a-z-]+)\s{2,}[A-Z]", listed.partition("Commands")[2], re.M)
    assert len(names) > 15
    for name in names:
        assert f"point21 {name} --help" in answers, f"point21 {name} is not run"


def test_records_are_small(repository: Path) -> None:
    sizes = [path.stat().st_size for path in (repository / "tests" / "golden").iterdir()]
    assert sum(sizes) < 300_000


def changes(tmp_path: Path, text: str, now: str, **facts: Any) -> list[str]:
    """What is said when an answer was ``text`` and is ``now``."""
    answers = golden.answers
    kept = {"status": 200, "headers": {"vary": "Accept", "content-type": "text/csv"}}
    answers.write_records(tmp_path / "web.json", [answers.make_answer("GET /x", kept, text)])
    answer = answers.make_answer("GET /x", {**kept, **facts}, now)
    found: list[str] = answers.differences(answers.read_records(tmp_path / "web.json"), [answer])
    return found


def test_what_is_the_same_is_no_difference(tmp_path: Path) -> None:
    text = "a,b\n1,2\n"
    assert changes(tmp_path, text, text) == []
    version = golden.entry.program_version()
    assert changes(tmp_path, f"point21 {version}", f"point21 {version}") == []


def test_the_line_and_the_header_that_differ_are_named(tmp_path: Path) -> None:
    before = "\n".join(f"row {row}" for row in range(100))
    (told,) = changes(tmp_path, before, before.replace("row 57", "row fifty-seven"), status=404)
    assert told.splitlines()[0] == "GET /x"
    assert "status: was 200, is 404" in told
    assert "lines 57 to 63" in told and "| row fifty-seven" in told
    (told,) = changes(tmp_path, before, before, headers={"content-type": "text/csv"})
    assert told.splitlines()[1:] == ['  header vary: was "Accept", is nothing']
    (told,) = changes(tmp_path, before, before.rpartition("\n")[0])
    assert "had 100 lines, has 99" in told


def test_another_version_of_the_data_hides_nothing_else(tmp_path: Path) -> None:
    one, other = "794f773f2e492a91", "f94d9dda89a02b66"
    (told,) = changes(tmp_path, f"area 1, data {one}", f"area 1, data {other}")
    assert told.splitlines()[1:] == [f'  identity: was "{one}", is "{other}"']
    (told,) = changes(tmp_path, f"area 1, data {one}", f"area 2, data {other}")
    assert "line 1" in told and "area 2" in told


def test_an_answer_that_is_new_or_missing_is_named(tmp_path: Path) -> None:
    answers = golden.answers
    new = answers.make_answer("GET /new", {}, "x")
    found = answers.differences({"GET /old": new.record()}, [new])
    assert found == [
        "GET /new\n  is new: nothing is recorded of it",
        "GET /old\n  is recorded, but was not asked",
    ]
