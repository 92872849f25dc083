"""From a document to one in the language that the request asks for."""

from functools import partial
from typing import Any

import orjson
from fastapi import Request

from app.languages import Language

__all__ = ["speak_bytes", "speak_in_language"]


def speak_in_language(
    request: Request, document: dict[str, Any]
) -> tuple[dict[str, str], dict[str, Any]]:
    """Return a document in the request's language, with the headers that say so.

    Parameters
    ----------
    request
        Its parameter ``lang`` was noted by :func:`app.dependencies.speak`; without one it is
        answered in English.
    document
        The answer in English; it is not changed.

    Returns
    -------
    tuple
        Headers, and the document.
    """
    language = getattr(request.state, "language", Language.ENGLISH)
    if language is Language.ENGLISH:
        return {}, document
    from app.translating import in_language

    plan_words = partial(request.app.state.catalogue.plan_words, language)
    return {"content-language": language.value}, in_language(document, language, plan_words)


def speak_bytes(request: Request, body: bytes) -> tuple[dict[str, str], bytes]:
    """Do the same for an answer that is already written as JSON.

    Parameters
    ----------
    request
        As for :func:`speak_in_language`.
    body
        The answer in English.

    Returns
    -------
    tuple
        Headers, and the body.
    """
    if getattr(request.state, "language", Language.ENGLISH) is Language.ENGLISH:
        return {}, body
    headers, document = speak_in_language(request, orjson.loads(body))
    return headers, orjson.dumps(document)
