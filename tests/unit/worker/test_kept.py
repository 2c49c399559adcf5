"""Reports that outlive their worker."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from entrypoints.work.kept import KeptReport, ReportFolder
from entrypoints.work.redelivery import deliver_kept
from ports.errors import AttemptOver, OutOfSpace, OutputsRefused, ReportRefused, Unavailable
from ports.work import Report, ReportStatus
from tests.unit.local.inspecting import names, open_files
from tests.unit.remote.tickets import DEADLINE, JOB, ticket

pytestmark = pytest.mark.anyio

TICKET = replace(ticket("http://127.0.0.1:9"), traceparent="00-trace")
REPORT = Report(job_id=JOB, attempt=2, status=ReportStatus.COMPLETE, result={"a": 1})
NAME = f"{JOB}.2.json"
SEEN = KeptReport(callback=TICKET.callback, report=REPORT, deadline=DEADLINE, traceparent="00-trace")

DIES_AS_IT_REPORTS = """
import asyncio, os, pathlib, signal, sys
from entrypoints.work.kept import ReportFolder
from tests.unit.worker.test_kept import REPORT, TICKET

async def work():
    async with ReportFolder(pathlib.Path(sys.argv[1])).keeping(TICKET, REPORT):
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(work())
"""


class Desk:
    """Takes reports, and answers each by what it was told to raise."""

    def __init__(self, answer: Exception | None = None) -> None:
        self.answer = answer
        self.reports: list[Report] = []
        self.kept: list[KeptReport] = []

    def __call__(self, kept: KeptReport) -> "Desk":
        self.kept.append(kept)
        return self

    async def report(self, report: Report) -> None:
        self.reports.append(report)
        if self.answer is not None:
            raise self.answer


def a_worker_dies(folder: Path) -> None:
    """Let a process be killed while its report is on its way."""
    command = [sys.executable, "-c", DIES_AS_IT_REPORTS, str(folder)]
    subprocess.run(command, check=False, cwd=Path(__file__).parents[3])


async def keep(folder: Path) -> None:
    """Leave a kept report, as a worker does that gave up."""
    with pytest.raises(Unavailable):
        async with ReportFolder(folder).keeping(TICKET, REPORT):
            raise Unavailable("The server")


async def delivered(folder: Path, desk: Desk, days: float = 0) -> None:
    await deliver_kept(ReportFolder(folder), desk, lambda: DEADLINE + timedelta(days=days))


async def test_a_report_is_on_the_disk_while_it_is_sent_for_its_owner_alone_and_gone_once_it_was_heard(tmp_path: Path) -> None:
    async with ReportFolder(tmp_path).keeping(TICKET, REPORT):
        assert names(tmp_path) == [NAME]
        assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == []


async def test_a_report_is_synced_before_it_is_sent_and_so_is_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    sync = os.fsync

    def watched(descriptor: int) -> None:
        sync(descriptor)
        synced.append("folder" if os.path.samestat(os.fstat(descriptor), tmp_path.stat()) else ",".join(names(tmp_path)))

    monkeypatch.setattr(os, "fsync", watched)
    async with ReportFolder(tmp_path).keeping(TICKET, REPORT):
        [draft, folder] = synced
    assert draft.startswith(f".{NAME}-")
    assert folder == "folder"


@pytest.mark.parametrize("answer", [AttemptOver(), OutputsRefused(()), ReportRefused("no")])
async def test_a_report_that_was_answered_for_good_is_forgotten(tmp_path: Path, answer: Exception) -> None:
    with pytest.raises(type(answer)):
        async with ReportFolder(tmp_path).keeping(TICKET, REPORT):
            raise answer
    assert names(tmp_path) == []


@pytest.mark.parametrize("trouble", [Unavailable("s"), OutOfSpace("s"), asyncio.CancelledError(), RuntimeError()])
async def test_a_report_that_was_not_answered_stays(tmp_path: Path, trouble: BaseException) -> None:
    before = open_files()
    with pytest.raises(type(trouble)):
        async with ReportFolder(tmp_path).keeping(TICKET, REPORT):
            raise trouble
    assert names(tmp_path) == [NAME]
    assert open_files() == before


async def test_a_report_that_cannot_be_kept_is_sent_all_the_same(tmp_path: Path) -> None:
    async with ReportFolder(tmp_path / "nowhere").keeping(TICKET, REPORT):
        pass
    assert names(tmp_path) == []


async def test_what_a_dead_worker_kept_is_delivered_as_it_was_and_forgotten(tmp_path: Path) -> None:
    a_worker_dies(tmp_path)
    assert names(tmp_path) == [NAME]
    desk = Desk()
    await delivered(tmp_path, desk)
    assert (desk.kept, desk.reports) == ([SEEN], [REPORT])
    assert names(tmp_path) == []


async def test_what_a_living_worker_is_delivering_is_left_to_it(tmp_path: Path) -> None:
    desk = Desk()
    async with ReportFolder(tmp_path).keeping(TICKET, REPORT):
        await delivered(tmp_path, desk)
    assert not desk.reports


async def test_what_is_written_anew_meanwhile_is_left_to_its_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await keep(tmp_path)
    opening = os.open

    def open_then_renew(path: Path, flags: int) -> int:
        descriptor = opening(path, flags)
        (tmp_path / "new").write_bytes(b"{}")
        (tmp_path / "new").rename(path)
        return descriptor

    desk = Desk()
    monkeypatch.setattr(os, "open", open_then_renew)
    await delivered(tmp_path, desk)
    assert not desk.reports
    assert names(tmp_path) == [NAME]


@pytest.mark.parametrize("trouble", [Unavailable("s"), OutOfSpace("s"), RuntimeError("a bug")])
async def test_what_can_not_be_delivered_now_stays_for_later_and_holds_up_no_other(tmp_path: Path, trouble: Exception) -> None:
    await keep(tmp_path)
    (tmp_path / "zzz.json").write_bytes((tmp_path / NAME).read_bytes())
    desk = Desk(trouble)
    await delivered(tmp_path, desk)
    assert len(desk.reports) == 2
    assert names(tmp_path) == [NAME, "zzz.json"]


@pytest.mark.parametrize("answer", [AttemptOver(), OutputsRefused(("prepared",)), ReportRefused("no")])
async def test_what_the_server_does_not_want_is_dropped(tmp_path: Path, answer: Exception) -> None:
    await keep(tmp_path)
    await delivered(tmp_path, Desk(answer))
    assert names(tmp_path) == []


@pytest.mark.parametrize(("days", "sent"), [(0.99, 1), (1.01, 0)])
async def test_what_is_too_old_to_be_of_use_is_dropped(tmp_path: Path, days: float, sent: int) -> None:
    await keep(tmp_path)
    desk = Desk()
    await delivered(tmp_path, desk, days)
    assert len(desk.reports) == sent
    assert names(tmp_path) == []


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"\xff", b"null"])
async def test_what_cannot_be_read_is_dropped(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.json").write_bytes(content)
    await delivered(tmp_path, Desk())
    assert names(tmp_path) == []


async def test_a_draft_whose_writer_died_goes_after_an_hour(tmp_path: Path) -> None:
    age: Callable[[str, float], None] = lambda name, hours: os.utime(tmp_path / name, (time.time() - hours * 3600,) * 2)  # noqa: E731
    for name, hours in ((".old", 1.1), (".new", 0.9)):
        (tmp_path / name).write_bytes(b"{")
        age(name, hours)
    await delivered(tmp_path, Desk())
    assert names(tmp_path) == [".new"]
