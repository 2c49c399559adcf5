"""Tickets that are sent to an endpoint: what each answer does, who sends again, and that reports go before answers."""

from datetime import timedelta
from functools import partial

import msgspec
import pytest

from domain.deeds import Deed, Tally
from domain.offering import REFUSED, accept, miss, refuse, take_back
from domain.policy import TAKEN_FOR
from ports.errors import Unavailable
from ports.jobs import Job, JobKind, JobStatus, Outcome
from ports.work import ReportStatus, Ticket
from tests.unit.domain.makers import NOW, POLICY, SECOND, House, said

pytestmark = pytest.mark.anyio

DEADLINE = NOW + POLICY.deadline
WHY = "The endpoint (no answer in time) is not available at the moment"


async def sent(**facts: object) -> tuple[House, Job, Ticket]:
    """Start a job by a ticket that is sent, and not answered yet."""
    house = House()
    await house.add_asset()
    job = await house.add_job(**facts)
    ticket = await house.start(sent=True)
    assert ticket is not None
    return house, job, ticket


async def found(house: House, job: Job) -> Job:
    return await house.jobs.get(job.id)


async def test_a_ticket_that_is_sent_is_as_any_other_and_its_attempt_is_due_as_soon_as_an_answer_is_overdue() -> None:
    house, job, ticket = await sent()
    attempt = (await found(house, job)).attempts[-1]
    assert (ticket.lease_seconds, ticket.deadline) == (60, DEADLINE)
    assert (attempt.unanswered, attempt.lease) == (0, NOW + TAKEN_FOR)


async def test_an_accepted_attempt_has_until_its_deadline_and_from_a_heartbeat_on_its_lease() -> None:
    house, job, ticket = await sent()
    assert await accept(ticket, house.jobs, NOW + SECOND)
    assert (await found(house, job)).due == DEADLINE
    assert await house.report(said(job, ReportStatus.PROCESSING, attempt=1), NOW + 2 * SECOND)
    assert (await found(house, job)).due == NOW + 62 * SECOND


async def test_an_accepted_attempt_that_is_silent_to_its_deadline_is_lost_and_counted() -> None:
    house, job, ticket = await sent()
    await accept(ticket, house.jobs, NOW)
    assert await house.keep(DEADLINE - SECOND) == Tally()
    assert await house.keep(DEADLINE) == Tally([Deed.LOST])
    assert (await found(house, job)).attempts[-1].outcome is Outcome.LOST


async def test_what_nobody_answered_is_sent_again_the_same_after_growing_pauses() -> None:
    house, job, ticket = await sent()
    now, pauses = NOW, list[float]()
    for _ in range(8):
        assert await miss(ticket, WHY, house.jobs, now, chance=1)
        due = (await found(house, job)).due
        pauses.append((due - now).total_seconds())
        assert await house.send_again(due - SECOND / 2) is None
        again = await house.send_again(due)
        assert again == ticket
        now = due
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    kept = await found(house, job)
    assert (kept.attempts[-1].unanswered, kept.attempts[-1].message) == (8, WHY)


async def test_a_ticket_whose_sender_died_is_sent_again_the_same() -> None:
    house, _, ticket = await sent()
    assert await house.send_again(NOW + TAKEN_FOR - SECOND) is None
    assert await house.send_again(NOW + TAKEN_FOR) == ticket
    assert await house.send_again(NOW + TAKEN_FOR) is None, "one at a time"
    assert await house.send_again(NOW + 2 * TAKEN_FOR) == ticket, "who sent it again died too"


async def test_a_ticket_that_is_unanswered_at_its_deadline_is_taken_back_and_costs_no_attempt() -> None:
    house, job, ticket = await sent(max_attempts=1)
    await miss(ticket, WHY, house.jobs, DEADLINE - SECOND, chance=1)
    assert await house.keep(DEADLINE - timedelta(microseconds=1)) == Tally()
    assert await house.keep(DEADLINE) == Tally([Deed.TAKEN_BACK])
    kept = await found(house, job)
    assert (kept.status, kept.attempts[-1].outcome) == (JobStatus.QUEUED, Outcome.RELEASED)
    assert kept.due == DEADLINE + 5 * SECOND
    assert not await accept(ticket, house.jobs, DEADLINE)


async def test_a_housekeeper_leaves_a_ticket_that_is_to_be_sent_again_to_who_sends_it() -> None:
    house, job, ticket = await sent()
    assert await house.keep(NOW + TAKEN_FOR) == Tally()
    assert (await found(house, job)).attempts[-1].unanswered == 0
    assert await house.send_again(NOW + 2 * TAKEN_FOR) == ticket


async def test_a_housekeeper_beside_one_who_sends_tickets_leaves_all_that_is_under_way() -> None:
    house, job, ticket = await sent()
    await accept(ticket, house.jobs, NOW)
    before = await found(house, job)
    assert await house.keep_by(lambda: DEADLINE, silent=False) == Tally()
    assert await found(house, job) == before


