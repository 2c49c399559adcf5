"""Whose report counts: what a job has been through, the report that comes then, and what it is answered.

A history is written as steps. `start`: a ticket is claimed. `lost`: the lease ends and the housekeeper comes. `silence`: the
lease ends, nobody has noticed. `cancel`. Anything else is a report: the attempt that it names (`plain` names none), its status,
and then its progress or that a retry may help. Only the last step may be answered with anything but "applied".
"""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from domain.callbacks import NO_REASON, named_by
from domain.errors import JobNotFound, NotTheHolder, StaleReport
from domain.jobs import UNTICKETED
from ports.errors import Unavailable
from ports.jobs import Job, JobKind, JobStatus, Outcome
from ports.work import Report, ReportStatus
from tests.unit.domain.makers import MP3, NOW, POLICY, SECOND, House, made_job, said

pytestmark = pytest.mark.anyio

ANOTHER = "The report is of another attempt than the newest"
SEVERAL = "Several attempts were issued: the report must name its own"
ENDED = "The attempt has ended"
CONFLICTS = "The job has ended another way"
CANCELLED = "The job was cancelled"

# history and report, answer, status of the job then, outcomes of its attempts then (- for one that is under way)
ROWS = [
    # nobody was handed the job: a worker that knows only its id speaks of it
    ("plain processing", "applied", "processing", "-"),
    ("plain processing 0.5", "applied", "processing", "-"),
    ("plain complete", "applied", "complete", "complete"),
    ("plain failed", "applied", "failed", "failed"),
    ("plain failed retryable", "applied", "queued", "failed"),
    ("plain released", "unchanged", "queued", ""),
    ("1 processing", ANOTHER, "queued", ""),
    ("1 complete", ANOTHER, "queued", ""),
    ("1 failed", ANOTHER, "queued", ""),
    # it started by its own heartbeat
    ("plain processing, plain processing", "applied", "processing", "-"),
    ("plain processing, plain complete", "applied", "complete", "complete"),
    ("plain processing, plain failed", "applied", "failed", "failed"),
    ("plain processing, plain failed retryable", "applied", "queued", "failed"),
    ("plain processing, plain released", "applied", "queued", "released"),
    ("plain processing, 1 processing", "applied", "processing", "-"),
    ("plain processing, 1 failed", "applied", "failed", "failed"),
    ("plain processing 0.5, plain processing 0.4", "unchanged", "processing", "-"),
    # one ticket was issued: reports that name it, and reports that name none
    ("start, 1 processing", "applied", "processing", "-"),
    ("start, 1 complete", "applied", "complete", "complete"),
    ("start, 1 failed", "applied", "failed", "failed"),
    ("start, 1 failed retryable", "applied", "queued", "failed"),
    ("start, 1 released", "applied", "queued", "released"),
    ("start, plain processing", "applied", "processing", "-"),
    ("start, plain complete", "applied", "complete", "complete"),
    ("start, plain failed", "applied", "failed", "failed"),
    ("start, plain released", "applied", "queued", "released"),
    ("start, 2 processing", ANOTHER, "processing", "-"),
    ("start, 2 complete", ANOTHER, "processing", "-"),
    ("start, 3 failed", ANOTHER, "processing", "-"),
    # progress
    ("start, 1 processing 0.5, 1 processing 0.75", "applied", "processing", "-"),
    ("start, 1 processing 0.5, 1 processing 0.5", "applied", "processing", "-"),
    ("start, 1 processing 0.5, 1 processing", "applied", "processing", "-"),
    ("start, 1 processing 0.5, 1 processing 0.25", "unchanged", "processing", "-"),
    ("start, 1 processing 0.5, 1 complete", "applied", "complete", "complete"),
    # the same again, and against the outcome: the first terminal report wins
    ("start, 1 complete, 1 complete", "unchanged", "complete", "complete"),
    ("start, 1 complete, plain complete", "unchanged", "complete", "complete"),
    ("plain complete, plain complete", "unchanged", "complete", "complete"),
    ("plain complete, 1 complete", "unchanged", "complete", "complete"),
    ("start, 1 complete, 1 failed", CONFLICTS, "complete", "complete"),
    ("start, 1 complete, 1 failed retryable", CONFLICTS, "complete", "complete"),
    ("start, 1 complete, 1 released", CONFLICTS, "complete", "complete"),
    ("start, 1 complete, 1 processing", ENDED, "complete", "complete"),
    ("plain complete, plain failed", CONFLICTS, "complete", "complete"),
    ("plain complete, plain processing", ENDED, "complete", "complete"),
    ("start, 1 failed, 1 failed", "unchanged", "failed", "failed"),
    ("start, 1 failed, 1 failed retryable", "unchanged", "failed", "failed"),
    ("start, 1 failed, 1 complete", CONFLICTS, "failed", "failed"),
    ("start, 1 failed, 1 released", CONFLICTS, "failed", "failed"),
    ("start, 1 failed, 1 processing", ENDED, "failed", "failed"),
    ("plain failed, plain failed", "unchanged", "failed", "failed"),
    ("plain failed, plain complete", CONFLICTS, "failed", "failed"),
    ("start, 1 complete, 2 complete", ANOTHER, "complete", "complete"),
    ("start, 1 failed, 2 failed", ANOTHER, "failed", "failed"),
    # the lease has ended: it is a hint, the attempt decides
    ("start, silence, 1 processing", "applied", "processing", "-"),
    ("start, silence, 1 complete", "applied", "complete", "complete"),
    ("start, silence, 1 failed", "applied", "failed", "failed"),
    ("start, silence, plain complete", "applied", "complete", "complete"),
    # back in the queue: work that was done is taken, a late failure leaves the coming retry alone
    ("start, lost, 1 complete", "applied", "complete", "complete"),
    ("start, lost, plain complete", "applied", "complete", "complete"),
    ("start, lost, 1 failed", "unchanged", "queued", "lost"),
    ("start, lost, 1 failed retryable", "unchanged", "queued", "lost"),
    ("start, lost, plain failed", "unchanged", "queued", "lost"),
    ("start, lost, 1 released", "unchanged", "queued", "lost"),
    ("start, lost, 1 processing", ENDED, "queued", "lost"),
    ("start, lost, plain processing", ENDED, "queued", "lost"),
    ("start, lost, 2 complete", ANOTHER, "queued", "lost"),
    ("start, lost, 1 complete, 1 complete", "unchanged", "complete", "complete"),
    ("start, lost, 1 complete, 1 failed", CONFLICTS, "complete", "complete"),
    ("start, 1 failed retryable, 1 failed retryable", "unchanged", "queued", "failed"),
    ("start, 1 failed retryable, 1 complete", "applied", "complete", "complete"),
    ("start, 1 failed retryable, 1 processing", ENDED, "queued", "failed"),
    ("start, 1 released, 1 released", "unchanged", "queued", "released"),
    ("start, 1 released, 1 failed", "unchanged", "queued", "released"),
    ("start, 1 released, 1 complete", "applied", "complete", "complete"),
    ("plain failed retryable, plain failed retryable", "unchanged", "queued", "failed"),
    ("plain failed retryable, plain complete", "applied", "complete", "complete"),
    # somebody has started the next attempt: only its reports count
    ("start, lost, start, 1 processing", ANOTHER, "processing", "lost -"),
    ("start, lost, start, 1 complete", ANOTHER, "processing", "lost -"),
    ("start, lost, start, 1 failed", ANOTHER, "processing", "lost -"),
    ("start, lost, start, 1 released", ANOTHER, "processing", "lost -"),
    ("start, lost, start, 3 complete", ANOTHER, "processing", "lost -"),
    ("start, lost, start, plain processing", SEVERAL, "processing", "lost -"),
    ("start, lost, start, plain complete", SEVERAL, "processing", "lost -"),
    ("start, lost, start, plain failed", SEVERAL, "processing", "lost -"),
    ("plain processing, lost, start, plain complete", SEVERAL, "processing", "lost -"),
    ("plain failed retryable, start, plain complete", SEVERAL, "processing", "failed -"),
    ("start, lost, start, 2 complete", "applied", "complete", "lost complete"),
    ("start, lost, start, 2 failed", "applied", "failed", "lost failed"),
    ("start, lost, start, lost, 2 complete", "applied", "complete", "lost complete"),
    ("start, lost, start, lost, 1 complete", ANOTHER, "queued", "lost lost"),
    ("start, lost, start, 2 complete, 1 complete", ANOTHER, "complete", "lost complete"),
    ("start, lost, start, 2 complete, 1 failed", ANOTHER, "complete", "lost complete"),
    ("start, lost, start, 2 complete, plain complete", SEVERAL, "complete", "lost complete"),
    ("start, 1 released, start, plain complete", SEVERAL, "processing", "released -"),
    # a failure that may be retried, until the attempts are used up; one that was given back is not used up
    ("start, 1 failed retryable, start, 2 failed retryable", "applied", "queued", "failed failed"),
    (
        "start, 1 failed retryable, start, 2 failed retryable, start, 3 failed retryable",
        "applied",
        "failed",
        "failed failed failed",
    ),
    ("start, lost, start, lost, start, 3 failed retryable", "applied", "failed", "lost lost failed"),
    ("start, 1 released, start, lost, start, lost, start, 4 failed retryable", "applied", "failed", "released lost lost failed"),
    (
        "start, 1 released, start, 2 released, start, 3 released, start, 4 failed retryable",
        "applied",
        "queued",
        "released released released failed",
    ),
    # the last attempt was lost: that is the outcome
    ("start, lost, start, lost, start, lost, 3 complete", CONFLICTS, "failed", "lost lost lost"),
    ("start, lost, start, lost, start, lost, 3 failed", "unchanged", "failed", "lost lost lost"),
    ("start, lost, start, lost, start, lost, 3 processing", ENDED, "failed", "lost lost lost"),
    # cancelled
    ("cancel, plain processing", CANCELLED, "cancelled", ""),
    ("cancel, plain complete", CANCELLED, "cancelled", ""),
    ("cancel, plain failed", CANCELLED, "cancelled", ""),
    ("start, cancel, 1 processing", CANCELLED, "cancelled", "cancelled"),
    ("start, cancel, 1 complete", CANCELLED, "cancelled", "cancelled"),
    ("start, cancel, 1 failed", CANCELLED, "cancelled", "cancelled"),
    ("start, cancel, 1 released", CANCELLED, "cancelled", "cancelled"),
    ("start, cancel, plain complete", CANCELLED, "cancelled", "cancelled"),
    ("start, lost, cancel, 1 complete", CANCELLED, "cancelled", "lost"),
    ("start, lost, cancel, 2 complete", ANOTHER, "cancelled", "lost"),
]


