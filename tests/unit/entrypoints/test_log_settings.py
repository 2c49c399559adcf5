"""Which lines are logged, and what they look like, by the settings."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from entrypoints.settings import InvalidSettings, load_settings

ROOT = Path(__file__).parents[3]
SPOKEN = """
import logging, sys, stamina, structlog
from pathlib import Path
from entrypoints.logs import set_up_logs
from entrypoints.settings import load_settings
settings = load_settings({"GREENROOM_LOG_LEVEL": sys.argv[1], "GREENROOM_LOG_FORMAT": sys.argv[2]}, Path("no.env"))
set_up_logs(settings.log_level, settings.log_format)
for level in ("debug", "info", "warning", "error"):
    getattr(structlog.get_logger(), level)(f"said at {level}")
for said in sys.argv[3:]:
    logging.getLogger("uvicorn.error").error(said)
for trial in stamina.retry_context(on=ValueError, attempts=2, wait_max=0):
    with trial:
        if trial.num == 1:
            raise ValueError("https://example.com/?signature=secret")
"""


def spoken(level: str, form: str, *by_uvicorn: str) -> list[str]:
    command = [sys.executable, "-c", SPOKEN, level, form, *by_uvicorn]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stderr.splitlines()


@pytest.mark.parametrize(("level", "lines"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1), ("", 3)])
def test_what_is_less_severe_is_not_logged(level: str, lines: int) -> None:
    assert [json.loads(line)["event"] for line in spoken(level, "json")] == [
        f"said at {said}" for said in ("debug", "info", "warning", "error")[4 - lines :]
    ]


def test_away_from_a_terminal_lines_are_json_unless_they_are_wanted_for_people() -> None:
    assert json.loads(spoken("error", "auto")[0])["level"] == "error"
    assert "{" not in spoken("error", "console")[0]


def test_a_log_that_nobody_takes_stops_no_work() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    work = SPOKEN.partition("for said")[0] + "print('done')"
    ran = subprocess.run(
        [sys.executable, "-c", work, "info", "json"], cwd=ROOT, stdout=subprocess.PIPE, stderr=writing, check=False
    )
    os.close(writing)
    assert ran.stdout == b"done\n"


def test_what_is_tried_again_is_not_logged_with_its_arguments() -> None:
    assert not [line for line in spoken("debug", "json") if "stamina" in line or "signature" in line]


def test_away_from_a_terminal_nothing_is_coloured() -> None:
    assert "\x1b" not in "".join(spoken("debug", "console"))


@pytest.mark.parametrize(("level", "heard"), [("debug", True), ("info", False)])
def test_what_strangers_can_make_uvicorn_say_at_will_is_not_logged_unless_all_is_wanted(level: str, heard: bool) -> None:
    said = spoken(level, "json", "Invalid HTTP request received.", "ASGI callable returned without completing response.", "news")
    assert [json.loads(line)["event"] for line in said][-1] == "news"
    assert any("Invalid HTTP" in line for line in said) is any("ASGI callable" in line for line in said) is heard


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("GREENROOM_LOG_LEVEL", "GREENROOM_LOG_LEVEL: must be debug, info, warning or error"),
        ("GREENROOM_LOG_FORMAT", "GREENROOM_LOG_FORMAT: must be auto, console or json"),
    ],
)
def test_a_word_that_is_none_of_these_is_refused(tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(InvalidSettings) as refused:
        load_settings({name: "loud"}, tmp_path / ".env")
    assert str(refused.value) == sentence
