"""A job's machine under any run of events: what stays true from the first to the last."""

from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

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
from domain.jobs import DELIVERIES_KEPT, advance
from ports.jobs import FINAL, LIVE, Delivery, Job, JobKind, JobStatus, Outcome
from tests.unit.domain.makers import NOW, SECOND, made_job

KEPT = timedelta(days=30)
fractions = st.none() | st.floats(0, 1)


class Machine(RuleBasedStateMachine):
    """Fires events at one job, legal or not, while time goes by."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.job: Job = made_job()
        self.before: Job = self.job

    def fire(self, event: Event) -> None:
        self.before = self.job
        try:
            self.job = advance(self.job, event, self.now)
        except IllegalTransition:
            return
        assert self.job.version == self.before.version + 1
        assert len(self.before.attempts) <= len(self.job.attempts) <= len(self.before.attempts) + 1
        assert self.job.attempts[: len(self.before.attempts) - 1] == self.before.attempts[:-1]

    @rule(kind=st.sampled_from(JobKind))
    @precondition(lambda self: self.job.version == 0)
    def order(self, kind: JobKind) -> None:
        self.job = self.before = made_job(kind=kind)

    @rule(seconds=st.integers(1, 4000))
    def wait(self, seconds: int) -> None:
        self.now += seconds * SECOND

    @rule(lease=st.integers(1, 3600), sent=st.booleans())
    def start(self, lease: int, sent: bool) -> None:
        deadline = self.now + 3600 * SECOND
        self.fire(Started(worker="w", lease=self.now + lease * SECOND, renewal=lease * SECOND, deadline=deadline, sent=sent))

    @rule(after=st.integers(0, 5000))
    def miss(self, after: int) -> None:
        self.fire(Unanswered(due=self.now + after * SECOND, message="No answer"))

    @rule()
    def accept(self) -> None:
        self.fire(Accepted())

    @rule(progress=fractions)
    def progress(self, progress: float | None) -> None:
        self.fire(Progressed(progress=progress))

    @rule()
    def complete(self) -> None:
        self.fire(Completed(due=self.now + KEPT))

    @rule(outcome=st.sampled_from([Outcome.FAILED, Outcome.LOST]))
    def fail(self, outcome: Outcome) -> None:
        self.fire(Failed(due=self.now + KEPT, code="failed", message="It broke", outcome=outcome))

    @rule(outcome=st.sampled_from([Outcome.FAILED, Outcome.LOST, Outcome.RELEASED]), after=st.integers(0, 600))
    def requeue(self, outcome: Outcome, after: int) -> None:
        self.fire(Requeued(due=self.now + after * SECOND, outcome=outcome, message="Again"))

    @rule()
    def cancel(self) -> None:
        self.fire(Cancelled(due=self.now + KEPT))

    @rule()
    def settle(self) -> None:
        self.fire(Settled(due=self.now + KEPT))

    @rule(status=st.sampled_from([200, 500]))
    def tell(self, status: int) -> None:
        error = None if status == 200 else "It answered 500"
        self.fire(Delivered(delivery=Delivery(at=self.now, status=status, error=error), due=self.now + KEPT))

    @rule()
    def postpone(self) -> None:
        self.fire(Postponed(due=self.now + KEPT))

    @invariant()
    def what_was_told_stays_told_and_few_tries_are_kept(self) -> None:
        assert self.job.told >= self.before.told
        assert len(self.job.deliveries) <= DELIVERIES_KEPT

    @invariant()
    def final_is_final(self) -> None:
        if self.before.status in FINAL:
            assert self.job.status is self.before.status
            assert (self.job.ended, self.job.attempts) == (self.before.ended, self.before.attempts)

    @invariant()
    def attempts_are_numbered_in_their_order(self) -> None:
        assert [attempt.number for attempt in self.job.attempts] == list(range(1, len(self.job.attempts) + 1))

    @invariant()
    def only_the_newest_attempt_of_a_processing_job_is_under_way(self) -> None:
        open_ends = [attempt.number for attempt in self.job.attempts if attempt.ended is None]
        processing = self.job.status is JobStatus.PROCESSING
        assert open_ends == ([self.job.attempts[-1].number] if processing else [])

    @invariant()
    def only_what_is_under_way_waits_for_an_answer_and_never_again_once_it_was_heard_of(self) -> None:
        waiting = [attempt.number for attempt in self.job.attempts if attempt.unanswered is not None]
        before = {attempt.number: attempt.unanswered for attempt in self.before.attempts}
        assert not waiting or self.job.status is JobStatus.PROCESSING
        assert all(before.get(number, 0) is not None for number in waiting)

    @invariant()
    def a_processing_job_is_due_when_its_lease_ends_at_its_deadline_at_the_latest(self) -> None:
        if self.job.status is JobStatus.PROCESSING:
            attempt = self.job.attempts[-1]
            assert self.job.due == attempt.lease <= attempt.deadline

    @invariant()
    def a_live_job_has_no_end_and_no_outcome(self) -> None:
        if self.job.status in LIVE:
            assert (self.job.ended, self.job.error, self.job.result, self.job.settled) == (None, None, None, False)

    @invariant()
    def only_what_shows_its_outputs_or_has_none_is_settled(self) -> None:
        if self.job.settled:
            assert self.job.status in FINAL


Machine.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
test_no_run_of_events_breaks_a_job = Machine.TestCase