async def taken(house: House, job: Job, step: str, now: datetime) -> tuple[str, datetime]:
    """Take one step and return how it was answered, and the time then."""
    current = await house.jobs.get(job.id)
    match step.split():
        case ["start"]:
            now = max(now, current.due)
            assert await house.start(now)
        case ["silence"]:
            now = current.attempts[-1].lease + SECOND
        case ["lost"]:
            now = current.attempts[-1].lease + SECOND
            await house.keep(now)
        case ["cancel"]:
            await house.cancel(job.id, now)
        case _:
            return await answered(house, written(job, step), now), now
    return "applied", now


def written(job: Job, step: str) -> Report:
    who, status, *more = step.split()
    progress = [float(word) for word in more if word != "retryable"]
    return said(
        job,
        ReportStatus(status),
        attempt=None if who == "plain" else int(who),
        retryable="retryable" in more,
        progress=progress[0] if progress else None,
    )


async def answered(house: House, report: Report, now: datetime) -> str:
    try:
        return "applied" if await house.report(report, now) else "unchanged"
    except StaleReport as refused:
        return str(refused)


async def house_with(job: Job) -> House:
    """Return a house where the job waits, and where the outputs of its first attempts lie ready."""
    house = House()
    await house.add_asset()
    await house.jobs.add(job)
    await house.put("audio/assets/song/prepared.mp3", MP3)
    for attempt in (1, 2, 3):
        await house.deliver(job, attempt)
    return house


