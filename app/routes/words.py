"""The words of the page's features, in every language."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.http.dependencies import StrictRoute
from app.http.responses import keep_json
from app.i18n.languages import Language, feature_words
from geo.arguments import show
from geo.errors import NotFoundError

__all__ = ["words_pages"]

words_pages = APIRouter(route_class=StrictRoute, include_in_schema=False)


@words_pages.get("/i18n/{name}.json")
def read_words(request: Request, name: str) -> Response:
    """Read the words that the features of the page need in a language."""
    if name not in list(Language):
        raise NotFoundError(f"There are no words in {show(name)} here.", valid=list(Language))
    return keep_json(request, dict(feature_words(Language(name))))
