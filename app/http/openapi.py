"""Complete the OpenAPI document: media types as they are sent, examples as they are answered."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.datasets.catalogue import Catalogue
from app.middleware.early_problems import PROBLEM_MEDIA_TYPE

__all__ = ["describe_service"]

_DESCRIPTION: Final = """\
What the territorial clauses of a published proposal mean on the map: layers, areas and a ledger of
change. It describes and takes no side.

Data are read with `GET` or `HEAD`; a what-if, with a line or a plan of your own, is asked with
`POST`. Answers to `GET` carry a strong `ETag`; send it back as `If-None-Match` to be told `304`
when nothing has changed. gzip and brotli are on offer. Every error is a problem document (RFC
9457) that lists what is valid.
"""


def describe_service(app: FastAPI) -> None:
    """Replace an application's OpenAPI document by one that says what is sent."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _describe(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _describe(app: FastAPI) -> dict[str, Any]:
    from app.http.examples import EXAMPLES, PROBLEM_EXAMPLES, make_problem_example

    document = get_openapi(
        title=app.title,
        version=app.version,
        summary="What the territorial clauses of a published proposal mean on the map.",
        description=_DESCRIPTION,
        license_info={"name": "MIT (code); data licences are stated with the data"},
        routes=app.routes,
        servers=[{"url": prefix}] if (prefix := app.state.settings.root_path) else None,
        tags=[
            {"name": "scenario", "description": "A plan applied to a day."},
            {"name": "plans", "description": "What the texts say."},
            {"name": "lines", "description": "Lines of contact and first-level units."},
            {"name": "tiles", "description": "Vector tiles for maps of your own."},
            {"name": "service", "description": "The program itself."},
        ],
    )
    catalogue: Catalogue = app.state.catalogue
    problems = {status: make_problem_example(status, catalogue) for status in PROBLEM_EXAMPLES}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _keep_references(operation)
            _describe_parameters(operation)
            _send_problems_as_problems(operation, problems)
            if path in EXAMPLES:
                _add_example(operation, path, catalogue)
    _list_media_types(document["paths"]["/api/downloads/{format}"]["get"])
    return document


def _list_media_types(download: dict[str, Any]) -> None:
    """Name the media type of each format of files; bytes have no schema (OpenAPI 3.1, 4.8.14.3)."""
    from app.export.formats import FORMATS

    kinds = sorted({form.media_type for form in FORMATS.values()})
    for status in ("200", "206"):
        download["responses"][status]["content"] = {kind: {} for kind in kinds}


def _describe_parameters(operation: dict[str, Any]) -> None:
    """Say of a parameter that may be left out what it is when it is given: never null."""
    for parameter in operation.get("parameters", []):
        schema = parameter["schema"]
        given = [inner for inner in schema.get("anyOf", []) if inner != {"type": "null"}]
        if len(given) == 1:
            del schema["anyOf"]
            schema.update(given[0])


def _keep_references(operation: dict[str, Any]) -> None:
    """Drop the 'string' that the framework puts beside the schema of a finished answer."""
    for response in operation["responses"].values():
        for content in response.get("content", {}).values():
            if "$ref" in content.get("schema", {}):
                content["schema"] = {"$ref": content["schema"]["$ref"]}


def _send_problems_as_problems(operation: dict[str, Any], problems: dict[str, Any]) -> None:
    for status, response in operation["responses"].items():
        if status.startswith("4") or (status == "503" and "Problem" in str(response)):
            (content,) = response["content"].values()
            asked = status in problems and "requestBody" not in operation
            example = {"example": problems[status]} if asked else {}
            response["content"] = {PROBLEM_MEDIA_TYPE: {**content, **example}}


def _add_example(operation: dict[str, Any], path: str, catalogue: Catalogue) -> None:
    from app.http.examples import EXAMPLES, make_example

    content = operation["responses"]["200"]["content"]
    media_type = next(name for name in content if name.endswith("json"))
    content[media_type]["examples"] = {
        "real": {
            "summary": EXAMPLES[path][0],
            "description": "A real answer; long lists and rings are cut short.",
            "value": make_example(path, catalogue),
        }
    }
