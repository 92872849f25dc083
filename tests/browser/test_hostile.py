"""Nothing from data is read as markup."""

from __future__ import annotations

from typing import Any

import orjson

from pages import OTHER_DAY, PLAN_A


def test_names_in_data_are_never_read_as_markup(witness: Any, ask: Any) -> None:
    hostile = '<img src=x onerror="window.wounded=1"><script>window.wounded=1</script>'
    bundle = ask(f"api/map?plan={PLAN_A}&date={OTHER_DAY}")
    for face in bundle["faces"]["features"]:
        face["properties"]["name_en"] = hostile
        face["properties"]["label"] = hostile
    for row in bundle["towns"] + bundle["oblasts"]:
        row["name_en"] = hostile
    for clause in bundle["plan"]["clauses"]:
        clause.update(quote=hostile, article=hostile, reading=hostile)
        if clause.get("place"):
            clause["place"] = hostile
    for source in bundle["sources"]:
        source.update(title=hostile, attribution=hostile, licence_url="javascript:wounded=1")
    for table in bundle["tables"].values():
        for row in table:
            row.update({key: hostile for key in ("name_en", "label") if key in row})
    bundle["note"] = hostile
    bundle["plan"]["title"] = hostile
    witness.page.route("**/api/map?*", lambda route: route.fulfill(body=orjson.dumps(bundle)))
    page = witness.open()
    page.locator("#date").select_option(OTHER_DAY)
    witness.settled(PLAN_A, OTHER_DAY)
    page.locator('[data-face="UA-14 ukraine"]').focus()
    page.keyboard.press("Enter")
    for selector in ("#headline", "#inspector", "#sources", '[data-table="change"]'):
        assert "<img src=x" in page.locator(selector).inner_text(), selector
    assert page.locator(".label", has_text="<img").count() > 0
    assert page.locator("img[src=x]").count() == 0
    assert page.locator('[href^="javascript"]').count() == 0
    assert page.evaluate("window.wounded") is None
    assert witness.errors == []
