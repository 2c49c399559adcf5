"""A job's machine: every status with every event, and what no step may do."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

import pytest
from msgspec.structs import replace

from domain.attempts import attempts_left, newest
from domain.errors import IllegalTransition
from domain.events import (
    Accepted,
    Cancelled,
    Completed,
    Delivered,
    Event,
    Failed,
    Postponed,
    Progressed,
    Requeued,
    Settled,
    Started,
    Unanswered,
)
from domain.jobs import HEALED_AFTER, UNTICKETED, advance, successor
from ports.jobs import FINAL, Attempt, Delivery, Job, JobKind, JobStatus, Outcome
from tests.unit.domain.makers import NOW, SECOND, made_job, made_rendition

PURGE = NOW + timedelta(days=30)
LEASE = NOW + 60 * SECOND
DEADLINE = NOW + 3600 * SECOND

STARTED = Started(worker="one", lease=LEASE, renewal=60 * SECOND, deadline=DEADLINE)
EVENTS: Mapping[str, Event] = {
    "started": STARTED,
    "unanswered": Unanswered(due=NOW + 5 * SECOND, message="No answer"),
    "accepted": Accepted(),
    "progressed": Progressed(progress=0.5, message="measuring"),
    "completed": Completed(due=PURGE, result={"a": 1}),
    "failed": Failed(due=PURGE, code="failed", message="It broke"),
    "requeued": Requeued(due=NOW + 9 * SECOND, outcome=Outcome.LOST, message="Silence", code="lost"),
    "cancelled": Cancelled(due=PURGE),
    "settled": Settled(due=PURGE),
    "delivered": Delivered(delivery=Delivery(at=NOW, status=200), due=PURGE),
    "postponed": Postponed(due=PURGE),
}

# What the design draws: queued -> processing -> complete | failed | cancelled, with processing -> queued for another attempt.
# A queued job may end by the report of a worker that was handed nothing, or stay queued by its failure.
STEPS = {
    ("queued", "started"): "processing",
    ("queued", "completed"): "complete",
    ("queued", "failed"): "failed",
    ("queued", "requeued"): "queued",
    ("queued", "cancelled"): "cancelled",
    ("processing", "unanswered"): "processing",
    ("processing", "accepted"): "processing",
    ("processing", "progressed"): "processing",
    ("processing", "completed"): "complete",
    ("processing", "failed"): "failed",
    ("processing", "requeued"): "queued",
    ("processing", "cancelled"): "cancelled",
    ("complete", "settled"): "complete",
    ("complete", "delivered"): "complete",
    ("complete", "postponed"): "complete",
    ("failed", "delivered"): "failed",
    ("failed", "postponed"): "failed",
    ("cancelled", "delivered"): "cancelled",
    ("cancelled", "postponed"): "cancelled",
}


def job_that_is(status: str) -> Job:
    job = made_job()
    if status == "queued":
        return job
    job = advance(job, EVENTS["started"], NOW)
    ending = {"complete": "completed", "failed": "failed", "cancelled": "cancelled"}
    return job if status == "processing" else advance(job, EVENTS[ending[status]], NOW)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("status", JobStatus)
def test_every_event_in_every_status_takes_the_step_that_is_drawn_or_none(status: JobStatus, event: str) -> None:
    job = job_that_is(status)
    wanted = STEPS.get((status.value, event))
    if wanted is None:
        with pytest.raises(IllegalTransition) as refused:
            advance(job, EVENTS[event], NOW)
        assert refused.value.status is status
        assert refused.value.event.lower() == event
    else:
        changed = advance(job, EVENTS[event], NOW + SECOND)
        assert changed.status == wanted
        assert changed.version == job.version + 1
        assert (changed.ended is not None) == (changed.status in FINAL)


@pytest.mark.parametrize(("status", "event"), STEPS)
def test_a_step_changes_nothing_that_was_ordered(status: str, event: str) -> None:
    job = job_that_is(status)
    changed = advance(job, EVENTS[event], NOW + SECOND)
    for fact in ("id", "kind", "created", "asset_id", "recipe", "params", "retry_of", "max_attempts"):
        assert getattr(changed, fact) == getattr(job, fact)


def test_an_attempt_starts_with_the_next_number_and_is_due_when_its_lease_ends() -> None:
    first = advance(made_job(), EVENTS["started"], NOW)
    second = advance(advance(first, EVENTS["requeued"], NOW), EVENTS["started"], NOW)
    assert [attempt.number for attempt in second.attempts] == [1, 2]
    assert second.due == LEASE
    assert second.attempts[0].outcome is Outcome.LOST


def test_a_heartbeat_renews_the_lease_from_now() -> None:
    job = advance(job_that_is("processing"), EVENTS["progressed"], NOW + 30 * SECOND)
    assert job.due == job.attempts[-1].lease == NOW + 90 * SECOND
    assert (job.attempts[-1].progress, job.attempts[-1].message) == (0.5, "measuring")


def test_a_heartbeat_renews_no_lease_beyond_the_deadline() -> None:
    job = advance(job_that_is("processing"), EVENTS["progressed"], DEADLINE - SECOND)
    assert job.due == job.attempts[-1].lease == DEADLINE


def sent_job() -> Job:
    return advance(made_job(), replace(STARTED, sent=True), NOW)


def test_an_attempt_whose_ticket_is_sent_waits_for_an_answer_and_others_do_not() -> None:
    assert sent_job().attempts[-1].unanswered == 0
    assert job_that_is("processing").attempts[-1].unanswered is None


def test_each_time_that_a_ticket_is_sent_in_vain_is_counted_and_it_is_due_to_be_sent_again() -> None:
    job = advance(advance(sent_job(), EVENTS["unanswered"], NOW), EVENTS["unanswered"], NOW)
    attempt = job.attempts[-1]
    assert (attempt.unanswered, attempt.message) == (2, "No answer")
    assert job.due == attempt.lease == NOW + 5 * SECOND


def test_a_ticket_is_due_to_be_sent_again_no_later_than_its_deadline() -> None:
    job = advance(sent_job(), Unanswered(due=DEADLINE + SECOND, message="No answer"), NOW)
    assert job.due == job.attempts[-1].lease == DEADLINE


def test_an_accepted_attempt_may_be_silent_to_its_deadline_until_its_first_heartbeat() -> None:
    job = advance(advance(sent_job(), EVENTS["unanswered"], NOW), Accepted(), NOW + SECOND)
    attempt = job.attempts[-1]
    assert (job.due, attempt.lease, attempt.unanswered, attempt.message) == (DEADLINE, DEADLINE, None, None)
    beaten = advance(job, Progressed(), NOW + 2 * SECOND)
    assert beaten.due == beaten.attempts[-1].lease == NOW + 62 * SECOND


@pytest.mark.parametrize("event", ["unanswered", "accepted"])
def test_what_the_endpoint_says_after_a_heartbeat_leaves_the_attempt_as_it_is(event: str) -> None:
    heard = advance(sent_job(), Progressed(), NOW + SECOND)
    after = advance(heard, EVENTS[event], NOW + 2 * SECOND)
    assert (after.attempts, after.due) == (heard.attempts, heard.due)


@pytest.mark.parametrize("event", ["progressed", "completed", "failed", "requeued", "cancelled"])
def test_an_attempt_that_was_heard_of_or_has_ended_waits_for_no_answer_and_nothing_says_so(event: str) -> None:
    job = advance(advance(sent_job(), EVENTS["unanswered"], NOW), EVENTS[event], NOW)
    assert job.attempts[-1].unanswered is None
    assert job.attempts[-1].message != "No answer"


def test_progress_never_falls_within_an_attempt_and_starts_anew_with_the_next() -> None:
    job = advance(job_that_is("processing"), Progressed(progress=0.5), NOW)
    assert advance(job, Progressed(progress=0.25), NOW).attempts[-1].progress == 0.5
    assert advance(job, Progressed(), NOW).attempts[-1].progress == 0.5
    again = advance(advance(job, EVENTS["requeued"], NOW), EVENTS["started"], NOW)
    assert again.attempts[-1].progress is None


def test_a_heartbeat_that_says_nothing_leaves_the_last_message() -> None:
    job = advance(job_that_is("processing"), Progressed(message="measuring"), NOW)
    assert advance(job, Progressed(progress=0.9), NOW).attempts[-1].message == "measuring"


def test_a_complete_job_that_owes_outputs_is_due_to_be_healed_until_it_is_settled() -> None:
    rendition = made_rendition("audio/assets/song/prepared-x.mp3")
    completed = Completed(due=PURGE, result={"a": 1}, prepared=rendition, original_peaks="p")
    job = advance(job_that_is("processing"), completed, NOW)
    assert (job.settled, job.due) == (False, NOW + HEALED_AFTER)
    assert (job.result, job.prepared, job.original_peaks) == ({"a": 1}, rendition, "p")
    settled = advance(job, EVENTS["settled"], NOW)
    assert (settled.settled, settled.due) == (True, PURGE)


def test_a_complete_job_that_owes_nothing_is_settled_and_due_to_be_purged() -> None:
    job = advance(made_job(kind=JobKind.RENDER), EVENTS["completed"], NOW)
    assert (job.settled, job.due) == (True, PURGE)


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_a_job_that_ended_otherwise_is_settled_and_due_to_be_purged(status: str) -> None:
    job = job_that_is(status)
    assert (job.settled, job.due) == (True, PURGE)


def test_a_failed_job_says_why() -> None:
    job = job_that_is("failed")
    assert (job.error, job.code) == ("It broke", "failed")
    assert (job.attempts[-1].message, job.attempts[-1].code, job.attempts[-1].outcome) == ("It broke", "failed", Outcome.FAILED)


def test_a_requeued_job_is_due_when_it_may_start_again() -> None:
    assert advance(job_that_is("processing"), EVENTS["requeued"], NOW).due == NOW + 9 * SECOND


def test_a_report_on_a_job_that_nobody_was_handed_is_written_down_as_its_first_attempt() -> None:
    for event, outcome in (("completed", Outcome.COMPLETE), ("failed", Outcome.FAILED), ("requeued", Outcome.LOST)):
        attempt = newest(advance(made_job(), EVENTS[event], NOW))
        assert attempt is not None
        assert (attempt.number, attempt.worker, attempt.outcome) == (1, UNTICKETED, outcome)
        assert attempt.started == attempt.ended == NOW


def test_work_that_was_done_after_all_makes_the_lost_attempt_complete_and_takes_back_what_was_said_of_it() -> None:
    lost = advance(job_that_is("processing"), EVENTS["requeued"], NOW)
    done = advance(lost, EVENTS["completed"], NOW + 5 * SECOND)
    attempt = done.attempts[-1]
    assert (attempt.outcome, attempt.message, attempt.code, attempt.progress) == (Outcome.COMPLETE, None, None, 1.0)
    assert attempt.ended == NOW + 5 * SECOND


def test_cancelling_a_queued_job_leaves_its_history_as_it_was() -> None:
    assert advance(made_job(), EVENTS["cancelled"], NOW).attempts == ()
    lost = advance(job_that_is("processing"), EVENTS["requeued"], NOW)
    assert advance(lost, EVENTS["cancelled"], NOW).attempts == lost.attempts


def test_cancelling_a_processing_job_ends_its_attempt() -> None:
    attempt = job_that_is("cancelled").attempts[-1]
    assert (attempt.outcome, attempt.ended) == (Outcome.CANCELLED, NOW)


@pytest.mark.parametrize(
    ("outcomes", "left"),
    [
        ("", True),
        ("failed", True),
        ("failed lost", True),
        ("failed lost failed", False),
        ("released released released released", True),
        ("failed released lost released", True),
        ("failed released lost failed", False),
    ],
)
def test_attempts_that_were_given_back_do_not_count(outcomes: str, *, left: bool) -> None:
    attempts = tuple(
        Attempt(number=n, worker="w", started=NOW, lease=NOW, renewal=60, deadline=NOW, outcome=Outcome(outcome))
        for n, outcome in enumerate(outcomes.split(), 1)
    )
    assert attempts_left(made_job(attempts=attempts)) is left


def test_where_one_attempt_is_all_its_failure_leaves_none_even_if_nobody_was_handed_it() -> None:
    assert not attempts_left(made_job(max_attempts=1))


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_a_retry_is_a_new_job_that_was_asked_the_same(status: str) -> None:
    job = job_that_is(status)
    new_id = uuid4()
    again = successor(job, new_id, NOW + SECOND)
    wanted = made_job(id=new_id, created=NOW + SECOND, due=NOW + SECOND, retry_of=job.id)
    assert again == wanted
    assert job_that_is(status).status is job.status


@pytest.mark.parametrize("status", ["queued", "processing", "complete"])
def test_only_what_failed_or_was_cancelled_is_retried(status: str) -> None:
    with pytest.raises(IllegalTransition):
        successor(job_that_is(status), uuid4(), NOW)
