"""A worker's way through one ticket: heartbeats, repeated reports, and every way in which it can be stopped."""

import asyncio
import errno
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from entrypoints.work import attempt, reporting
from entrypoints.work.attempt import Workshop, work
from entrypoints.work.health import Health
from entrypoints.work.reporting import PersistentReporter
from ports.audio import Figures, Measured, Prepared, Progress, Recipe
from ports.errors import (
    Altered,
    AttemptOver,
    EngineFailed,
    LinkRefused,
    OutOfSpace,
    OutputsRefused,
    ReportRefused,
    Unavailable,
    Unusable,
)
from ports.jobs import JobKind
from ports.work import Callback, Output, Report, ReportStatus, Ticket

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MEASURED = Measured(
    loudness_lufs=-16.0, true_peak_dbtp=-2.0, range_lu=1.0, duration=1.0, sample_rate=44_100, channels=1, codec="mp3"
)
FIGURES = Figures(before=MEASURED, after=MEASURED, trimmed_head=0.0, trimmed_tail=0.0, gain_db=0.0, limited=False, damaged=False)


class Desk:
    """Takes reports down, and answers each by what it was told to raise."""

    def __init__(self, *answers: Exception | None) -> None:
        self.reports: list[Report] = []
        self._answers = list(answers)
        self._news = asyncio.Event()

    async def report(self, report: Report) -> None:
        self.reports.append(report)
        self._news.set()
        answer = self._answers.pop(0) if self._answers else None
        if answer is not None:
            raise answer

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self._news.clear()
                await self._news.wait()

    @property
    def said(self) -> list[ReportStatus]:
        return [report.status for report in self.reports]


class Engine:
    """Prepares by doing what the test says, in the folder it is given."""

    def __init__(self, doing: Callable[[Progress], Awaitable[None]]) -> None:
        self._doing = doing
        self.folder: Path | None = None

    async def prepare(self, source: Path, into: Path, recipe: Recipe, budget: timedelta, progress: Progress) -> Prepared:
        self.folder = into
        await self._doing(progress)
        return Prepared(audio=source, content_type="audio/mpeg", prepared_peaks=source, original_peaks=source, figures=FIGURES)

    async def version(self) -> str:
        return "test"


class Courier:
    """Carries nothing."""

    async def fetch(self, ticket: Ticket, into: Path) -> Path:
        return into / "input"

    async def send(self, ticket: Ticket, output: Output, file: Path) -> None:
        return None


def ticket(seconds: float = 3600) -> Ticket:
    return Ticket(
        job_id=uuid4(),
        attempt=1,
        kind=JobKind.PREPARE,
        callback=Callback(url="", token=""),
        lease_seconds=60,
        deadline=NOW + timedelta(seconds=seconds),
    )


def workshop(folder: Path, desk: Desk, engine: Engine) -> Workshop:
    return Workshop(engine=engine, courier=Courier(), reporter=desk, scratch=folder, clock=lambda: NOW, health=Health(engine))


class Deaf(Desk):
    """Hears no last report for a while: each waits until the test lets it go on, or is cancelled."""

    def __init__(self) -> None:
        super().__init__()
        self.hears = asyncio.Event()

    async def report(self, report: Report) -> None:
        await super().report(report)
        if report.status is not ReportStatus.PROCESSING:
            await self.hears.wait()


def is_empty(folder: Path) -> bool:
    return not list(folder.iterdir())


async def at_once(_: Progress) -> None:
    return None


def failing(error: Exception) -> Callable[[Progress], Awaitable[None]]:
    async def fail(_: Progress) -> None:
        raise error

    return fail


async def forever(_: Progress) -> None:
    await asyncio.Event().wait()


async def test_a_ticket_ends_with_its_report_and_an_empty_scratch_folder(tmp_path: Path) -> None:
    desk = Desk()
    await work(ticket(), workshop(tmp_path, desk, Engine(at_once)))
    assert desk.said[-1] is ReportStatus.COMPLETE
    assert desk.reports[-1].result is not None
    assert is_empty(tmp_path)


