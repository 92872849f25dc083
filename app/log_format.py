"""Format of the log: lines for people, or one JSON object a line.

Each entry that belongs to a request carries its id. Query strings, bodies and headers are never
logged: they say what a reader looked at, and may hold what a proxy added. Addresses are told
without the secrets in them, whoever writes the line.
"""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

from geo.redaction import mask_secrets
from geo.text import show_controls

__all__ = ["REQUEST_ID", "JsonFormatter", "TextFormatter", "log_config"]

REQUEST_ID: Final[ContextVar[str]] = ContextVar("point21_request_id", default="")
"""Id of the request that is being answered; empty outside of requests."""

FIELDS: Final = "fields"
"""Attribute of a record with what is said of a request, name by name."""


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request id, and what is known."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        entry: dict[str, Any] = {
            "time": _time_of(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := REQUEST_ID.get():
            entry["request_id"] = request_id
        entry |= getattr(record, FIELDS, {})
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(_masked(entry), ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """Level and message, with time and request id where there is a request."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        line = f"{record.levelname + ':':<9} {record.getMessage()}"
        fields = getattr(record, FIELDS, {})
        if fields:
            said = " ".join(f"{name}={_on_one_line(value)}" for name, value in fields.items())
            line = f"{line} {said} time={_time_of(record)}"
        if request_id := REQUEST_ID.get():
            line = f"{line} request_id={request_id}"
        if record.exc_info:
            line = f"{line}\n{self.formatException(record.exc_info)}"
        return show_controls(mask_secrets(line))


def _on_one_line(value: object) -> str:
    """Write a value so that it cannot look like a line of its own."""
    return str(value).replace("\r", "\\r").replace("\n", "\\n")


def _masked(entry: dict[str, Any]) -> dict[str, Any]:
    return {k: mask_secrets(v) if isinstance(v, str) else v for k, v in entry.items()}


def _time_of(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, tz=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def log_config(level: str, form: str) -> dict[str, Any]:
    """Return what :func:`logging.config.dictConfig` takes.

    Parameters
    ----------
    level
        Least severe level that is logged.
    form
        ``text`` or ``json``.
    """
    formatter = "app.log_format.JsonFormatter" if form == "json" else "app.log_format.TextFormatter"
    ours = {"handlers": ["stderr"], "level": level.upper(), "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"chosen": {"()": formatter}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "chosen",
                "stream": "ext://sys.stderr",
            }
        },
        "loggers": {"point21": ours, "uvicorn": ours},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
    }
