"""Errors of fetching."""

from geo.errors import SettlementError
from geo.redaction import mask_secrets

__all__ = ["FetchError", "FetchFailedError", "NotPublishedError"]


class FetchError(SettlementError):
    """Something could not be fetched; the cache is as it was. Secrets in addresses are redacted."""

    def __init__(self, message: str) -> None:
        super().__init__(mask_secrets(message))


class NotPublishedError(FetchError):
    """There is nothing at this address (404 or 410)."""


class FetchFailedError(FetchError):
    """Some things were fetched, others could not be; the message lists them."""
