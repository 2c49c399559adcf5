"""Due work: what a ticket says, what becomes of a silent worker, and what the housekeeper keeps and throws away."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from uuid import UUID

import pytest
from msgspec.structs import replace

from adapters.memory.storage import MemoryStorage
from domain.deeds import Deed, Tally
from domain.housekeeping import BATCH
from domain.policy import LONGEST_LINK, TAKEN_FOR
from domain.schedule import GONE, give_back
from domain.tending import tend_job
from domain.tickets import OUTLIVES_DEADLINE
from ports.assets import Asset, Retired, Variant
from ports.audio import Format, Recipe
from ports.errors import NotFound, OutOfSpace, Unavailable
from ports.jobs import Job, JobKind, JobStatus, Outcome
from ports.links import Grant
from ports.work import Output, ReportStatus
from tests.unit.domain.makers import NOW, POLICY, PUBLIC_URL, SECOND, WAV, House, made_job, said

pytestmark = pytest.mark.anyio

MONTH = POLICY.keep_jobs


def admitted(house: House, method: str, url: str) -> tuple[str, Grant]:
    """Return the key that a local link is for, and what it allows. It is absolute, and genuine."""
    assert url.startswith(f"{PUBLIC_URL}/api/storage/")
    parts = urlsplit(url)
    key = unquote(parts.path.removeprefix("/api/storage/"))
    return key, house.links.admit(method, key, parse_qsl(parts.query, strict_parsing=True), NOW)


async def waiting(**facts: Any) -> tuple[House, Job]:
    house = House()
    await house.add_asset()
    return house, await house.add_job(**facts)


async def test_a_ticket_says_what_is_to_be_done_and_by_when() -> None:
    recipe = Recipe(target_lufs=-18, format=Format.FLAC)
    house, job = await waiting(recipe=recipe)
    ticket = await house.start(lease=45 * SECOND)
    assert ticket is not None
    assert (ticket.job_id, ticket.attempt, ticket.kind, ticket.recipe) == (job.id, 1, JobKind.PREPARE, recipe)
    assert (ticket.lease_seconds, ticket.deadline) == (45, NOW + POLICY.deadline)
    assert ticket.callback.url == f"{PUBLIC_URL}/api/webhooks/worker"
    assert house.tokens.holder(ticket.callback.token.encode()) == (job.id, 1)


async def test_a_tickets_input_is_a_link_to_the_original_that_outlives_the_deadline() -> None:
    house, _ = await waiting()
    ticket = await house.start()
    assert ticket is not None
    assert ticket.input is not None
    assert (ticket.input.content_type, ticket.input.size) == ("audio/wav", len(WAV))
    key, grant = admitted(house, "GET", ticket.input.url)
    assert key == await house.shown(Variant.ORIGINAL)
    assert grant.expires_at == (ticket.deadline + OUTLIVES_DEADLINE).replace(microsecond=0)


async def test_a_tickets_outputs_are_links_that_sign_their_types_under_keys_of_this_attempt() -> None:
    house, job = await waiting(recipe=Recipe(format=Format.OPUS))
    await house.start()
    await house.report(said(job, ReportStatus.RELEASED, attempt=1))
    ticket = await house.start()
    assert ticket is not None
    stem = f"audio/assets/song/prepared-{job.id}-2"
    wanted = {
        Output.PREPARED: (f"{stem}.opus", "audio/ogg"),
        Output.PREPARED_PEAKS: (f"{stem}.peaks.json", "application/json"),
        Output.ORIGINAL_PEAKS: ("audio/assets/song/original-01234567.peaks.json", "application/json"),
    }
    assert set(ticket.outputs) == set(wanted)
    for output, target in ticket.outputs.items():
        key, grant = admitted(house, "PUT", target.url)
        assert (key, grant.content_type) == wanted[output]
        assert (grant.length, target.method) == (None, "PUT")
        assert grant.expires_at == (ticket.deadline + OUTLIVES_DEADLINE).replace(microsecond=0)
        assert dict(target.headers) == {"Content-Type": grant.content_type, "If-None-Match": "*"}


async def test_a_render_ticket_carries_its_params_and_owes_nothing() -> None:
    house, _ = await waiting(kind=JobKind.RENDER, recipe=None, params={"scene": [1, 2]})
    ticket = await house.start()
    assert ticket is not None
    assert (ticket.params, ticket.recipe, ticket.input, ticket.outputs) == ({"scene": [1, 2]}, None, None, {})


async def test_the_attempt_is_durable_before_its_ticket_exists() -> None:
    house, job = await waiting()
    ticket = await house.start(lease=45 * SECOND)
    kept = await house.jobs.get(job.id)
    assert ticket is not None
    assert (kept.status, kept.due) == (JobStatus.PROCESSING, NOW + 45 * SECOND)
    attempt = kept.attempts[0]
    assert (attempt.worker, attempt.lease, attempt.renewal, attempt.deadline) == (
        "worker",
        NOW + 45 * SECOND,
        45,
        ticket.deadline,
    )


async def test_no_lease_is_longer_than_the_deadline() -> None:
    house, job = await waiting()
    ticket = await house.start(lease=timedelta(days=2))
    assert ticket is not None
    assert ticket.lease_seconds == POLICY.deadline.total_seconds()
    assert (await house.jobs.get(job.id)).due == NOW + POLICY.deadline


async def test_only_due_jobs_of_the_kinds_asked_for_start_the_most_overdue_first() -> None:
    house, late = await waiting(due=NOW - 5 * SECOND)
    later = await house.add_job(due=NOW - SECOND)
    await house.add_job(due=NOW + SECOND)
    await house.add_job(kind=JobKind.RENDER, due=NOW - 9 * SECOND)
    started = [await house.start(kinds=[JobKind.PREPARE]) for _ in range(3)]
    assert [ticket.job_id if ticket else None for ticket in started] == [late.id, later.id, None]


@pytest.mark.parametrize("gone", ["never there", "deleted", "without an original"])
async def test_a_job_whose_asset_is_gone_is_cancelled_on_the_way_to_the_next(gone: str) -> None:
    house, fine = await waiting(due=NOW)
    if gone == "deleted":
        await house.assets.add(Asset(id="gone", name="x", created=NOW, deleted=NOW))
    elif gone == "without an original":
        await house.assets.add(Asset(id="gone", name="x", created=NOW))
    orphan = await house.add_job(asset_id="gone", due=NOW - SECOND)
    ticket = await house.start()
    assert ticket is not None
    assert ticket.job_id == fine.id
    ended = await house.jobs.get(orphan.id)
    assert (ended.status, ended.due, ended.attempts) == (JobStatus.CANCELLED, NOW + MONTH, ())


async def test_a_ticket_that_is_taken_back_costs_no_attempt_and_waits_longer_each_time() -> None:
    house, job = await waiting(max_attempts=1)
    now, waits = NOW, []
    for _ in range(10):
        ticket = await house.start(now)
        assert ticket is not None
        await give_back(ticket, house.jobs, now, GONE)
        kept = await house.jobs.get(job.id)
        waits.append((kept.due - now).total_seconds())
        now = kept.due
    assert waits == [5, 10, 20, 40, 80, 160, 320, 600, 600, 600]
    assert {(attempt.outcome, attempt.message) for attempt in kept.attempts} == {(Outcome.RELEASED, GONE)}
    assert (kept.status, await house.start(now) is not None) == (JobStatus.QUEUED, True)


async def test_a_ticket_of_an_attempt_that_is_over_is_not_taken_back() -> None:
    house, job = await waiting()
    first = await house.start()
    assert first is not None
    await house.keep(NOW + 60 * SECOND)
    lost = await house.jobs.get(job.id)
    await give_back(first, house.jobs, NOW + 60 * SECOND)
    assert await house.jobs.get(job.id) == lost
    await house.start(NOW + 60 * SECOND)
    again = await house.jobs.get(job.id)
    await give_back(first, house.jobs, NOW + 60 * SECOND)
    assert await house.jobs.get(job.id) == again


async def test_a_taker_that_dies_leaves_the_job_to_come_up_again() -> None:
    house, job = await waiting()
    with house.fuse.of(1):
        await house.start()
    assert (await house.jobs.get(job.id)).status is JobStatus.QUEUED
    assert await house.start(NOW + TAKEN_FOR - SECOND) is None
    assert await house.start(NOW + TAKEN_FOR) is not None


async def test_a_job_that_ends_by_a_report_while_it_is_taken_is_not_started() -> None:
    house, job = await waiting(kind=JobKind.RENDER)
    house.jobs.rivals.append(lambda: house.report(said(job, ReportStatus.COMPLETE)))
    assert await house.start() is None
    assert (await house.jobs.get(job.id)).status is JobStatus.COMPLETE


async def test_a_job_that_is_forgotten_while_it_is_taken_is_not_started() -> None:
    house, job = await waiting()
    house.jobs.rivals.append(lambda: house.jobs.remove(job.id))
    assert await house.start() is None


async def test_a_job_whose_worker_fell_silent_is_tried_again_and_fails_after_its_last_attempt() -> None:
    house, job = await waiting(max_attempts=3)
    now = NOW
    for number in (1, 2, 3):
        ticket = await house.start(now)
        assert ticket is not None
        assert ticket.attempt == number
        assert await house.keep(now + 60 * SECOND - timedelta(microseconds=1)) == Tally()
        now += 60 * SECOND
        assert await house.keep(now) == Tally([Deed.LOST])
    ended = await house.jobs.get(job.id)
    assert (ended.status, ended.code, ended.ended, ended.due) == (JobStatus.FAILED, "lost", now, now + MONTH)
    assert "3 attempts" in str(ended.error)
    history = [(a.number, a.outcome, a.code, a.started, a.ended) for a in ended.attempts]
    starts = [NOW + n * 60 * SECOND for n in range(3)]
    assert history == [(n, Outcome.LOST, "lost", start, start + 60 * SECOND) for n, start in enumerate(starts, 1)]
    assert await house.start(now) is None


async def test_a_heartbeat_that_overtakes_the_housekeeper_keeps_the_attempt() -> None:
    house, job = await waiting()
    await house.start()
    late = NOW + 61 * SECOND
    house.jobs.rivals.append(lambda: house.report(said(job, ReportStatus.PROCESSING, attempt=1), late))
    await house.keep(late)
    kept = await house.jobs.get(job.id)
    assert (kept.status, kept.due) == (JobStatus.PROCESSING, late + 60 * SECOND)


async def test_a_complete_that_overtakes_the_housekeeper_ends_the_job() -> None:
    house, job = await waiting()
    await house.start()
    await house.deliver(job)
    house.jobs.rivals.append(lambda: house.report(said(job, ReportStatus.COMPLETE, attempt=1)))
    await house.keep(NOW + 61 * SECOND)
    assert (await house.jobs.get(job.id)).status is JobStatus.COMPLETE


async def test_a_heartbeat_while_the_housekeeper_holds_the_job_is_not_undone_by_it() -> None:
    house, job = await waiting()
    await house.start()
    with house.fuse.of(1):
        await house.keep(NOW + 61 * SECOND)
    await house.report(said(job, ReportStatus.PROCESSING, attempt=1), NOW + 62 * SECOND)
    await house.keep(NOW + 92 * SECOND)
    assert (await house.jobs.get(job.id)).status is JobStatus.PROCESSING


async def test_a_finished_job_is_kept_for_its_time_and_then_forgotten() -> None:
    house, job = await waiting()
    await house.start()
    await house.finish(job)
    shown = await house.keys()
    await house.keep(NOW + MONTH - SECOND)
    await house.jobs.get(job.id)
    await house.keep(NOW + MONTH)
    with pytest.raises(NotFound):
        await house.jobs.get(job.id)
    assert await house.keys() == shown, "what is shown stays"


@pytest.mark.parametrize("ending", ["failed", "cancelled"])
async def test_what_a_job_left_that_came_to_nothing_goes_with_it(ending: str) -> None:
    house, job = await waiting()
    await house.start()
    keys = await house.deliver(job)
    if ending == "cancelled":
        await house.cancel(job.id)
    else:
        await house.report(said(job, ReportStatus.FAILED, attempt=1))
    await house.keep(NOW + MONTH)
    left = await house.keys()
    assert not left & {keys[Output.PREPARED], keys[Output.PREPARED_PEAKS]}
    assert await house.shown(Variant.ORIGINAL) in left
    assert keys[Output.ORIGINAL_PEAKS] in left


async def test_what_has_retired_waits_for_its_own_time_when_its_job_is_forgotten() -> None:
    house, first = await waiting()
    house.policy = replace(POLICY, keep_jobs=timedelta(days=1))
    await house.start()
    losing = await house.finish(first)
    second = await house.add_job(created=NOW + SECOND)
    await house.start()
    await house.finish(second)
    await house.keep(NOW + timedelta(days=1))
    with pytest.raises(NotFound):
        await house.jobs.get(first.id)
    assert losing[Output.PREPARED] in await house.keys()
    await house.keep(NOW + LONGEST_LINK)
    assert losing[Output.PREPARED] not in await house.keys()


@pytest.mark.parametrize("writes", range(6))
async def test_a_housekeeper_that_dies_while_purging_is_followed_by_another(writes: int) -> None:
    house, job = await waiting()
    await house.start()
    await house.deliver(job)
    await house.report(said(job, ReportStatus.FAILED, attempt=1))
    with house.fuse.of(writes):
        await house.keep(NOW + MONTH)
    await house.keep(NOW + MONTH + TAKEN_FOR)
    with pytest.raises(NotFound):
        await house.jobs.get(job.id)
    assert not [key for key in await house.keys() if str(job.id) in key]


@pytest.mark.parametrize("writes", range(5))
async def test_a_housekeeper_that_dies_among_retired_objects_is_followed_by_another(writes: int) -> None:
    house, _ = await waiting(kind=JobKind.RENDER)
    asset = await house.assets.get("song")
    keys = [await house.put(f"audio/assets/song/prepared-{n}.mp3", b"x") for n in range(2)]
    await house.assets.replace(replace(asset, version=1, retired=tuple(Retired(key, NOW) for key in keys), due=NOW))
    with house.fuse.of(writes):
        await house.keep(NOW)
    await house.keep(NOW + TAKEN_FOR)
    assert await house.keys() == {await house.shown(Variant.ORIGINAL)}
    changed = await house.assets.get("song")
    assert (changed.retired, changed.due) == ((), None)


async def test_retired_objects_go_one_by_one_as_their_times_come() -> None:
    house, _ = await waiting(kind=JobKind.RENDER)
    asset = await house.assets.get("song")
    keys = [await house.put(f"audio/assets/song/prepared-{n}.mp3", b"x") for n in range(3)]
    retired = tuple(Retired(key, NOW + n * SECOND) for n, key in enumerate(keys))
    await house.assets.replace(replace(asset, version=1, retired=retired, due=NOW))
    await house.keep(NOW)
    changed = await house.assets.get("song")
    assert (changed.retired, changed.due) == (retired[1:], NOW + SECOND)
    assert keys[0] not in await house.keys()
    assert set(keys[1:]) <= await house.keys()


async def test_a_second_attempt_that_was_heard_of_is_left_to_its_worker_though_the_first_is_long_silent() -> None:
    house, job = await waiting()
    await house.start()
    late = NOW + 61 * SECOND
    await house.keep(late)
    await house.start(late)
    second = await house.jobs.get(job.id)
    done = await tend_job(
        second,
        jobs=house.jobs,
        assets=house.assets,
        storage=house.storage,
        notifier=None,
        policy=POLICY,
        now=late,
        chance=0.5,
    )
    assert done is None
    assert await house.jobs.get(job.id) == second


async def test_a_shown_object_is_never_removed_even_if_its_record_says_that_it_retired() -> None:
    house, _ = await waiting(kind=JobKind.RENDER)
    asset = await house.assets.get("song")
    shown = asset.renditions[Variant.ORIGINAL].key
    await house.assets.replace(replace(asset, version=1, retired=(Retired(shown, NOW),), due=NOW))
    await house.keep(NOW)
    assert shown in await house.keys()
    assert (await house.assets.get("song")).retired == ()


async def test_an_asset_that_changes_while_its_retired_objects_go_comes_up_again() -> None:
    house, _ = await waiting(kind=JobKind.RENDER)
    asset = await house.assets.get("song")
    key = await house.put("audio/assets/song/prepared-x.mp3", b"x")
    await house.assets.replace(replace(asset, version=1, retired=(Retired(key, NOW),), due=NOW))

    async def rename() -> None:
        current = await house.assets.get("song")
        await house.assets.replace(replace(current, version=current.version + 1, name="Renamed"))

    house.assets.rivals.append(rename)
    await house.keep(NOW)
    assert (await house.assets.get("song")).retired != ()
    await house.keep(NOW + TAKEN_FOR)
    changed = await house.assets.get("song")
    assert (changed.name, changed.retired, changed.due) == ("Renamed", (), None)


async def test_nothing_due_is_nothing_done() -> None:
    house, job = await waiting()
    assert await house.keep(NOW + SECOND) == Tally()
    assert await house.jobs.get(job.id) == job, "a queued job is no business of the housekeeper's"


async def test_a_backlog_of_one_kind_does_not_starve_another() -> None:
    house, silent = await waiting()
    await house.start()
    for number in range(BATCH + 1):
        ended = made_job(
            id=UUID(int=number), kind=JobKind.RENDER, status=JobStatus.FAILED, settled=True, ended=NOW - MONTH, due=NOW
        )
        await house.jobs.add(ended)
        await house.assets.add(Asset(id=f"gone{number}", name="x", created=NOW, deleted=NOW, due=NOW - MONTH))
    assert await house.keep(NOW + 61 * SECOND) == Tally({Deed.LOST: 1, Deed.PURGED: BATCH, Deed.DELETED: BATCH})
    assert (await house.jobs.get(silent.id)).status is JobStatus.QUEUED
    assert await house.keep(NOW + 61 * SECOND) == Tally([Deed.PURGED, Deed.DELETED])
    assert [item.id for item in (await house.assets.page()).items] == ["song"]


class Unreachable(MemoryStorage):
    """Objects in memory, of which those with `part` in their keys can't be removed."""

    def __init__(self, trouble: Exception, part: str) -> None:
        super().__init__()
        self.trouble = trouble
        self.part = part

    async def remove(self, key: str) -> None:
        if self.part in key:
            raise self.trouble
        await super().remove(key)


