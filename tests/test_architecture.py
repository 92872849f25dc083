"""The rules of the house, read off the source: who imports whom, who touches the world, how big a
room may be. They hold for every module that exists, so a new file is under them from its first
commit."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from numpydoc.validate import validate

REPOSITORY = Path(__file__).resolve().parent.parent
GEO = sorted((REPOSITORY / "geo").rglob("*.py"))
APP = sorted((REPOSITORY / "app").rglob("*.py"))
MODULES = [*GEO, *APP]

MAX_FUNCTION_LINES = 40
MAX_MODULE_LINES = 400

# What geo may never reach for: the house above it, and the world outside.
FORBIDDEN_IN_GEO = {
    "app", "fastapi", "starlette", "uvicorn", "folium", "branca", "typer", "rich",
    "requests", "httpx", "urllib", "socket", "http", "subprocess", "logging",
}  # fmt: skip
# What the server's path must do without, for the sake of its cold start.
HEAVY = (
    "geopandas",
    "pandas",
    "folium",
    "pyproj",
    "pyogrio",
    "branca",
    "matplotlib",
    "pyarrow",
    "xlsxwriter",
    "mapbox_vector_tile",
    "google",
)

# The stair of geo from the bottom: a module imports only what stands before it.
STAIR = (
    "io", "model", "errors", "io.content", "io.bounded", "io.toml", "io.dates", "io.file_choice",
    "model.united", "model.identity", "io.encodings", "text", "geometry", "geometry.empties",
    "parallel", "masking", "html", "numerics", "arguments", "crs", "model.frames", "measure",
    "territory",
    "observations", "series", "categories", "clauses", "faults", "reading", "choices", "plan",
    "translation",
    "topology", "snapping", "repair", "faces", "partition", "pieces", "shift", "displacement",
    "strips", "spelling",
    "position", "search", "gazetteer", "shore", "narrow", "slivers", "tiles",
    "area_snapping", "area_of_control",
    "smoothing", "cells", "interpolate", "settle", "location", "layers", "leaving", "stats",
    "moved", "compare", "scenario", "clause_lines", "effects", "finding", "alternatives",
    "uncertainty", "band", "figures", "choosing", "readings", "load", "io.features",
    "io.statuses", "io.selection",
    "io.incremental_geojson", "io.geojson", "io.layers", "io.gdal", "io.parquet",
    "io.json_documents", "io.kml", "io.archives", "io.normalise", "io.formats", "io.reader",
    "io.control", "io.drawn", "io.unit_names", "io.boundaries", "io.sources",
    "division",
    "daily", "histories", "published", "cards", "",
)  # fmt: skip
# What numpy and the C library compute to another last digit on another processor.
UNEQUAL = {
    *(
        "sin",
        "cos",
        "tan",
        "arcsin",
        "arccos",
        "arctan",
        "arctan2",
        "asin",
        "acos",
        "atan",
        "atan2",
    ),
    *("sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "asinh", "acosh", "atanh"),
    *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "erf", "hypot", "cbrt"),
    *("dot", "vdot", "inner", "einsum", "convolve", "correlate", "corrcoef", "cov"),
}
# Who opens files: the project's own data; what users bring; the containers of the latter.
DOORS = {"io.bounded", "load", "io.archives", "io.formats"}
# The door is narrow: it parses, it does not compute.
LOAD_MAY_IMPORT = {
    "errors", "io.content", "io.bounded", "io.toml", "io.dates", "crs", "measure", "territory",
    "observations", "series",
    "plan",
}  # fmt: skip


def name_of(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def module_of(path: Path) -> str:
    """Return the dotted name of a module of geo, as ``io.control``; ``""`` for geo itself."""
    parts = path.relative_to(REPOSITORY / "geo").with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imports_of(tree: ast.AST, *, package: str) -> Iterator[str]:
    """Yield the dotted name of everything imported, relative imports resolved."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = f"{package}.{base}".rstrip(".")
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def calls_of(tree: ast.AST) -> Iterator[str]:
    """Yield the last name of everything called: ``open`` for ``open()`` and ``path.open()``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield node.func.id
            elif isinstance(node.func, ast.Attribute):
                yield node.func.attr


def attributes_of(tree: ast.AST) -> Iterator[str]:
    """Yield dotted attribute accesses one level deep: ``os.environ``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def package_of(path: Path) -> str:
    return ".".join(path.relative_to(REPOSITORY).parent.parts)


