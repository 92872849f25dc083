"""Translate a document into the language of a request, and prefix its links for a proxy."""

from functools import partial
from typing import Any

import orjson
from fastapi import Request

from app.i18n.languages import Language

__all__ = ["prefixed", "translate_bytes", "translate_document"]

_LINKS = "links"
_PROBLEMS = "/problems/"


def prefixed(document: Any, prefix: str) -> Any:  # noqa: ANN401
    """Return a document whose links begin with the path under which a proxy serves the program.

    Parameters
    ----------
    document
        An answer, or a part of one; it is not changed.
    prefix
        Such as ``/maps``; empty where there is none.
    """
    if not prefix:
        return document
    if isinstance(document, list | tuple):
        return [prefixed(part, prefix) for part in document]
    if not isinstance(document, dict):
        return document
    return {name: _prefixed_member(name, part, prefix) for name, part in document.items()}


def _prefixed_member(name: str, value: Any, prefix: str) -> Any:  # noqa: ANN401
    if name == _LINKS and isinstance(value, dict):
        return {rel: _prefixed_link(link, prefix) for rel, link in value.items()}
    if name == "type" and isinstance(value, str) and value.startswith(_PROBLEMS):
        return prefix + value
    return prefixed(value, prefix)


def _prefixed_link(link: Any, prefix: str) -> Any:  # noqa: ANN401
    return prefix + link if isinstance(link, str) and link.startswith("/") else link


def translate_document(
    request: Request, document: dict[str, Any]
) -> tuple[dict[str, str], dict[str, Any]]:
    """Return a document in the request's language, with the headers that say so.

    Parameters
    ----------
    request
        Its parameter ``lang`` was noted by :func:`app.http.dependencies.speak`; without one it is
        answered in English.
    document
        The answer in English; it is not changed.

    Returns
    -------
    tuple
        Headers, and the document.
    """
    document = prefixed(document, request.scope.get("root_path", ""))
    language = getattr(request.state, "language", Language.ENGLISH)
    if language is Language.ENGLISH:
        return {}, document
    from app.i18n.documents import in_language

    plan_words = partial(request.app.state.catalogue.plan_words, language)
    return {"content-language": language.value}, in_language(document, language, plan_words)


def translate_bytes(request: Request, body: bytes) -> tuple[dict[str, str], bytes]:
    """Do the same for an answer that is already written as JSON.

    Parameters
    ----------
    request
        As for :func:`translate_document`.
    body
        The answer in English.

    Returns
    -------
    tuple
        Headers, and the body.
    """
    spoken = getattr(request.state, "language", Language.ENGLISH)
    if spoken is Language.ENGLISH and not request.scope.get("root_path"):
        return {}, body
    headers, document = translate_document(request, orjson.loads(body))
    return headers, orjson.dumps(document)