async def test_a_ticket_that_there_is_no_room_for_is_taken_back_costs_no_attempt_and_waits_as_long_as_was_asked() -> None:
    house, job, ticket = await sent(max_attempts=1)
    assert await take_back(ticket, house.jobs, NOW, least=90 * SECOND)
    kept = await found(house, job)
    assert (kept.status, kept.due) == (JobStatus.QUEUED, NOW + 90 * SECOND)
    again = await house.start(kept.due, sent=True)
    assert again is not None
    assert again.attempt == 2
    await take_back(again, house.jobs, kept.due)
    assert (await found(house, job)).due == kept.due + 10 * SECOND


async def test_a_refused_ticket_ends_its_job_with_the_reason() -> None:
    house, job, ticket = await sent()
    assert await refuse(ticket, "No such kind", house.jobs, house.policy, NOW)
    kept = await found(house, job)
    assert (kept.status, kept.code, kept.error) == (JobStatus.FAILED, REFUSED, "No such kind")
    assert len(kept.attempts) == 1


@pytest.mark.parametrize("status", [ReportStatus.PROCESSING, ReportStatus.COMPLETE, ReportStatus.FAILED, ReportStatus.RELEASED])
async def test_a_worker_that_reports_before_the_answer_is_right_whatever_the_answer_is(status: ReportStatus) -> None:
    house, job, ticket = await sent()
    if status is ReportStatus.COMPLETE:
        await house.deliver(job)
    assert await house.report(said(job, status, attempt=1))
    heard = await found(house, job)
    assert not await take_back(ticket, house.jobs, NOW + SECOND)
    assert not await refuse(ticket, "No", house.jobs, house.policy, NOW + SECOND)
    assert not await miss(ticket, WHY, house.jobs, NOW + SECOND, chance=1)
    assert not await accept(ticket, house.jobs, NOW + SECOND)
    assert await found(house, job) == heard


@pytest.mark.parametrize("answer", ["accept", "miss", "take_back", "refuse"])
async def test_a_report_that_comes_between_reading_and_writing_goes_before_the_answer(answer: str) -> None:
    house, job, ticket = await sent()
    house.jobs.rivals.append(lambda: house.report(said(job, ReportStatus.PROCESSING, attempt=1), NOW + SECOND))
    answers = {
        "accept": accept(ticket, house.jobs, NOW),
        "miss": miss(ticket, WHY, house.jobs, NOW, chance=1),
        "take_back": take_back(ticket, house.jobs, NOW),
        "refuse": refuse(ticket, "No", house.jobs, house.policy, NOW),
    }
    assert not await answers.pop(answer)
    for other in answers.values():
        other.close()
    kept = await found(house, job)
    assert (kept.status, kept.due, kept.attempts[-1].unanswered) == (JobStatus.PROCESSING, NOW + 61 * SECOND, None)


async def test_another_who_takes_the_job_meanwhile_does_not_keep_an_answer_from_being_applied() -> None:
    house, job, ticket = await sent()
    house.jobs.rivals.append(lambda: house.send_again(NOW + TAKEN_FOR))
    assert await accept(ticket, house.jobs, NOW)
    assert (await found(house, job)).due == DEADLINE


async def test_an_answer_that_is_overtaken_again_and_again_is_put_off() -> None:
    house, _, ticket = await sent()
    house.jobs.rivals += [partial(house.send_again, NOW + n * TAKEN_FOR) for n in range(1, 6)]
    with pytest.raises(Unavailable):
        await accept(ticket, house.jobs, NOW)


async def test_an_answer_for_a_job_that_is_gone_or_cancelled_or_at_its_next_attempt_changes_nothing() -> None:
    house, job, ticket = await sent()
    await take_back(ticket, house.jobs, NOW)
    await house.start(NOW + 5 * SECOND, sent=True)
    assert not await accept(ticket, house.jobs, NOW + 6 * SECOND)
    await house.cancel(job.id, NOW)
    assert not await refuse(ticket, "No", house.jobs, house.policy, NOW)
    await house.jobs.remove(job.id)
    assert not await accept(ticket, house.jobs, NOW)


async def test_a_ticket_whose_audio_is_gone_is_not_sent_again_and_its_job_is_cancelled() -> None:
    house, job, _ = await sent()
    await house.assets.remove("song")
    assert await house.send_again(NOW + TAKEN_FOR) is None
    assert (await found(house, job)).status is JobStatus.CANCELLED


async def test_a_render_ticket_is_sent_again_with_its_params() -> None:
    house, _, ticket = await sent(kind=JobKind.RENDER, asset_id=None, recipe=None, params={"scene": 1})
    assert await house.send_again(NOW + TAKEN_FOR) == ticket
    assert ticket.params == {"scene": 1}


async def test_there_is_nothing_to_send_again_of_a_claimed_attempt() -> None:
    house = House()
    await house.add_asset()
    job = await house.add_job()
    await house.start()
    assert await house.ticket_again(await found(house, job)) is None


async def test_an_attempt_that_was_stored_before_tickets_were_sent_waits_for_no_answer() -> None:
    house, job, _ = await sent()
    stored = msgspec.to_builtins(await found(house, job))
    del stored["attempts"][0]["unanswered"]
    assert msgspec.convert(stored, Job).attempts[-1].unanswered is None