@pytest.mark.parametrize(("steps", "answer", "status", "outcomes"), ROWS, ids=[row[0] for row in ROWS])
@pytest.mark.parametrize("kind", JobKind)
async def test_a_report_counts_by_what_its_job_has_been_through(
    kind: JobKind, steps: str, answer: str, status: str, outcomes: str
) -> None:
    job = made_job(kind=kind)
    house = await house_with(job)
    now = NOW
    *history, last = steps.split(", ")
    for step in history:
        given, now = await taken(house, job, step, now + SECOND)
        assert given == "applied", step
    before = await house.jobs.get(job.id)
    given, now = await taken(house, job, last, now + SECOND)
    after = await house.jobs.get(job.id)
    assert given == answer
    assert after.status == status
    assert [attempt.outcome or "-" for attempt in after.attempts] == outcomes.split()
    if answer != "applied":
        assert but_for_the_lease(after) == but_for_the_lease(before)


async def test_a_refusal_knows_where_the_job_stands() -> None:
    job = made_job()
    house = await house_with(job)
    await house.cancel(job.id)
    with pytest.raises(StaleReport) as refused:
        await house.report(said(job, ReportStatus.COMPLETE))
    assert refused.value.job == await house.jobs.get(job.id)


async def test_a_report_that_loses_five_races_is_put_off() -> None:
    job = made_job(kind=JobKind.RENDER)
    house = await house_with(job)
    for _ in range(5):
        house.jobs.rivals.append(lambda: house.report(said(job, ReportStatus.PROCESSING)))
    with pytest.raises(Unavailable):
        await house.report(said(job, ReportStatus.COMPLETE))
    assert (await house.jobs.get(job.id)).status is JobStatus.PROCESSING


