"""`greenroom check-worker`: good workers keep every row, and each broken one is caught in the row that it breaks."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from entrypoints.commands.clip import make_clip
from entrypoints.commands.workercheck import Place, check
from entrypoints.rehearsal.acting import SYLLABLES
from entrypoints.rehearsal.plays import Pace
from entrypoints.rehearsal.rows import Row
from entrypoints.rehearsal.verdicts import Verdict
from entrypoints.settings import Settings
from entrypoints.values import Secret
from tests.clips import binaries, ffmpeg
from tests.integration.command.test_command import greenroom
from tests.integration.push.endpoint import TOKEN
from tests.integration.push.test_elsewhere import running_elsewhere
from tests.integration.server.process import SECRET, clean_environment, wait_for
from tests.integration.server.test_small_worker import small_worker
from tests.integration.worker.process import running_worker
from tests.services.freeport import free_port

FAULTY = Path(__file__).with_name("faulty.py")
PACE = Pace(lease=2, comes=20, quiet=3, watch=1)
SETTINGS = Settings(webhook_secret=Secret(SECRET), dispatch_token=Secret(TOKEN))
CHAPTERS = re.findall(r"^## (.+)$", (Path(__file__).parents[3] / "docs" / "worker.md").read_text(), re.MULTILINE)
CLAIMING = [
    "none",
    "claim",
    "download",
    "heartbeats",
    "output",
    "reports",
    "again",
    "there already",
    "once more",
    "cancel",
    "over",
]
CLAIMING += ["redirect"]
PUSHED = ["none", "start"]


@contextmanager
def faulty(fault: str, folder: Path, where: str) -> Iterator[None]:
    environment = clean_environment() | {"INTERNAL_WEBHOOK_SECRET": SECRET, "ENDPOINT_TOKEN": TOKEN}
    command = [sys.executable, str(FAULTY), fault, str(folder / "prepared.mp3"), where]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.kill()


def claiming(fault: str, folder: Path) -> list[Row]:
    """Check a worker that asks for work."""
    port = free_port()
    with faulty(fault, folder, f"http://127.0.0.1:{port}"):
        return list(asyncio.run(check(SETTINGS, None, Place(port=port), PACE, lambda _: None)))


def of_ours(folder: Path) -> list[Row]:
    """Check `greenroom worker`."""
    with ExitStack() as running:

        def started(told: str) -> None:
            for url in re.findall(r"GREENROOM_SERVER_URL=(\S+)", told):
                running.enter_context(running_worker(folder / "ours", url))

        return list(asyncio.run(check(SETTINGS, None, Place(), PACE, started)))


def of_the_page(folder: Path) -> list[Row]:
    """Check the worker that stands in docs/worker.md."""
    (folder / "small").mkdir()
    (folder / "small" / "ffmpeg").symlink_to(next(iter(binaries().values())))
    with ExitStack() as running:

        def started(told: str) -> None:
            for url in re.findall(r"GREENROOM_SERVER_URL=(\S+)", told):
                running.enter_context(small_worker(folder / "small", url))

        return list(asyncio.run(check(SETTINGS, None, Place(), PACE, started)))


def of_ours_elsewhere(folder: Path) -> list[Row]:
    """Check what the Modal app does with the tickets that it is sent."""
    with running_elsewhere(folder / "elsewhere") as (url, _):
        return list(asyncio.run(check(SETTINGS, url, Place(), PACE, lambda _: None)))


def pushed(fault: str, folder: Path) -> list[Row]:
    """Check a worker that is sent its tickets."""
    told = folder / f"{fault}.port"
    with faulty(fault, folder, str(told)):
        wait_for(told.exists, "the endpoint to listen")
        return list(asyncio.run(check(SETTINGS, f"http://127.0.0.1:{told.read_text()}/", Place(), PACE, lambda _: None)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the prepared audio that the small workers send."""
    make_clip(tmp_path / "clip.wav", syllables=SYLLABLES)
    ffmpeg("-i", tmp_path / "clip.wav", "-b:a", "128k", tmp_path / "prepared.mp3")
    return tmp_path


def test_each_broken_worker_is_caught_in_its_row_and_a_good_one_in_none(folder: Path) -> None:
    with ThreadPoolExecutor(len(CLAIMING) + len(PUSHED) + 3) as at_once:
        checks = {("claims", fault): at_once.submit(claiming, fault, folder) for fault in CLAIMING}
        checks |= {("is sent", fault): at_once.submit(pushed, fault, folder) for fault in PUSHED}
        good = [at_once.submit(each, folder) for each in (of_ours, of_the_page, of_ours_elsewhere)]
        found = {key: check.result() for key, check in checks.items()}
    broken = {key: [row.name for row in rows if row.verdict is Verdict.BROKEN] for key, rows in found.items()}
    told = {key: [row.saw for row in rows if row.verdict is Verdict.BROKEN] for key, rows in found.items()}
    assert broken == {(way, fault): [] if fault == "none" else [fault] for way, fault in checks}, told
    for rows in (found["claims", "none"], found["is sent", "none"], *(one.result() for one in good)):
        assert {row.verdict for row in rows} == {Verdict.KEPT}, rows
    assert {row.chapter for rows in found.values() for row in rows} <= set(CHAPTERS)


def test_a_worker_that_does_not_come_keeps_nothing(tmp_path: Path) -> None:
    told = greenroom("check-worker", "--timeout", "1", "--json", folder=tmp_path)
    found = json.loads(told.stdout)
    assert (told.returncode, found["kept"], {row["verdict"] for row in found["rows"]}) == (1, False, {"not seen"}), told.stderr
    assert re.search(r"GREENROOM_SERVER_URL=http://127.0.0.1:\d+\n +INTERNAL_WEBHOOK_SECRET=\S{40,}", told.stderr)
    assert list(tmp_path.iterdir()) == []


def test_an_endpoint_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/start"
    told = greenroom("check-worker", url, "--timeout", "1", folder=tmp_path)
    assert told.returncode == 1
    assert "The ticket was not taken: The endpoint" in told.stdout


@pytest.mark.parametrize("wrong", [["ftp://worker.example"], ["--host", "0.0.0.0"], ["--lease", "0"]])
def test_a_wrong_call_is_told_from_a_broken_worker(tmp_path: Path, wrong: list[str]) -> None:
    assert greenroom("check-worker", *wrong, folder=tmp_path).returncode == 2
