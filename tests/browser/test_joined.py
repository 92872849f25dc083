"""Scripts as browsers run them: one by one as modules, and joined into one text."""

from __future__ import annotations

from typing import Any

import pytest

from app.assets import STATIC
from app.page.elements import assets

FEATURE_SCRIPTS = sorted(
    name for name in STATIC.files if name.startswith("tools/") and name.endswith(".js")
)


def joined(monkeypatch: pytest.MonkeyPatch, modules: dict[str, str]) -> str:
    """Modules as scopes of one script."""
    monkeypatch.setattr(assets, "_own", modules.__getitem__)
    order: list[str] = []
    assets._in_order(list(modules)[-1], order)
    scopes = [(assets._variable(one), assets._scope(one, lazy=frozenset())) for one in order]
    return "\n".join(f"const {variable} = {scope}();" for variable, scope in scopes)


def test_equal_names_in_two_modules_do_not_meet(
    monkeypatch: pytest.MonkeyPatch, witness: Any
) -> None:
    text = joined(
        monkeypatch,
        {
            "a.js": 'const secret = "a";\nexport function tell() {\n  return secret;\n}\n',
            "deep/b.js": 'import { tell as other } from "../a.js";\nconst secret = "b";\n'
            "export const tell = () => other() + secret;\n",
            "c.js": 'import {\n  tell,\n} from "./deep/b.js";\nexport const said = tell();\n',
        },
    )
    assert witness.page.evaluate(f"() => {{ {text}\nreturn m_c.said; }}") == "ab"


def test_every_script_of_a_feature_loads_as_a_module(witness: Any, size: str) -> None:
    if size == "phone":
        pytest.skip("modules know no size")
    page = witness.open()
    assert FEATURE_SCRIPTS
    loaded = page.evaluate(
        """names => Promise.all(names.map(name =>
          import(new URL(`static/${name}`, document.baseURI)).then(m => Object.keys(m).length)))""",
        FEATURE_SCRIPTS,
    )
    assert all(exports > 0 for exports in loaded), dict(zip(FEATURE_SCRIPTS, loaded, strict=True))
    witness.assert_quiet()
