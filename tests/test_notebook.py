"""The notebooks run from a clean kernel, and are committed without what they printed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from nbformat import NotebookNode

REPOSITORY = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((REPOSITORY / "notebooks").glob("*.ipynb"))


def read(path: Path) -> NotebookNode:
    """Read a notebook; the package takes seconds to import, so only tests of notebooks do."""
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_committed_without_output(path: Path) -> None:
    for cell in read(path).cells:
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the Jupyter client, not ours
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_from_a_clean_kernel(path: Path, tmp_path: Path) -> None:
    from nbclient import NotebookClient

    notebook = read(path)
    client = NotebookClient(
        notebook,
        timeout=900,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    )
    client.execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    warned = [
        output.text
        for cell in code
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    ]
    assert not warned
    shown = [output.get("data", {}) for cell in code for output in cell.outputs]
    plots = [data for data in shown if "image/png" in data]
    pages = [data["text/html"] for data in shown if "text/html" in data]
    maps = [page for page in pages if "<iframe" in page]
    cards = [page for page in pages if "point21-card" in page]
    assert len(plots) >= 2
    assert maps
    assert cards


def test_the_python_of_the_page_runs() -> None:
    page = (REPOSITORY / "docs" / "notebooks.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    exec(compile(code, "docs/notebooks.md", "exec"), {})


def test_the_page_lists_every_notebook() -> None:
    page = (REPOSITORY / "docs" / "notebooks.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"\(\.\./notebooks/([\w-]+\.ipynb)\)", page))
    assert listed == {path.name for path in NOTEBOOKS}