async def test_a_sign_of_life_comes_at_once_and_progress_when_there_is_some(tmp_path: Path) -> None:
    desk = Desk()

    async def halfway(progress: Progress) -> None:
        await desk.until(lambda: len(desk.reports) == 1)
        progress(0.5, "rendering")
        progress(0.4, "still rendering")
        await desk.until(lambda: len(desk.reports) == 2)

    await work(ticket(), workshop(tmp_path, desk, Engine(halfway)))
    assert desk.said == [ReportStatus.PROCESSING, ReportStatus.PROCESSING, ReportStatus.COMPLETE]
    assert (desk.reports[1].progress, desk.reports[1].message) == (0.5, "still rendering")


async def test_a_worker_whose_attempt_is_over_stops_and_says_no_more(tmp_path: Path) -> None:
    desk, engine = Desk(AttemptOver()), Engine(forever)
    await asyncio.wait_for(work(ticket(), workshop(tmp_path, desk, engine)), 10)
    assert desk.said == [ReportStatus.PROCESSING]
    assert is_empty(tmp_path)


async def test_a_heartbeat_that_the_last_report_overtook_cuts_nothing_short(tmp_path: Path) -> None:
    """The job is complete for the server while it still writes down what that means: a heartbeat is refused then."""
    done = asyncio.Event()

    class Settling(Desk):
        async def report(self, report: Report) -> None:
            await super().report(report)
            if report.status is ReportStatus.COMPLETE:
                await self.until(lambda: self.said.count(ReportStatus.PROCESSING) == 2)
                await asyncio.sleep(0)
                done.set()
            elif ReportStatus.COMPLETE in self.said:
                raise AttemptOver

    desk = Settling()

    async def halfway(progress: Progress) -> None:
        await desk.until(lambda: len(desk.reports) == 1)
        progress(0.9, "nearly there")

    await asyncio.wait_for(work(ticket(), workshop(tmp_path, desk, Engine(halfway))), 10)
    assert desk.said == [ReportStatus.PROCESSING, ReportStatus.COMPLETE, ReportStatus.PROCESSING]
    assert done.is_set()


async def test_a_heartbeat_that_is_not_heard_stops_nothing(tmp_path: Path) -> None:
    desk = Desk(Unavailable("store"))

    async def wait_for_it(_: Progress) -> None:
        await desk.until(lambda: len(desk.reports) == 1)

    await work(ticket(), workshop(tmp_path, desk, Engine(wait_for_it)))
    assert desk.said == [ReportStatus.PROCESSING, ReportStatus.COMPLETE]


async def test_a_worker_that_is_told_to_stop_gives_its_job_back(tmp_path: Path) -> None:
    desk = Desk()
    working = asyncio.ensure_future(work(ticket(), workshop(tmp_path, desk, Engine(forever))))
    await desk.until(lambda: len(desk.reports) == 1)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert desk.said[-1] is ReportStatus.RELEASED
    assert is_empty(tmp_path)


async def test_a_worker_that_is_told_to_stop_as_it_reports_says_that_once_more_and_nothing_else(tmp_path: Path) -> None:
    desk = Deaf()
    working = asyncio.ensure_future(work(ticket(), workshop(tmp_path, desk, Engine(at_once))))
    await desk.until(lambda: ReportStatus.COMPLETE in desk.said)
    desk.hears.set()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert ReportStatus.RELEASED not in desk.said
    assert desk.said.count(ReportStatus.COMPLETE) == 2


async def test_a_worker_that_is_told_to_stop_after_its_report_was_heard_says_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, heard = Desk(), asyncio.Event()

    @asynccontextmanager
    async def slow_to_go(root: Path) -> AsyncIterator[Path]:
        yield root
        heard.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(attempt, "scratch_folder", slow_to_go)
    working = asyncio.ensure_future(work(ticket(), workshop(tmp_path, desk, Engine(at_once))))
    await heard.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert desk.said.count(ReportStatus.COMPLETE) == 1
    assert ReportStatus.RELEASED not in desk.said


