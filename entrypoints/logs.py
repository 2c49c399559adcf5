"""Logs: lines for a person on a terminal, JSON elsewhere; nothing that a stranger sent can forge a line."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

_QUIET = ("httpx", "httpcore", "uvicorn.access")
"""They log whole URLs, and with them the signatures of links."""


def set_up_logs(level: int = logging.INFO) -> None:
    """Send the records of structlog and of the standard library to standard error, unless they are sent somewhere already."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_rendering()))
    logging.basicConfig(handlers=[handler], level=level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _rendering() -> list[Processor]:
    forget = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if sys.stderr.isatty():
        return [forget, _escaped, structlog.dev.ConsoleRenderer()]
    return [forget, structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]


def _escaped(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Escape control characters: on a terminal they could forge a line or recolour the screen (JSON escapes them itself)."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in value)
    return event
