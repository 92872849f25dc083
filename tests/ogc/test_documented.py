"""What docs/ogc.md shows, run against a live server."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "ogc.md"
SHOWN = "http://127.0.0.1:8000/ogc"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.M)
PYTHON = [code for language, code in BLOCKS if language == "python"]
GDAL = [
    line
    for language, code in BLOCKS
    if language == "sh"
    for line in code.splitlines()
    if line.startswith("ogr")
]


def test_the_page_shows_what_it_promises() -> None:
    assert len(PYTHON) == 3
    assert len(GDAL) == 3


@pytest.mark.slow
@pytest.mark.parametrize("code", PYTHON, ids=["qgis", "geopandas", "owslib"])
def test_python(code: str, server: str, qgis_python: str) -> None:
    assert SHOWN in code
    code = code.replace(SHOWN, server)
    python = sys.executable
    if "qgis.core" in code:  # what QGIS's own console has done already
        begin = (
            "from qgis.core import QgsApplication\na = QgsApplication([], False)\na.initQgis()\n"
        )
        code, python = f"{begin}{code}\nimport os\nos.sys.stdout.flush()\nos._exit(0)", qgis_python
    done = subprocess.run(
        [python, "-c", code],
        env={"PATH": "/usr/bin:/bin", "HOME": "/tmp", "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"\d\d|\['\w+", done.stdout), done.stdout


@pytest.mark.parametrize("line", GDAL)
def test_gdal(line: str, server: str, ogrinfo: str, tmp_path: Path) -> None:
    assert SHOWN in line
    words = shlex.split(line.replace(SHOWN, server))
    program = shutil.which(words[0])
    assert program, f"{words[0]} belongs to {ogrinfo}"
    done = subprocess.run(
        [program, *words[1:]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Feature Count: 35" in done.stdout or next(tmp_path.iterdir()).stat().st_size