async def test_a_worker_that_is_told_to_stop_as_it_sends_its_outputs_once_more_gives_its_job_back(tmp_path: Path) -> None:
    class Refusing(Desk):
        async def report(self, report: Report) -> None:
            await super().report(report)
            if report.status is ReportStatus.COMPLETE:
                raise OutputsRefused(("prepared",))

    class Stalling(Courier):
        async def send(self, ticket: Ticket, output: Output, file: Path) -> None:
            if ReportStatus.COMPLETE in desk.said:
                again.set()
                await asyncio.Event().wait()

    desk, again = Refusing(), asyncio.Event()
    shop = replace(workshop(tmp_path, desk, Engine(at_once)), courier=Stalling())
    working = asyncio.ensure_future(work(ticket(), shop))
    await again.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert desk.said[-1] is ReportStatus.RELEASED
    assert desk.said.count(ReportStatus.COMPLETE) == 1


async def test_a_complete_that_is_never_heard_is_never_followed_by_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reporting, "REPORTED_FOR", 0.01)
    desk = Desk(None, *[Unavailable("store", 0)] * 9)

    async def once_heard(_: Progress) -> None:
        await desk.until(lambda: len(desk.reports) == 1)

    await work(ticket(), workshop(tmp_path, desk, Engine(once_heard)))
    assert set(desk.said) == {ReportStatus.PROCESSING, ReportStatus.COMPLETE}


async def test_a_report_that_is_refused_for_good_ends_the_attempt(tmp_path: Path) -> None:
    desk = Desk(None, ReportRefused("no"))

    async def once_heard(_: Progress) -> None:
        await desk.until(lambda: len(desk.reports) == 1)

    await work(ticket(), workshop(tmp_path, desk, Engine(once_heard)))
    assert desk.said == [ReportStatus.PROCESSING, ReportStatus.COMPLETE]


async def test_a_heartbeat_that_is_refused_stops_nothing(tmp_path: Path) -> None:
    desk = Desk(ReportRefused("no"))

    async def once_heard(_: Progress) -> None:
        await desk.until(lambda: len(desk.reports) == 1)

    await work(ticket(), workshop(tmp_path, desk, Engine(once_heard)))
    assert desk.said == [ReportStatus.PROCESSING, ReportStatus.COMPLETE]


async def test_an_attempt_stops_at_its_deadline_and_says_so(tmp_path: Path) -> None:
    desk = Desk()
    await asyncio.wait_for(work(ticket(seconds=0.05), workshop(tmp_path, desk, Engine(forever))), 10)
    assert (desk.said[-1], desk.reports[-1].error) == (ReportStatus.FAILED, "The attempt took longer than it may")
    assert desk.reports[-1].retryable
    assert is_empty(tmp_path)


async def test_a_report_has_all_the_time_it_needs_after_the_deadline(tmp_path: Path) -> None:
    desk = Deaf()
    working = asyncio.ensure_future(work(ticket(seconds=0.2), workshop(tmp_path, desk, Engine(at_once))))
    await desk.until(lambda: ReportStatus.COMPLETE in desk.said)
    done, _ = await asyncio.wait([working], timeout=0.4)
    assert not done
    desk.hears.set()
    await working
    assert desk.said.count(ReportStatus.COMPLETE) == 1


async def test_the_last_report_is_kept_from_before_it_is_sent_until_it_was_answered(tmp_path: Path) -> None:
    desk, kept = Deaf(), []

    @asynccontextmanager
    async def keeping(_: Ticket, report: Report) -> AsyncIterator[None]:
        kept.append(report)
        yield
        kept.remove(report)

    shop = replace(workshop(tmp_path, desk, Engine(at_once)), keeping=keeping)
    working = asyncio.ensure_future(work(ticket(), shop))
    await desk.until(lambda: ReportStatus.COMPLETE in desk.said)
    assert [report.status for report in kept] == [ReportStatus.COMPLETE]
    desk.hears.set()
    await working
    assert kept == []