async def test_a_report_of_no_job_is_refused() -> None:
    with pytest.raises(JobNotFound):
        await House().report(said(made_job(), ReportStatus.COMPLETE))


async def test_a_plain_heartbeat_starts_an_attempt_that_may_be_silent_until_its_deadline() -> None:
    job = made_job()
    house = await house_with(job)
    assert await house.report(said(job, ReportStatus.PROCESSING, progress=0.25, message="measuring"))
    attempt = (await house.jobs.get(job.id)).attempts[0]
    assert (attempt.number, attempt.worker, attempt.started) == (1, UNTICKETED, NOW)
    assert attempt.lease == attempt.deadline == NOW + POLICY.deadline
    assert (attempt.progress, attempt.message) == (0.25, "measuring")
    await house.report(said(job, ReportStatus.PROCESSING), NOW + 600 * SECOND)
    assert (await house.jobs.get(job.id)).due == NOW + POLICY.deadline


async def test_a_heartbeat_keeps_the_job_from_others_for_another_lease() -> None:
    job = made_job()
    house = await house_with(job)
    await house.start(NOW, lease=60 * SECOND)
    assert await house.report(said(job, ReportStatus.PROCESSING, attempt=1), NOW + 50 * SECOND)
    await house.keep(NOW + 100 * SECOND)
    assert (await house.jobs.get(job.id)).status is JobStatus.PROCESSING
    await house.keep(NOW + 111 * SECOND)
    assert (await house.jobs.get(job.id)).status is JobStatus.QUEUED


async def test_a_failure_is_kept_with_its_reason_and_its_result() -> None:
    job = made_job()
    house = await house_with(job)
    await house.report(said(job, ReportStatus.FAILED, error="No audio in it", result={"code": "unusable", "more": [1]}))
    failed = await house.jobs.get(job.id)
    assert (failed.error, failed.code, failed.result) == ("No audio in it", "unusable", {"code": "unusable", "more": [1]})
    assert (failed.attempts[0].message, failed.attempts[0].code) == ("No audio in it", "unusable")


@pytest.mark.parametrize("error", [None, ""])
async def test_a_failure_without_a_reason_gets_one(error: str | None) -> None:
    job = made_job()
    house = await house_with(job)
    await house.report(said(job, ReportStatus.FAILED, error=error))
    assert (await house.jobs.get(job.id)).error == NO_REASON


@pytest.mark.parametrize("result", [None, {}, {"code": "mine"}, {"code": 7}, {"code": ["unusable"]}, {"code": "lost"}])
async def test_a_code_that_is_not_ours_is_not_passed_on(result: dict[str, object] | None) -> None:
    job = made_job()
    house = await house_with(job)
    await house.report(said(job, ReportStatus.FAILED, result=result))
    assert (await house.jobs.get(job.id)).code == "failed"


@pytest.mark.parametrize("kind", JobKind)
async def test_a_result_is_kept_as_it_was_sent(kind: JobKind) -> None:
    job = made_job(kind=kind)
    house = await house_with(job)
    result = {"before": {"duration": 1.5, "names": ["ä", None]}, "Ω": {"deep": [{"er": 0}]}}
    await house.report(said(job, ReportStatus.COMPLETE, result=result))
    assert (await house.jobs.get(job.id)).result == result


