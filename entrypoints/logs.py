"""Logs: lines for a person on a terminal, JSON elsewhere; nothing that a stranger sent can forge a line."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import stamina
import structlog
from structlog.typing import Processor

from entrypoints.settings import LogFormat, LogLevel
from entrypoints.visible import visible

_QUIET = ("httpx", "httpcore", "uvicorn.access")
"""They log whole URLs, and with them the signatures of links."""

_FLOODS = frozenset({"ASGI callable returned without completing response.", "Invalid HTTP request received."})
"""uvicorn says these as often as strangers like: of each connection that sends junk, of each that takes nothing of its events."""

_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def set_up_logs(level: LogLevel = LogLevel.INFO, form: LogFormat = LogFormat.AUTO) -> None:
    """Send the records of structlog and of the standard library to standard error, unless they are sent somewhere already."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(terminal=_is_for_people(form), colours=sys.stderr.isatty()))
    logging.basicConfig(handlers=[handler], level=level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(_is_wanted)
    stamina.instrumentation.set_on_retry_hooks([])  # who tries again says so, once, and without the arguments


def _is_wanted(record: logging.LogRecord) -> bool:
    return record.msg not in _FLOODS or logging.getLogger().isEnabledFor(logging.DEBUG)


def _is_for_people(form: LogFormat) -> bool:
    return sys.stderr.isatty() if form is LogFormat.AUTO else form is LogFormat.CONSOLE


def formatter(*, terminal: bool, colours: bool = True) -> logging.Formatter:
    """Return what makes a record a line: for a person, or JSON in ASCII, which escapes all that is not a plain letter."""
    rendering: list[Processor] = (
        [_escaped, structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback)]
        if terminal
        else [structlog.processors.JSONRenderer(ensure_ascii=True)]
    )
    forget = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    processors: list[Processor] = [forget, structlog.processors.format_exc_info, *rendering]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_SHARED, processors=processors)


def _escaped(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Escape control characters: on a terminal they could forge a line or recolour the screen.

    Of a traceback the lines stay, indented: none of them can pass for a record.
    """
    for name, value in event.items():
        text = value if isinstance(value, str) else repr(value)
        lines = text.split("\n") if name == "exception" else [text]
        event[name] = "\n    ".join(map(visible, lines))
    return event
