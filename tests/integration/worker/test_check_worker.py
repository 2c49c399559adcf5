"""`greenroom check-worker`: good workers keep every row, and each broken one is caught in the row that it breaks."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

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
from tests.integration.server.process import SECRET, lean_environment, wait_for
from tests.integration.server.test_small_worker import small_worker
from tests.integration.worker.process import running_worker
from tests.services.freeport import free_port

FAULTY = Path(__file__).with_name("faulty.py")
PACE = Pace(lease=3, comes=20, quiet=3, watch=1)
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
    environment = lean_environment() | {"INTERNAL_WEBHOOK_SECRET": SECRET, "ENDPOINT_TOKEN": TOKEN}
    command = [sys.executable, str(FAULTY), fault, str(folder / "prepared.mp3"), where]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.kill()


async def claiming(fault: str, folder: Path) -> Sequence[Row]:
    """Check a worker that asks for work."""
    port = free_port()
    with faulty(fault, folder, f"http://127.0.0.1:{port}"):
        return await check(SETTINGS, None, Place(port=port), PACE, lambda _: None)


async def of_ours(folder: Path) -> Sequence[Row]:
    """Check `greenroom worker`."""
    return await told_where(lambda url: running_worker(folder / "ours", url))


async def of_the_page(folder: Path) -> Sequence[Row]:
    """Check the worker that stands in docs/worker.md."""
    (folder / "small").mkdir()
    (folder / "small" / "ffmpeg").symlink_to(next(iter(binaries().values())))
    return await told_where(lambda url: small_worker(folder / "small", url))


async def told_where(run: Callable[[str], AbstractContextManager[object]]) -> Sequence[Row]:
    """Check a worker that is started where it is told to."""
    with ExitStack() as running:
        starting = list[asyncio.Task[object]]()

        def started(told: str) -> None:
            for url in re.findall(r"GREENROOM_SERVER_URL=(\S+)", told):
                starting.append(asyncio.create_task(asyncio.to_thread(running.enter_context, run(url))))

        rows = await check(SETTINGS, None, Place(), PACE, started)
        await asyncio.gather(*starting)
    return rows


async def of_ours_elsewhere(folder: Path) -> Sequence[Row]:
    """Check what the Modal app does with the tickets that it is sent."""
    with ExitStack() as running:
        url, _ = await asyncio.to_thread(running.enter_context, running_elsewhere(folder / "elsewhere"))
        return await check(SETTINGS, url, Place(), PACE, lambda _: None)


async def pushed(fault: str, folder: Path) -> Sequence[Row]:
    """Check a worker that is sent its tickets."""
    told = folder / f"{fault}.port"
    with faulty(fault, folder, str(told)):
        await asyncio.to_thread(wait_for, told.exists, "the endpoint to listen")
        return await check(SETTINGS, f"http://127.0.0.1:{told.read_text()}/", Place(), PACE, lambda _: None)


async def all_at_once(
    checks: Mapping[tuple[str, str], Coroutine[Any, Any, Sequence[Row]]],
) -> dict[tuple[str, str], Sequence[Row]]:
    """Make the checks in one loop: applications that are made in several threads at a time mix up their routes."""
    return dict(zip(checks, await asyncio.gather(*checks.values()), strict=True))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the prepared audio that the small workers send."""
    make_clip(tmp_path / "clip.wav", syllables=SYLLABLES)
    ffmpeg("-i", tmp_path / "clip.wav", "-b:a", "128k", tmp_path / "prepared.mp3")
    return tmp_path


def test_each_broken_worker_is_caught_in_its_row_and_a_good_one_in_none(folder: Path) -> None:
    checks = {("claims", fault): claiming(fault, folder) for fault in CLAIMING}
    checks |= {("is sent", fault): pushed(fault, folder) for fault in PUSHED}
    good = {("good", each.__name__): each(folder) for each in (of_ours, of_the_page, of_ours_elsewhere)}
    found = asyncio.run(all_at_once(checks | good))
    kept = [found.pop(one) for one in good]
    broken = {key: [row.name for row in rows if row.verdict is Verdict.BROKEN] for key, rows in found.items()}
    told = {key: [row.saw for row in rows if row.verdict is Verdict.BROKEN] for key, rows in found.items()}
    assert broken == {(way, fault): [] if fault == "none" else [fault] for way, fault in checks}, told
    for rows in (found["claims", "none"], found["is sent", "none"], *kept):
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
