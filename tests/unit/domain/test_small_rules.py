"""The small rules: where things lie, how long to wait, and deciding again."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.backoff import FIRST, LONGEST, backoff
from domain.deciding import TRIES, decide_again
from domain.layout import content_type_of, is_ticketed, laid_by_hand, original_key, output_keys, own_output_keys, peaks_key
from domain.schedule import lease_for
from ports.audio import Format, Recipe
from ports.errors import AlreadyExists, Conflict, NotFound, Unavailable
from ports.jobs import Attempt, Job, JobKind
from ports.storage import checked_key
from ports.work import Output
from tests.unit.domain.makers import NOW, POLICY, made_job

JOB = UUID("01234567-89ab-cdef-0123-456789abcdef")


def tried(job: Job, times: int) -> Job:
    attempts = [Attempt(number=n + 1, worker="w", started=NOW, lease=NOW, renewal=60, deadline=NOW) for n in range(times)]
    return replace(job, attempts=tuple(attempts))


@pytest.mark.parametrize(("attempts", "most"), [(0, 10), (1, 10), (2, 20), (3, 40), (6, 320), (7, 600), (8, 600), (10**6, 600)])
def test_the_back_off_doubles_with_each_attempt_up_to_ten_minutes(attempts: int, most: int) -> None:
    assert backoff(attempts, 1) == timedelta(seconds=most)


@given(st.integers(0, 10**9), st.floats(0, 1))
def test_the_back_off_is_somewhere_between_nothing_and_its_most(attempts: int, chance: float) -> None:
    assert timedelta(0) <= backoff(attempts, chance) <= backoff(attempts, 1) <= LONGEST
    assert backoff(attempts, 0) == timedelta(0)
    assert backoff(attempts, 1) >= FIRST


def test_the_keys_of_a_job_are_those_of_the_design() -> None:
    job = made_job(id=JOB, recipe=Recipe(format=Format.M4A))
    original = original_key("song", "0a1b2c3d", "flac")
    assert original == "audio/assets/song/original-0a1b2c3d.flac"
    assert output_keys(job, 2, original) == {
        Output.PREPARED: f"audio/assets/song/prepared-{JOB}-2.m4a",
        Output.PREPARED_PEAKS: f"audio/assets/song/prepared-{JOB}-2.peaks.json",
        Output.ORIGINAL_PEAKS: "audio/assets/song/original-0a1b2c3d.peaks.json",
    }


def test_a_job_that_owes_nothing_has_no_keys() -> None:
    assert output_keys(made_job(kind=JobKind.RENDER, recipe=None), 1, "x") == {}
    assert output_keys(made_job(asset_id=None), 1, "x") == {}
    assert own_output_keys(tried(made_job(recipe=None), 2)) == []


def test_what_belongs_to_a_job_alone_is_the_outputs_of_all_its_attempts_without_the_originals_peaks() -> None:
    keys = own_output_keys(tried(made_job(id=JOB), 2))
    stem = f"audio/assets/song/prepared-{JOB}"
    assert keys == [f"{stem}-1.mp3", f"{stem}-1.peaks.json", f"{stem}-2.mp3", f"{stem}-2.peaks.json"]


@given(st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True), st.sampled_from(Format), st.integers(1, 2**31 - 1))
def test_every_key_can_be_kept_and_is_known_as_a_tickets(asset_id: str, ending: Format, attempt: int) -> None:
    job = made_job(asset_id=asset_id, recipe=Recipe(format=ending))
    keys = output_keys(job, attempt, original_key(asset_id, "0a1b2c3d", "mp3"))
    assert all(checked_key(key) for key in keys.values())
    assert is_ticketed(keys[Output.PREPARED])
    assert is_ticketed(keys[Output.PREPARED_PEAKS])
    assert keys[Output.PREPARED].startswith(laid_by_hand(asset_id))


@pytest.mark.parametrize(
    "name",
    [
        "prepared.mp3",
        "prepared",
        "prepared-final.mp3",
        "prepared-2.mp3",
        "prepared-take-2-of-3-by-ann.wav",
        f"prepared-{JOB}.mp3",
        f"prepared-{JOB}-1-louder.mp3",
        f"mine-{JOB}-1.mp3",
        f"{JOB}-1.mp3",
    ],
)
def test_what_a_person_or_their_own_worker_names_is_not_a_tickets(name: str) -> None:
    assert not is_ticketed(f"audio/assets/song/{name}")


@pytest.mark.parametrize(
    ("audio", "peaks"),
    [("a/b.mp3", "a/b.peaks.json"), ("a/b", "a/b.peaks.json"), ("a/b.c.wav", "a/b.c.peaks.json")],
)
def test_peaks_lie_beside_their_audio(audio: str, peaks: str) -> None:
    assert peaks_key(audio) == peaks


@pytest.mark.parametrize("ending", Format)
def test_outputs_are_written_with_the_type_of_the_recipes_format(ending: Format) -> None:
    job = made_job(recipe=Recipe(format=ending))
    assert content_type_of(job, Output.PREPARED).startswith("audio/")
    assert content_type_of(job, Output.PREPARED_PEAKS) == content_type_of(job, Output.ORIGINAL_PEAKS) == "application/json"


@pytest.mark.anyio
@pytest.mark.parametrize("trouble", [Conflict("job"), NotFound("job")])
@pytest.mark.parametrize("times", range(TRIES))
async def test_a_decision_that_lost_a_race_is_taken_again(trouble: Exception, times: int) -> None:
    left = [trouble] * times

    async def step() -> str:
        if left:
            raise left.pop()
        return "decided"

    assert await decide_again(step, "The job store") == "decided"


@pytest.mark.anyio
async def test_a_decision_that_lost_five_races_is_put_off() -> None:
    taken = list[None]()

    async def step() -> None:
        taken.append(None)
        raise Conflict(uuid4())

    with pytest.raises(Unavailable, match="The job store") as put_off:
        await decide_again(step, "The job store")
    assert (len(taken), put_off.value.retry_after) == (5, 1)


@pytest.mark.anyio
async def test_any_other_trouble_ends_a_decision() -> None:
    async def step() -> None:
        raise AlreadyExists("job")

    with pytest.raises(AlreadyExists):
        await decide_again(step, "The job store")


@given(asked=st.none() | st.floats(min_value=0), lease=st.integers(1, 10**6), deadline=st.integers(1, 10**6))
def test_a_claimed_lease_is_between_the_usual_one_and_the_deadline(asked: float | None, lease: int, deadline: int) -> None:
    policy = replace(POLICY, lease=timedelta(seconds=lease), deadline=timedelta(seconds=deadline))
    granted = lease_for(asked, policy).total_seconds()
    assert lease <= granted <= max(lease, deadline)
    assert granted == pytest.approx(asked, abs=1e-6) or asked is None or not lease <= asked <= deadline
