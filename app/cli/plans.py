"""``point21 plans``."""

from typing import Annotated, Any

import typer

from app.terminal.options import JsonOption, OutputOption, open_catalogue
from app.terminal.output import print_facts, print_line, print_table, write_bytes

__all__ = ["EXAMPLES", "plans"]

EXAMPLES = "Examples: `point21 plans` · `point21 plans point21-axios` · `point21 plans --json`"


def plans(
    plan_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Show this plan.")] = None,
    json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """List the plans, or show the clauses of one."""
    from app.documents import common as documents
    from app.documents.geojson import write_json

    catalogue = open_catalogue()
    if plan_id is None:
        known = catalogue.dataset.plans
        document = documents.describe_plans(known, default_plan=catalogue.default_plan)
    else:
        document = documents.describe_plan(catalogue.plan(plan_id))
    if json or output is not None:
        write_bytes(write_json(document), output)
    elif plan_id is None:
        columns = [(name, "") for name in ("id", "title_short", "basis", "published", "clauses")]
        print_table(columns, document["plans"], title="")
    else:
        _print_plan(document)


def _print_plan(document: dict[str, Any]) -> None:
    print_line(f"{document['title']} ({document['id']})")
    source = document["source"]
    print_line(f"{source['publisher']}, {source['date']}: {source['title']}. {document['note']}")
    for clause in document["clauses"]:
        print_line(f"\n{clause['id']}  {clause['kind']}, {clause['article']}")
        facts = {"quote": clause["quote"], "reading": clause["reading"]}
        print_facts({**facts, "reason": clause.get("reason", "")})
    for reading in document["readings"]:
        print_line(f"\nLeft open: {reading['question']} ({reading['id']})")
        options = [option["id"] for option in reading["option"]]
        print_facts({"options": options, "default": reading["default"]})
