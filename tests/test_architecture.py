"""Rules for the code, checked on the source: the order of packages, which modules open files or
read the environment, how long a module or function may be. They hold for every module that exists,
so they hold for a new file from its first commit."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from numpydoc.validate import validate

REPOSITORY = Path(__file__).resolve().parent.parent
GEO = sorted((REPOSITORY / "geo").rglob("*.py"))
APP = sorted((REPOSITORY / "app").rglob("*.py"))
MODULES = [*GEO, *APP]

MAX_FUNCTION_LINES = 40
MAX_MODULE_LINES = 400

# What geo never imports: the application, and what reaches the network or the system.
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

# Packages and top-level modules from the bottom up: each imports only from itself and from those
# before it. CONTRIBUTING.md draws the same order and says what each holds.
GEO_ORDER = (
    "errors", "arguments", "text", "dates", "numerics", "redaction", "repr_html", "parallel",
    "arrays", "empty_parts", "files", "crs", "measure", "model", "geometry", "plans", "places",
    "lines", "control_areas", "statistics", "comparison", "formats", "io", "histories", "scenario",
    "place_search", "uncertainty", "analysis", "notebook_cards", "",
)  # fmt: skip
APP_ORDER = (
    "", "version", "assets", "atomic_file", "scratch", "errors", "parameters", "log_format",
    "palette", "schemas", "i18n", "middleware", "sources", "connectors", "settings", "datasets",
    "documents", "what_if", "tiles", "validation", "export", "cql2", "ogc", "postgis", "page",
    "http", "workers", "api", "routes", "main", "serve", "notebook_map", "terminal", "cli",
)  # fmt: skip
ORDER = [f"geo.{name}".rstrip(".") for name in GEO_ORDER] + [
    f"app.{name}".rstrip(".") for name in APP_ORDER
]
MAX_MODULES = 16
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
# Modules that open files: the reader of a path, the project's own data, archives, detection.
OPENERS = {"files.bounded", "io.load", "formats.archives", "formats.detection"}


def name_of(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def for_each(paths: list[Path]) -> Callable[[Callable[[Path], None]], Callable[[], None]]:
    """Turn a rule for one module into one test of all, which names every module that breaks it."""

    def as_test(rule: Callable[[Path], None]) -> Callable[[], None]:
        def check_all() -> None:
            broken = []
            for path in paths:
                try:
                    rule(path)
                except AssertionError as error:
                    broken.append(f"{name_of(path)}: {error}")
            assert not broken, "\n".join(broken)

        check_all.__doc__ = rule.__doc__
        return check_all

    return as_test


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


@cache
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


def test_modules_of_both_packages_are_found() -> None:
    assert {"errors.py", "crs.py", "partition.py", "load.py"} <= {path.name for path in GEO}
    assert {"main.py", "settings.py", "layers.py"} <= {path.name for path in APP}


@for_each(GEO)
def test_geo_imports_neither_the_app_nor_the_network(path: Path) -> None:
    tree = parse(path)
    found = {name.split(".")[0] for name in imports_of(tree, package=package_of(path))}
    assert not found & FORBIDDEN_IN_GEO
    assert "os" not in found, "geo knows no environment; pathlib does for paths"
    assert not {name for name in attributes_of(tree) if name in {"os.environ", "os.getenv"}}


def unit_of(module: str) -> str:
    """Return the package or top-level module that a module is part of: ``geo.io``, ``app.main``."""
    return ".".join(module.split(".")[:2])


def dotted_name(path: Path) -> str:
    parts = path.relative_to(REPOSITORY).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULE_NAMES = {dotted_name(path): path for path in MODULES}


def own_imports(path: Path) -> set[str]:
    """Return the modules of this program that a module imports, inside of functions too."""
    found = set()
    for name in imports_of(parse(path), package=package_of(path)):
        if name in MODULE_NAMES:
            found.add(name)
    names = {f"{name}." for name in found}
    # `from geo.io import load` yields `geo.io` as well: what is meant is the module
    return {name for name in found if MODULE_NAMES[name].stem != "__init__"} | {
        name
        for name in found
        if MODULE_NAMES[name].stem == "__init__"
        and not any(other.startswith(f"{name}.") for other in names)
    }


@for_each(MODULES)
def test_packages_import_only_from_those_before_them(path: Path) -> None:
    own = unit_of(dotted_name(path))
    assert own in ORDER, "a new package or top-level module takes its place in the order"
    before = set(ORDER[: ORDER.index(own)]) | {own}
    assert {unit_of(name) for name in own_imports(path)} <= before


def test_every_place_in_the_order_is_taken() -> None:
    assert sorted(ORDER) == sorted({unit_of(name) for name in MODULE_NAMES})


def test_no_modules_import_each_other_in_a_circle() -> None:
    waiting = {name: own_imports(path) - {name} for name, path in MODULE_NAMES.items()}
    done: set[str] = set()
    while ready := {name for name, needs in waiting.items() if needs <= done}:
        done |= ready
        waiting = {name: needs for name, needs in waiting.items() if name not in done}
    assert not waiting


def test_no_folder_is_crowded() -> None:
    folders = Counter(path.parent for path in MODULES)
    folders |= Counter(path.parent for path in (REPOSITORY / "app/page/static").rglob("*.js"))
    assert not {name_of(folder): n for folder, n in folders.items() if n > MAX_MODULES}


@for_each(GEO)
def test_only_openers_open_files_and_no_module_prints(path: Path) -> None:
    called = set(calls_of(parse(path)))
    assert "print" not in called, "no module prints"
    opening = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "read_file", "glob"}
    if module_of(path) not in OPENERS:
        assert not called & opening


@for_each(MODULES)
def test_no_figure_depends_on_the_processor(path: Path) -> None:
    """Elementary functions are those of geo.numerics; sums of products are whole numbers there."""
    used = {tuple(name.split(".")) for name in attributes_of(parse(path))}
    found = {name for library, name in used if library in ("np", "math") and name in UNEQUAL}
    assert not found, "use geo.numerics"
    assert not {name for library, name in used if (library, name) == ("np", "linalg")}


@for_each(APP)
def test_only_settings_reads_the_environment(path: Path) -> None:
    tree = parse(path)
    touched = {name for name in attributes_of(tree) if name in {"os.environ", "os.getenv"}}
    imported = {name for name in imports_of(tree, package=package_of(path)) if "environ" in name}
    if path.name != "settings.py":
        assert not touched | imported


@for_each(MODULES)
def test_modules_and_functions_are_small(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= MAX_MODULE_LINES
    too_long = {
        node.name: lines
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := body_lines(node)) > MAX_FUNCTION_LINES
    }
    assert not too_long


@for_each(GEO)
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


@for_each(GEO)
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


@for_each(MODULES)
def test_importing_does_nothing(path: Path) -> None:
    """A module's top level defines; it does not silence warnings, configure logs or print."""
    acting = {"filterwarnings", "simplefilter", "basicConfig", "print", "set_option", "seed"}
    top_level = [
        node
        for node in parse(path).body
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    assert not {name for node in top_level for name in calls_of(node)} & acting


def test_docstrings_begin_with_a_noun_or_a_verb() -> None:
    """A first line that begins with "What" or "Who" has to be translated back by its reader."""
    clause = re.compile(r"(?:What|Who|Whose|Where|Which|How|Whatever)\b")
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = [
        f"{name_of(path)}: {text.splitlines()[0]}"
        for path in MODULES
        for node in ast.walk(parse(path))
        if isinstance(node, documented) and (text := ast.get_docstring(node) or "")
        if clause.match(text)
    ]
    assert not found


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
