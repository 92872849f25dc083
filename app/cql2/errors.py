"""Errors of requests under ``/ogc``."""

from app.errors import InvalidRequestError

__all__ = ["InvalidQueryError"]


class InvalidQueryError(InvalidRequestError):
    """A parameter of OGC API – Features cannot be used; answered with 400, as the standard says."""
