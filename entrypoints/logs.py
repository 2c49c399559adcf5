"""Logs: lines for a person on a terminal, JSON elsewhere; nothing that a stranger sent can forge a line."""

import json
import logging
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO, cast

import msgspec
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

_ALL: list[Processor] = []
"""One list for good, whatever it holds: loggers that have been used go on with the list that they began with."""


class _Patient:
    """Standard error. What nobody takes any more (a closed pipe, a full disk) is lost: no work stops for a line of the log."""

    def write(self, text: str) -> None:
        """Write a line, if that can be done."""
        with suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Send what was written on its way, likewise."""
        with suppress(OSError, ValueError):
            sys.stderr.flush()


class _Stderr(logging.StreamHandler[TextIO]):
    """Where the records of the standard library go, if nobody else takes them."""


def set_up_logs(level: LogLevel = LogLevel.INFO, form: LogFormat = LogFormat.AUTO) -> None:
    """Send the records of structlog and of the standard library to standard error, unless they are sent somewhere already."""
    terminal = _is_for_people(form)
    if any(not isinstance(handler, _Stderr) for handler in logging.getLogger().handlers):
        _hand_over()
    else:
        _write_ourselves(level, terminal)
    handler = _Stderr(sys.stderr)
    handler.setFormatter(formatter(terminal=terminal, colours=sys.stderr.isatty()))
    logging.basicConfig(handlers=[handler], level=level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(_is_wanted)
    stamina.instrumentation.set_on_retry_hooks([])  # who tries again says so, once, and without the arguments


def _hand_over() -> None:
    """Give our records to the standard library, whose handlers are somebody else's: an application around us."""
    _ALL[:] = [*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter]
    structlog.configure(
        processors=_ALL,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _write_ourselves(level: LogLevel, terminal: bool) -> None:
    """Write our records where they go in the end: by way of the standard library a line costs three times as much."""
    _ALL[:] = [*_SHARED, *_rendering(terminal=terminal, colours=sys.stderr.isatty())]
    structlog.configure(
        processors=_ALL,
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, _Patient())),
        wrapper_class=structlog.make_filtering_bound_logger(level.upper()),
        cache_logger_on_first_use=True,
    )


def _is_wanted(record: logging.LogRecord) -> bool:
    return record.msg not in _FLOODS or logging.getLogger().isEnabledFor(logging.DEBUG)


def _is_for_people(form: LogFormat) -> bool:
    return sys.stderr.isatty() if form is LogFormat.AUTO else form is LogFormat.CONSOLE


def formatter(*, terminal: bool, colours: bool = True) -> logging.Formatter:
    """Return what makes a record of the standard library a line: for a person, or JSON in ASCII."""
    forget = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    rendering = _rendering(terminal=terminal, colours=colours)
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_SHARED, processors=[forget, *rendering])


def _rendering(*, terminal: bool, colours: bool) -> list[Processor]:
    """Return what makes a line of an event."""
    if not terminal:
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_as_json, ensure_ascii=True)]
    console = structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback)
    return [structlog.processors.format_exc_info, _escaped, console]


def _as_json(event: MutableMapping[str, Any], **otherwise: Any) -> str:
    """Return JSON in ASCII, which escapes all that is not a plain letter: the quick way, where nothing needs that."""
    with suppress(TypeError, ValueError):
        line = msgspec.json.encode(event)
        if line.isascii():
            return line.decode()
    return json.dumps(event, separators=(",", ":"), **otherwise)


def _escaped(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Escape control characters: on a terminal they could forge a line or recolour the screen.

    Of a traceback the lines stay, indented: none of them can pass for a record.
    """
    for name, value in event.items():
        text = value if isinstance(value, str) else repr(value)
        lines = text.split("\n") if name == "exception" else [text]
        event[name] = "\n    ".join(map(visible, lines))
    return event