async def test_failures_and_jobs_given_back_again_and_again_each_wait_for_longer_each_time() -> None:
    job = made_job(max_attempts=9)
    house = await house_with(job)
    now, waits = NOW, list[timedelta]()
    for number, status in enumerate(["failed", "released", "released", "released", "failed", "failed", "released"], 1):
        assert await house.start(now)
        await house.report(said(job, ReportStatus(status), attempt=number, retryable=True), now, chance=1)
        due = (await house.jobs.get(job.id)).due
        waits.append(due - now)
        now = due
    assert [wait.total_seconds() for wait in waits] == [10, 0, 10, 20, 20, 40, 0]


async def test_an_attempt_keeps_the_beginning_of_what_is_said_of_it() -> None:
    job = made_job()
    house = await house_with(job)
    assert await house.start(NOW)
    for status in (ReportStatus.PROCESSING, ReportStatus.RELEASED):
        await house.report(said(job, status, message="x" * 10_000))
        assert (await house.jobs.get(job.id)).attempts[-1].message == "x" * 4_000


async def test_a_retryable_failure_of_the_only_attempt_is_final_even_if_nobody_was_handed_it() -> None:
    job = made_job(max_attempts=1)
    house = await house_with(job)
    assert await house.report(said(job, ReportStatus.FAILED, retryable=True))
    assert (await house.jobs.get(job.id)).status is JobStatus.FAILED


async def test_an_attempt_given_back_may_start_again_at_once_and_says_why_it_was() -> None:
    job = made_job()
    house = await house_with(job)
    await house.start()
    await house.report(said(job, ReportStatus.RELEASED, attempt=1, message="Told to stop"))
    released = await house.jobs.get(job.id)
    assert released.due == NOW
    assert (released.attempts[0].outcome, released.attempts[0].message) == (Outcome.RELEASED, "Told to stop")
    ticket = await house.start()
    assert ticket is not None
    assert ticket.attempt == 2


async def test_a_report_that_lost_a_race_is_judged_again() -> None:
    job = made_job(kind=JobKind.RENDER)
    house = await house_with(job)
    await house.start()
    house.jobs.rivals.append(lambda: house.report(said(job, ReportStatus.PROCESSING, attempt=1, progress=0.5)))
    assert await house.report(said(job, ReportStatus.COMPLETE, attempt=1))
    done = await house.jobs.get(job.id)
    assert (done.status, done.version) == (JobStatus.COMPLETE, 4)


async def test_two_outcomes_that_race_are_one_outcome() -> None:
    job = made_job(kind=JobKind.RENDER)
    house = await house_with(job)
    house.jobs.rivals.append(lambda: house.report(said(job, ReportStatus.FAILED)))
    with pytest.raises(StaleReport, match=CONFLICTS):
        await house.report(said(job, ReportStatus.COMPLETE))
    assert (await house.jobs.get(job.id)).status is JobStatus.FAILED


@pytest.mark.parametrize("attempt", [None, 2])
def test_a_tickets_token_names_the_attempt_of_a_report(attempt: int | None) -> None:
    job = made_job()
    report = said(job, ReportStatus.FAILED, attempt=attempt, error="It broke")
    assert named_by((job.id, 2), report) == said(job, ReportStatus.FAILED, attempt=2, error="It broke")


def test_a_tickets_token_speaks_for_no_other_attempt_and_no_other_job() -> None:
    job = made_job()
    with pytest.raises(NotTheHolder):
        named_by((job.id, 2), said(job, ReportStatus.COMPLETE, attempt=1))
    with pytest.raises(NotTheHolder):
        named_by((made_job().id, 2), said(job, ReportStatus.COMPLETE))


async def test_a_heartbeat_with_less_progress_is_a_sign_of_life_all_the_same() -> None:
    job = made_job()
    house = await house_with(job)
    await taken(house, job, "start", NOW)
    await taken(house, job, "1 processing 0.5", NOW + SECOND)
    given, _ = await taken(house, job, "1 processing 0.25", NOW + 9 * SECOND)
    attempt = (await house.jobs.get(job.id)).attempts[-1]
    assert (given, attempt.progress) == ("unchanged", 0.5)
    assert attempt.lease == NOW + 9 * SECOND + POLICY.lease


def but_for_the_lease(job: Job) -> Job:
    """Return the job without what a mere sign of life changes."""
    attempts = tuple(replace(attempt, lease=NOW) for attempt in job.attempts)
    return replace(job, version=0, due=NOW, attempts=attempts)
