"""The environment that Binder builds for the notebooks stays in step with the lock."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).resolve().parent.parent
BINDER = REPOSITORY / ".binder"
NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))
OURS = {"geo", "app"}


def locks() -> list[Path]:
    """The lock files that Binder installs."""
    lines = (BINDER / "requirements.txt").read_text(encoding="utf-8").split("\n")
    return [(BINDER / line.removeprefix("-r ")).resolve() for line in lines if line]


def pinned() -> set[str]:
    names = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
    return {
        canonicalize_name(name)
        for lock in locks()
        for name in names.findall(lock.read_text(encoding="utf-8"))
    }


def imported(path: Path) -> set[str]:
    """Top-level packages that a notebook imports."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    tree = ast.parse("\n".join(code))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - OURS


def test_it_installs_the_lock_and_nothing_else() -> None:
    assert locks() == [
        REPOSITORY / "requirements" / "notebook.txt",
        REPOSITORY / "requirements" / "build.txt",
    ]
    text = "".join(path.read_text(encoding="utf-8") for path in BINDER.iterdir())
    assert not re.search(r"https?:|index|--trusted|--extra", text), "no host is named"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_a_notebook_imports_is_pinned(path: Path) -> None:
    """IPython's display comes with the kernel."""
    distributions = packages_distributions()
    names = imported(path)
    assert {"matplotlib", "pandas"} <= names
    for name in names:
        assert {canonicalize_name(found) for found in distributions[name]} & pinned(), name


def test_the_kernel_and_the_backend_are_pinned() -> None:
    assert {"ipykernel", "matplotlib", "hatchling", "geopandas", "folium"} <= pinned()


def test_its_python_is_one_of_ours() -> None:
    version = (BINDER / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    project = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    (wanted,) = re.findall(r'^requires-python = "(.+)"$', project, re.MULTILINE)
    assert SpecifierSet(wanted).contains(f"{version}.0")
    assert f"Programming Language :: Python :: {version}" in project


def test_the_project_is_installed_without_asking_a_registry() -> None:
    script = BINDER / "postBuild"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", script], check=True, timeout=300)
    (command,) = re.findall(r"^python -m pip install.*$", script.read_text("utf-8"), re.MULTILINE)
    assert {"--no-deps", "--no-build-isolation"} <= set(command.split())


def test_pip_takes_the_file_as_it_is() -> None:
    """Everything is installed already, so that nothing is asked of a registry."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--dry-run"),
            *("--require-hashes", "--no-deps", "--no-index"),
            *("-r", str(BINDER / "requirements.txt")),
        ],
        cwd=REPOSITORY,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "Would install" not in done.stdout