def is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines from ``def`` to its end, its docstring left out."""
    assert function.end_lineno is not None
    lines = function.end_lineno - function.lineno + 1
    first = function.body[0]
    if is_docstring(first):
        assert first.end_lineno is not None
        lines -= first.end_lineno - first.lineno + 1
    return lines


def test_the_walk_sees_both_houses() -> None:
    assert {"errors.py", "crs.py", "territory.py", "load.py"} <= {path.name for path in GEO}
    assert {"main.py", "settings.py", "routes.py"} <= {path.name for path in APP}


@pytest.mark.parametrize("path", GEO, ids=name_of)
def test_geo_imports_neither_the_app_nor_the_world(path: Path) -> None:
    tree = parse(path)
    found = {name.split(".")[0] for name in imports_of(tree, package=package_of(path))}
    assert not found & FORBIDDEN_IN_GEO
    assert "os" not in found, "geo knows no environment; pathlib does for paths"
    assert not {name for name in attributes_of(tree) if name in {"os.environ", "os.getenv"}}


@pytest.mark.parametrize("path", GEO, ids=name_of)
def test_the_stair_is_walked_in_one_direction(path: Path) -> None:
    own = module_of(path)
    assert own in STAIR, "a new module takes its place on the stair"
    below = set(STAIR[: STAIR.index(own)])
    used = {
        name.removeprefix("geo.")
        for name in imports_of(parse(path), package=package_of(path))
        if name.startswith("geo.")
    } & set(STAIR)
    assert used <= (LOAD_MAY_IMPORT if own == "load" else below)


@pytest.mark.parametrize("path", GEO, ids=name_of)
def test_only_the_doors_open_files_and_nobody_prints(path: Path) -> None:
    called = set(calls_of(parse(path)))
    assert "print" not in called
    doors = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "read_file", "glob"}
    if module_of(path) not in DOORS:
        assert not called & doors


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_figure_depends_on_the_processor(path: Path) -> None:
    """Elementary functions are those of geo.numerics; sums of products are whole numbers there."""
    used = {tuple(name.split(".")) for name in attributes_of(parse(path))}
    found = {name for library, name in used if library in ("np", "math") and name in UNEQUAL}
    assert not found, "use geo.numerics"
    assert not {name for library, name in used if (library, name) == ("np", "linalg")}


@pytest.mark.parametrize("path", APP, ids=name_of)
def test_only_settings_reads_the_environment(path: Path) -> None:
    tree = parse(path)
    touched = {name for name in attributes_of(tree) if name in {"os.environ", "os.getenv"}}
    imported = {name for name in imports_of(tree, package=package_of(path)) if "environ" in name}
    if path.name != "settings.py":
        assert not touched | imported


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_rooms_are_small(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= MAX_MODULE_LINES
    too_long = {
        node.name: lines
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := body_lines(node)) > MAX_FUNCTION_LINES
    }
    assert not too_long


@pytest.mark.parametrize("path", GEO, ids=name_of)
def test_public_names_are_listed_and_exist(path: Path) -> None:
    module = importlib.import_module(f"geo.{module_of(path)}".rstrip("."))
    listed = module.__all__
    assert len(set(listed)) == len(listed)
    assert not [name for name in listed if not hasattr(module, name)]
    own = {
        node.name
        for node in parse(path).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    }
    assert own <= set(listed), "a public name is listed, or begins with an underscore"


@pytest.mark.parametrize("path", GEO, ids=name_of)
def test_public_functions_describe_what_goes_in_and_comes_out(path: Path) -> None:
    """numpydoc on the live signatures: every parameter, the return value, no unknown one."""
    module = importlib.import_module(f"geo.{module_of(path)}".rstrip("."))
    functions = [
        name for name in module.__all__ if inspect.isfunction(inspect.unwrap(getattr(module, name)))
    ]
    wanted = {"GL08", "PR01", "PR02", "PR03", "PR10", "RT01", "YD01"}
    faults = {
        name: found
        for name in functions
        if (
            found := [
                f"{code} {message}"
                for code, message in validate(f"{module.__name__}.{name}")["errors"]
                if code in wanted
            ]
        )
    }
    assert not faults


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_importing_does_nothing(path: Path) -> None:
    """A module's top level defines; it does not silence warnings, configure logs or print."""
    acting = {"filterwarnings", "simplefilter", "basicConfig", "print", "set_option", "seed"}
    top_level = [
        node
        for node in parse(path).body
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    assert not {name for node in top_level for name in calls_of(node)} & acting


def modules_loaded_by(code: str) -> set[str]:
    """Run code in a fresh interpreter and return the top-level packages it ended up with."""
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return {name.split(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


def test_geo_is_light() -> None:
    assert not modules_loaded_by("import geo") & set(HEAVY)


def test_the_server_answers_without_the_heavy_packages() -> None:
    code = """
import asyncio
from app.main import create_app

async def ask(app, path, query=b""):
    sent, coming = [], [{"type": "http.request", "body": b"", "more_body": False}]
    async def receive():
        return coming.pop() if coming else await asyncio.Event().wait()  # never leaves
    async def send(message):
        sent.append(message)
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
             "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": query,
             "root_path": "", "headers": [], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2)}
    await app(scope, receive, send)
    status = next(m["status"] for m in sent if m["type"] == "http.response.start")
    assert status == 200, (path, status)

app = create_app()
for path, query in [
    ("/healthz", b""), ("/api/plans", b""), ("/api/oblasts", b""), ("/api/layers", b""),
    ("/api/layers/buffer_zone", b""), ("/api/statistics", b"by=category"),
    ("/api/locate", b"lon=37.58&lat=48.72"), ("/api/map", b""),
    ("/api/uncertainty", b"draws=10"),
]:
    asyncio.run(ask(app, path, query))
"""
    assert not modules_loaded_by(code) & set(HEAVY)
