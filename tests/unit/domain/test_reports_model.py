"""Whatever reports come, in whatever order, while workers start, fall silent and are cancelled: what stays true."""

from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.errors import OutputsMissing, StaleReport
from ports.errors import NotFound
from ports.jobs import FINAL, Job, JobKind, JobStatus
from ports.work import ReportStatus
from tests.unit.domain.makers import MP3, NOW, SECOND, House, at_once, made_job, said

TERMINAL = {ReportStatus.COMPLETE: JobStatus.COMPLETE, ReportStatus.FAILED: JobStatus.FAILED}


class Reports(RuleBasedStateMachine):
    """One job of a house in memory. Keeps in mind how it was acknowledged to have ended."""

    def __init__(self) -> None:
        super().__init__()
        self.house = House()
        self.now: datetime = NOW
        self.job: Job = made_job()
        self.acknowledged: JobStatus | None = None

    @initialize(kind=st.sampled_from(JobKind), laid=st.booleans())
    def order(self, kind: JobKind, *, laid: bool) -> None:
        self.job = made_job(kind=kind)
        at_once(self.house.add_asset())
        at_once(self.house.jobs.add(self.job))
        if laid:
            at_once(self.house.put("audio/assets/song/prepared.mp3", MP3))

    @rule(seconds=st.sampled_from([1, 30, 61, 600, 3601]))
    def wait(self, seconds: int) -> None:
        self.now += seconds * SECOND

    @rule()
    def start(self) -> None:
        at_once(self.house.start(self.now))
        self.rose(by={0, 2})

    @rule()
    def deliver(self) -> None:
        if self.job.attempts:
            at_once(self.house.deliver(self.job, len(self.job.attempts)))

    @rule()
    def keep(self) -> None:
        at_once(self.house.keep(self.now))
        self.rose(by={0, 2})

    @rule()
    def cancel(self) -> None:
        if self.job.status not in FINAL:
            at_once(self.house.cancel(self.job.id, self.now))
            self.rose(by={1})
            self.acknowledged = JobStatus.CANCELLED

    @rule(
        status=st.sampled_from(ReportStatus),
        attempt=st.none() | st.integers(1, 4),
        progress=st.none() | st.sampled_from([0.0, 0.5, 1.0]),
        retryable=st.booleans(),
        chance=st.floats(0, 1),
    )
    def report(
        self, status: ReportStatus, attempt: int | None, progress: float | None, *, retryable: bool, chance: float
    ) -> None:
        report = said(self.job, status, attempt=attempt, progress=progress, retryable=retryable)
        try:
            applied = at_once(self.house.report(report, self.now, chance))
        except (StaleReport, OutputsMissing):
            self.rose(by={0})
            return
        settles = status is ReportStatus.COMPLETE and self.job.kind is JobKind.PREPARE
        overtaken = status is ReportStatus.PROCESSING and not applied  # a sign of life all the same
        self.rose(by={1} if overtaken else {0} if not applied else {2} if settles else {1})
        if applied and self.job.status in FINAL:
            assert self.acknowledged is None
            self.acknowledged = TERMINAL[status]

    def rose(self, by: set[int]) -> None:
        """Read the job again: its version rose by one a change, and it counted its attempts."""
        before, self.job = self.job, at_once(self.house.jobs.get(self.job.id))
        assert self.job.version - before.version in by
        assert [attempt.number for attempt in self.job.attempts] == list(range(1, len(self.job.attempts) + 1))

    @invariant()
    def the_first_outcome_stands(self) -> None:
        if self.acknowledged is not None:
            assert self.job.status is self.acknowledged

    @invariant()
    def a_complete_prepare_job_is_shown(self) -> None:
        if self.job.kind is JobKind.PREPARE:
            complete = self.job.status is JobStatus.COMPLETE
            shown = at_once(self.house.shown())
            assert shown == (self.job.prepared.key if complete and self.job.prepared else None)

    @invariant()
    def a_job_is_never_due_later_than_its_deadline_its_back_off_or_its_purge(self) -> None:
        longest = timedelta(days=30) if self.job.status in FINAL else timedelta(hours=1)
        assert self.job.due <= self.now + longest

    def teardown(self) -> None:
        """Let every worker die: the job ends all the same, is forgotten, and leaves nothing but what is shown."""
        for _ in range(20):
            self.now = max(self.now, at_once(self.house.jobs.get(self.job.id)).due)
            at_once(self.house.start(self.now))
            at_once(self.house.keep(self.now))
            if self.gone():
                break
        assert self.gone()
        at_once(self.house.keep(self.now + timedelta(days=30)))
        asset = at_once(self.house.assets.get("song"))
        shown = {key for item in asset.renditions.values() for key in (item.key, item.peaks)}
        theirs = {key for key in at_once(self.house.keys()) if str(self.job.id) in key}
        assert theirs <= shown

    def gone(self) -> bool:
        try:
            self.job = at_once(self.house.jobs.get(self.job.id))
        except NotFound:
            return True
        return False


Reports.TestCase.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
test_no_run_of_reports_undoes_what_was_acknowledged_or_leaves_a_job_stuck = Reports.TestCase
