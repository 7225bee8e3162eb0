"""Structured logs on standard error: one line an event, for people or as JSON.

Each line of a request carries its id. Prompts and answers are never logged; a key that strays into a message is masked.
Libraries that log by the standard library end in the same lines.
"""

import logging
import re
import sys
from contextvars import ContextVar
from typing import Any

import msgspec
import structlog
from structlog.typing import EventDict, Processor

from antiphon.settings import Settings

REQUEST_ID: ContextVar[str | None] = ContextVar("antiphon_request_id", default=None)

_KEY = re.compile(r"\b(sk-|ek_)[A-Za-z0-9_-]{4,}([A-Za-z0-9_-]{4})")
_PLAIN = re.compile(r"[^ \n\"'=]+")  # what needs no quotes
_CHATTY = ("uvicorn", "alembic")  # they tell of every step of a start and a stop
_MAX_TEXT_CHARS = 8000  # of an exception and its trace

_encode = msgspec.json.Encoder(enc_hook=repr).encode


def configure_logs(settings: Settings) -> None:
    """Set up logging for this process."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_request_id,
        structlog.processors.format_exc_info,
        mask_keys,
    ]
    renderer = json_line if settings.log_format == "json" else text_line
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *shared, renderer],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(level, logging.INFO))
    for library in _CHATTY:
        logging.getLogger(library).setLevel(max(level, logging.WARNING))


def add_request_id(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Add the id of the request that this happens in."""
    request_id = REQUEST_ID.get()
    if request_id is not None:
        event["request_id"] = request_id
    return event


def mask_keys(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Mask what looks like a key, wherever it stands, and cut what is too long to read."""
    for name, value in event.items():
        if isinstance(value, str) and (len(value) > _MAX_TEXT_CHARS or "sk-" in value or "ek_" in value):
            event[name] = _KEY.sub(r"\1...\2", value[:_MAX_TEXT_CHARS])
    return event


def json_line(_logger: object, _method: str, event: EventDict) -> str:
    """Write an event as one line of JSON."""
    return _encode(dict(event)).decode()


def text_line(_logger: object, _method: str, event: EventDict) -> str:
    """Write an event as one line for people, an exception below it."""
    fields: dict[str, Any] = dict(event)
    time, level, what = fields.pop("timestamp", ""), fields.pop("level", ""), fields.pop("event", "")
    exception = fields.pop("exception", "")
    line = f"{time[11:23]} {level:<7} {what}" + "".join(f" {name}={_plain(value)}" for name, value in fields.items())
    return f"{line}\n{exception}" if exception else line


def _plain(value: object) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else repr(text)
