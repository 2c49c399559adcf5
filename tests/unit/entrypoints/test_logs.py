"""What is logged stays in its line, whoever it comes from."""

import json
import logging
import re
from pathlib import Path

import pytest

from entrypoints.logs import formatter

NASTY = "a\nb\r\x00\x1b[31m\x7f\x85\x9b2J\u2028\u2029\u202e"
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202e]")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class Sly:
    """Something whose repr is chosen by a stranger."""

    def __repr__(self) -> str:
        return NASTY


def record(message: str, *arguments: object, **facts: object) -> logging.LogRecord:
    return logging.makeLogRecord({"msg": message, "args": arguments, "levelname": "ERROR", **facts})


def failed() -> logging.LogRecord:
    error = ValueError(f"it broke\n2026-01-01T00:00:00Z [info] forged {NASTY}")
    return record("unhandled", exc_info=(ValueError, error, None))


@pytest.mark.parametrize("arguments", [(NASTY,), (Sly(),), ([NASTY],)])
def test_control_characters_are_escaped_in_json(arguments: tuple[object, ...]) -> None:
    line = formatter(terminal=False).format(record("said %s", *arguments))
    assert line.isascii()
    assert not CONTROLS.search(line)
    assert json.loads(line)["event"].startswith("said ")


@pytest.mark.parametrize("said", ["plain", "Größe", "\udcff", Path("a/b"), NASTY])
def test_json_is_ascii_whatever_is_said(said: object) -> None:
    line = formatter(terminal=False).format(record("x", msg={"event": "x", "said": said}, _logger=None, _name="info"))
    assert line.isascii()
    assert json.loads(line)["said"] == (said if isinstance(said, str) else repr(said))


@pytest.mark.parametrize("arguments", [(NASTY,), (Sly(),), ([NASTY],)])
def test_control_characters_are_escaped_on_a_terminal(arguments: tuple[object, ...]) -> None:
    line = COLOURS.sub("", formatter(terminal=True).format(record("said %s", *arguments)))
    assert not CONTROLS.search(line)
    assert "\\x1b[31m" in line


@pytest.mark.parametrize("terminal", [False, True])
def test_what_is_bound_to_an_event_is_escaped_too(terminal: bool) -> None:
    event = {"event": "x", "path": NASTY, "odd": Sly(), "many": [NASTY], "level": "info", "timestamp": "now"}
    line = formatter(terminal=terminal).format(record("", msg=event, _logger=None, _name="info"))
    assert not CONTROLS.search(COLOURS.sub("", line))


def test_a_traceback_in_json_is_one_line() -> None:
    line = formatter(terminal=False).format(failed())
    assert not CONTROLS.search(line)
    assert "ValueError: it broke" in json.loads(line)["exception"]


def test_a_traceback_on_a_terminal_has_its_lines_and_forges_none() -> None:
    first, opening, *rest = COLOURS.sub("", formatter(terminal=True).format(failed())).split("\n")
    assert "unhandled" in first
    assert opening == "ValueError: it broke"
    assert "    2026-01-01T00:00:00Z [info] forged a" in rest
    assert all(line.startswith("    ") and not CONTROLS.search(line) for line in rest)