async def test_a_worker_that_breaks_down_says_so_and_may_be_tried_again(tmp_path: Path) -> None:
    async def break_down(_: Progress) -> None:
        raise RuntimeError("a bug with /secret/paths in it")

    desk = Desk()
    await work(ticket(), workshop(tmp_path, desk, Engine(break_down)))
    assert (desk.said[-1], desk.reports[-1].retryable) == (ReportStatus.FAILED, True)
    assert desk.reports[-1].error == "The worker broke down"


@pytest.mark.parametrize("ailment", [EngineFailed("It broke"), OutOfSpace("The disk"), Unavailable("The storage"), OSError(24)])
async def test_a_worker_whose_place_is_out_of_order_seems_unwell(tmp_path: Path, ailment: Exception) -> None:
    with capture_logs() as logs:
        await work(ticket(), workshop(tmp_path, Desk(), Engine(failing(ailment))))
    assert "this worker seems unwell" in [line["event"] for line in logs]


def full_disk(code: int) -> Callable[..., str]:
    def make(**_: object) -> str:
        raise OSError(code, os.strerror(code))

    return make


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("at_once", [True, False])
async def test_a_full_disk_costs_the_job_no_attempt_even_where_not_so_much_as_a_folder_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, *, at_once: bool
) -> None:
    if at_once:
        monkeypatch.setattr(tempfile, "mkdtemp", full_disk(code))
    desk = Desk(None, Unavailable("store", 0))  # a heartbeat, then the report: it is said until it is heard
    with capture_logs() as logs:
        await work(ticket(), workshop(tmp_path, desk, Engine(failing(OSError(code, "full")))))
    assert desk.said == [ReportStatus.PROCESSING, ReportStatus.RELEASED, ReportStatus.RELEASED]
    assert desk.reports[-1].message == "The disk that audio is prepared on has no space left"
    assert "this worker seems unwell" in [line["event"] for line in logs]


@pytest.mark.parametrize("finding", [Unusable("No sound."), Altered("The original"), LinkRefused("no")])
async def test_a_worker_is_not_unwell_for_what_it_found(tmp_path: Path, finding: Exception) -> None:
    with capture_logs() as logs:
        await work(ticket(), workshop(tmp_path, Desk(), Engine(failing(finding))))
    assert "this worker seems unwell" not in [line["event"] for line in logs]


async def test_a_worker_that_cannot_even_say_that_leaves_it_to_its_lease(tmp_path: Path) -> None:
    async def break_down(_: Progress) -> None:
        raise RuntimeError("a bug")

    desk = Desk(*[Unavailable("store", 0)] * 3)
    await work(ticket(), workshop(tmp_path, desk, Engine(break_down)))
    assert ReportStatus.COMPLETE not in desk.said


async def test_a_report_is_repeated_until_it_is_heard() -> None:
    desk = Desk(Unavailable("store", 0), OutOfSpace("store"), None)
    report = Report(job_id=uuid4(), status=ReportStatus.COMPLETE)
    with capture_logs() as logged:
        await PersistentReporter(desk).report(report)
    assert desk.reports == [report] * 3
    said = [(entry["event"], entry["why"]) for entry in logged if not entry["event"].startswith("stamina")]
    assert said == [("waiting for the server", "store is not available at the moment")]


async def test_a_report_that_is_refused_is_not_repeated() -> None:
    desk = Desk(AttemptOver())
    with pytest.raises(AttemptOver):
        await PersistentReporter(desk).report(Report(job_id=uuid4(), status=ReportStatus.COMPLETE))
    assert len(desk.reports) == 1
