"""The page's scripts: linted, small, joined without meeting; no text is read as markup."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.assets import STATIC
from app.page.elements import assets
from app.page.elements.assets import FEATURES, join_modules, own_styles

REPOSITORY = Path(__file__).resolve().parents[3]
SCRIPTS = sorted(name for name in STATIC.files if name.endswith(".js"))
IMPORT = re.compile(r'from "(\.\.?/[^"]+)"')
# What would read a text as markup or as code, whoever wrote the text.
FORBIDDEN = re.compile(
    r"\.(?:inner|outer)HTML\s*\+?=[^=]|insertAdjacentHTML|document\.write|\beval\(|new Function|"
    r"createContextualFragment|DOMParser|\.srcdoc|setHTMLUnsafe|javascript:"
)


@pytest.fixture(scope="module")
def linter() -> str:
    """The linter of `make lint`, beside the Python that runs the tests."""
    path = shutil.which("oxlint", path=str(Path(sys.executable).parent)) or shutil.which("oxlint")
    if path is None:
        pytest.skip("oxlint is not installed; it comes with the development packages")
    return path


def lint(linter: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    config = ["--config", str(REPOSITORY / ".oxlintrc.json"), "--deny-warnings"]
    command = [linter, *config, *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)


def test_the_scripts_pass_the_linter(linter: str) -> None:
    checked = lint(linter, REPOSITORY / "app" / "page" / "static")
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("export function f() { return missing; }", "no-undef"),
        ("const unused = 1;", "no-unused-vars"),
        ('export const f = () => eval("1");', "no-eval"),
        ("export function f() { console.log(1); }", "no-console"),
        ("var old = 1;\nexport const f = () => old;", "no-var"),
        ("export const f = (a) => a == 1;", "eqeqeq"),
        ("export default 1;", "no-default-export"),
        ('import { nothing } from "./b.js";\nexport const f = nothing;', "named"),
    ],
)
def test_the_linter_finds_what_it_is_there_for(
    linter: str, tmp_path: Path, fault: str, told: str
) -> None:
    (tmp_path / "b.js").write_text("export const b = 1;\n")
    (tmp_path / "a.js").write_text(fault + "\n")
    checked = lint(linter, tmp_path)
    assert checked.returncode != 0
    assert told in checked.stdout


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_says_what_it_does_and_reads_no_text_as_markup(name: str) -> None:
    text = STATIC.read(name)[0].decode()
    assert text.startswith("// "), "the first line says what the script does"
    assert len(text.splitlines()) <= 400
    assert not FORBIDDEN.search(text)
    assert "TODO" not in text


def test_every_script_is_part_of_the_page_or_of_a_feature() -> None:
    reached: list[str] = []
    for start in (*assets.MODULES, *(f"tools/{name}/{name}.js" for name in FEATURES)):
        assets._in_order(start, reached)
    assert set(SCRIPTS) - set(reached) == set()


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_has_what_the_registry_says(name: str) -> None:
    text = STATIC.read(f"tools/{name}/{name}.js")[0].decode()
    assert re.search(r"^export (async )?function open\(", text, re.MULTILINE)
    line = re.search(
        rf"^  {name}: .*$", STATIC.read("core/tool_registry.js")[0].decode(), re.MULTILINE
    )
    assert line
    assert ("style: true" in line[0]) == (f"tools/{name}/{name}.css" in STATIC.files)


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_is_imported_exists(name: str) -> None:
    folder = Path(name).parent
    for address in IMPORT.findall(STATIC.read(name)[0].decode()):
        target = (Path("/") / folder / address).resolve().relative_to("/").as_posix()
        assert target in STATIC.files, f"{name} imports {address}"


# --- joining -----------------------------------------------------------------------------------


def test_one_file_carries_the_features_that_need_no_server() -> None:
    served, inline = join_modules(), join_modules(inline=True)
    asks = assets._features()
    assert set(asks.values()) == {True, False}
    for name, needs_server in asks.items():
        assert f"carried.{name} =" not in served
        assert (f"carried.{name} =" in inline) is not needs_server
        style = re.sub(r"@import [^;]*;", "", STATIC.read(f"tools/{name}/{name}.css")[0].decode())
        style = style.strip()
        assert (style in own_styles(inline=True)) is not needs_server
        assert style not in own_styles()


@pytest.mark.parametrize(
    "text",
    [
        'import all from "./a.js";\n',
        'import * as all from "./a.js";\n',
        'import "./a.js";\n',
        "export default 1;\n",
        'export { a } from "./a.js";\n',
        "export let changing = 1;\n",
    ],
)
def test_other_forms_of_import_and_export_are_refused(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(assets, "_own", {"a.js": "", "b.js": text}.__getitem__)
    with pytest.raises(ValueError, match="only named imports"):
        assets._scope("b.js", lazy=frozenset())


def test_a_circle_of_imports_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    modules = {
        "a.js": 'import { b } from "./b.js";\nexport const a = b;\n',
        "b.js": 'import { a } from "./a.js";\nexport const b = a;\n',
    }
    monkeypatch.setattr(assets, "_own", modules.__getitem__)
    with pytest.raises(ValueError, match=r"a\.js > b\.js > a\.js"):
        assets._in_order("a.js", [])
