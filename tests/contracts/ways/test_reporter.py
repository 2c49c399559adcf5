"""The contract of `ports.work.Reporter`, kept by every way of a report to its server."""

from pathlib import Path
from uuid import uuid4

import pytest
from msgspec.structs import replace

from adapters.remote.reporter import HttpReporter
from domain.schedule import give_back
from ports.errors import AttemptOver, OutputsRefused, ReportRefused, Unavailable
from ports.jobs import JobStatus
from ports.work import Output, Report, ReportStatus, Ticket
from tests.contracts.ways.harness import Server, Way

pytestmark = pytest.mark.anyio


def report(ticket: Ticket, status: ReportStatus, **told: object) -> Report:
    return Report(job_id=ticket.job_id, attempt=ticket.attempt, status=status, **told)  # type: ignore[arg-type]  # as named


async def test_a_report_is_delivered(way: Way, server: Server) -> None:
    ticket = await server.ticket()
    told = report(ticket, ReportStatus.PROCESSING, progress=0.25, message="measuring")
    await way.reporter(server, ticket).report(told)
    last = (await server.parts.jobs.get(ticket.job_id)).attempts[-1]
    assert (last.progress, last.message) == (0.25, "measuring")


async def test_a_report_may_be_delivered_twice(way: Way, server: Server) -> None:
    ticket = await server.ticket()
    for _ in range(2):
        await way.reporter(server, ticket).report(report(ticket, ReportStatus.FAILED, error="no"))
    job = await server.parts.jobs.get(ticket.job_id)
    assert (job.status, len(job.attempts)) == (JobStatus.FAILED, 1)


async def test_an_attempt_that_is_not_the_jobs_any_more_is_over(way: Way, server: Server) -> None:
    ticket = await server.ticket()
    await give_back(ticket, server.parts.jobs, server.parts.clock(), "no room")
    with pytest.raises(AttemptOver):
        await way.reporter(server, ticket).report(report(ticket, ReportStatus.PROCESSING))


async def test_a_job_that_is_gone_is_over(way: Way, server: Server) -> None:
    ticket = await server.ticket()
    await server.parts.jobs.remove(ticket.job_id)
    with pytest.raises(AttemptOver):
        await way.reporter(server, ticket).report(report(ticket, ReportStatus.FAILED))


async def test_outputs_that_are_not_there_are_refused_and_named(way: Way, server: Server) -> None:
    ticket = await server.ticket()
    with pytest.raises(OutputsRefused) as refused:
        await way.reporter(server, ticket).report(report(ticket, ReportStatus.COMPLETE, result={}))
    assert refused.value.missing == ("prepared",)
    assert (await server.parts.jobs.get(ticket.job_id)).status is JobStatus.PROCESSING


async def test_a_storage_out_of_reach_is_unavailable_and_the_same_report_is_taken_later(
    way: Way, server: Server, folder: Path
) -> None:
    ticket = await server.ticket()
    await way.courier(server).send(ticket, Output.PREPARED, mp3(folder))
    away = server.storage_folder.with_name("elsewhere")
    server.storage_folder.rename(away)
    done = report(ticket, ReportStatus.COMPLETE, result={"a": 1})
    with pytest.raises(Unavailable):
        await way.reporter(server, ticket).report(done)
    away.rename(server.storage_folder)
    await way.reporter(server, ticket).report(done)
    assert (await server.parts.jobs.get(ticket.job_id)).result == {"a": 1}


async def test_only_the_ticket_in_hand_may_report(server: Server) -> None:
    """By HTTP alone: in one process there is nothing to prove."""
    ticket = await server.ticket()
    forged = replace(ticket.callback, token="not the one")
    with pytest.raises(ReportRefused, match="401"):
        await HttpReporter(server.client, forged).report(report(ticket, ReportStatus.FAILED))
    another = replace(report(ticket, ReportStatus.FAILED), job_id=uuid4())
    with pytest.raises(ReportRefused, match="401"):
        await HttpReporter(server.client, ticket.callback).report(another)


def mp3(folder: Path) -> Path:
    """Return a file that begins as an mp3 does."""
    path = folder / "out.mp3"
    path.write_bytes((b"\xff\xfb\x90\x00" + bytes(413)) * 4)
    return path
