"""Structured logs: one JSON object a line, or readable lines on a terminal.

A log line may leave the installation, so it never holds what a patient is called or owes: the
request's route instead of its address, ids instead of names, and of a failure its kind and where it
happened, not its message (PostgreSQL's "failing row contains …" would be a patient's record).
"""

from __future__ import annotations

import logging.config
import os
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any

import structlog

Event = MutableMapping[str, Any]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def without_messages(logger: Any, method: str, event: Event) -> Event:
    """Put an exception's kind, place and database codes in place of its message and text."""
    found = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if found is True:
        found = sys.exc_info()
    error = found if isinstance(found, BaseException) else (found[1] if found else None)
    if error is None:
        return event
    event["error"] = kinds(error)
    event["at"] = places(error)
    for cause in chain(error):
        diag = getattr(cause, "diag", None)
        if sqlstate := getattr(cause, "sqlstate", None):
            event["sqlstate"] = sqlstate
        if constraint := getattr(diag, "constraint_name", None):
            event["constraint"] = constraint
    return event


def chain(error: BaseException) -> list[BaseException]:
    """Return an error and what caused it, the outermost first."""
    found: list[BaseException] = []
    step: BaseException | None = error
    while step is not None and step not in found:
        found.append(step)
        step = step.__cause__ or step.__context__
    return found


def kinds(error: BaseException) -> str:
    """Name an error and what caused it, the outermost first."""
    return " < ".join(f"{type(one).__module__}.{type(one).__qualname__}" for one in chain(error))


def places(error: BaseException) -> list[str]:
    """Return file, line and function of each step to the error, the innermost last."""
    return [
        f"{step.filename}:{step.lineno} {step.name}"
        for step in traceback.extract_tb(error.__traceback__)
    ]


def without_addresses(logger: Any, method: str, event: Event) -> Event:
    """Django names the address of a failed request; ours is logged as a route, by RequestLog."""
    record = event.get("_record")
    if record is not None and record.name in {"django.request", "django.server"}:
        event["event"] = "request.failed"
        event["status"] = getattr(record, "status_code", None)
    return event


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    without_addresses,
    without_messages,
]


def logging_settings(environ: Mapping[str, str], *, terminal: bool) -> dict[str, Any]:
    """Return what Django's LOGGING wants. CREDITWELL_LOG_LEVEL and CREDITWELL_LOG_JSON rule it."""
    as_json = environ.get("CREDITWELL_LOG_JSON", "0" if terminal else "1") == "1"
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=terminal)
    )
    level = environ.get("CREDITWELL_LOG_LEVEL", "INFO").upper()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    renderer,
                ],
            }
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "structured"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # Refused requests (4xx) are in the line that RequestLog writes; this is for defects.
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "level": "ERROR", "propagate": True},
            # One job a line is enough, and its arguments are nobody's business.
            "procrastinate": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
        },
    }


def configure() -> None:
    """Make logging structured before Django does: for the command line."""
    logging.config.dictConfig(logging_settings(os.environ, terminal=sys.stderr.isatty()))


structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *SHARED,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)

LOGGING = logging_settings(os.environ, terminal=sys.stderr.isatty())