@pytest.mark.parametrize("trouble", [Unavailable("The storage"), OutOfSpace("The storage"), RuntimeError("a bug")])
async def test_what_one_batch_can_not_reach_does_not_keep_the_others_from_their_turn(trouble: Exception) -> None:
    house, silent = await waiting(due=NOW - SECOND)
    await house.start()
    ended = await house.add_job()
    await house.start()
    await house.report(said(ended, ReportStatus.FAILED, attempt=1), NOW - MONTH)
    asset = await house.assets.get("song")
    await house.assets.replace(replace(asset, version=asset.version + 1, retired=(Retired("nothing", NOW),), due=NOW))
    house.storage = Unreachable(trouble, f"prepared-{ended.id}")
    with pytest.raises(type(trouble)):
        await house.keep(NOW + 61 * SECOND)
    assert (await house.jobs.get(silent.id)).status is JobStatus.QUEUED
    assert (await house.assets.get("song")).retired == ()
    assert (await house.jobs.get(ended.id)).status is JobStatus.FAILED


async def test_of_several_troubles_the_unexpected_one_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()

    async def out_of_reach(*_: object) -> None:
        raise Unavailable("The store")

    async def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(house.jobs, "take_due", out_of_reach)
    monkeypatch.setattr(house.assets, "take_due", broken)
    with pytest.raises(RuntimeError):
        await house.keep()
