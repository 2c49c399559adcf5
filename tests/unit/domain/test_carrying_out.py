"""A worker carries out a ticket: what it sends, in which order, and what it says at the end."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from domain.preparing import INPUT_GONE, LOST_ON_THE_WAY, Trouble, carry_out
from ports.audio import Figures, Format, Measured, Prepared, Progress, Recipe
from ports.errors import (
    Altered,
    AttemptOver,
    EngineFailed,
    LinkRefused,
    NotFound,
    OutOfSpace,
    OutputsRefused,
    Unavailable,
    Unusable,
)
from ports.jobs import JobKind
from ports.work import Callback, Output, Report, ReportStatus, Ticket
from tests.unit.domain.makers import NOW

pytestmark = pytest.mark.anyio

JOB = UUID(int=7)
BUDGET = timedelta(minutes=5)
SOUND = Measured(
    loudness_lufs=-20.0, true_peak_dbtp=-3.0, range_lu=5.0, duration=10.0, sample_rate=44_100, channels=2, codec="pcm"
)
FIGURES = Figures(before=SOUND, after=SOUND, trimmed_head=0.5, trimmed_tail=0, gain_db=4, limited=False, damaged=False)
REFUSED = OutputsRefused(("prepared",))

SENT = ["fetch", "prepare", "send originalPeaks", "send preparedPeaks", "send prepared"]
SENT_AGAIN = SENT[2:]

Troubles = Mapping[str, list[Exception | None]]


class Shop:
    """Engine, courier and reporter in one. Writes down what is done; `trouble` is what each step raises, time after time."""

    def __init__(self, trouble: Troubles) -> None:
        self.trouble = {step: list(errors) for step, errors in trouble.items()}
        self.done: list[str] = []
        self.reports: list[Report] = []
        self.asked: tuple[Path, Path, Recipe, timedelta] | None = None

    async def fetch(self, ticket: Ticket, into: Path) -> Path:
        self._do("fetch")
        return into / "input.wav"

    async def prepare(self, source: Path, into: Path, recipe: Recipe, budget: timedelta, progress: Progress) -> Prepared:
        self.asked = (source, into, recipe, budget)
        progress(0.5, "measuring")
        self._do("prepare")
        return Prepared(
            audio=into / "out.mp3",
            content_type="audio/mpeg",
            prepared_peaks=into / "prepared.json",
            original_peaks=into / "original.json",
            figures=FIGURES,
        )

    async def version(self) -> str:
        return "a fake"

    async def send(self, ticket: Ticket, output: Output, file: Path) -> None:
        assert file.name == {"prepared": "out.mp3", "preparedPeaks": "prepared.json", "originalPeaks": "original.json"}[output]
        self._do(f"send {output}")

    async def report(self, report: Report) -> None:
        self.reports.append(report)
        self._do(report.status)

    def _do(self, step: str) -> None:
        self.done.append(step)
        errors = self.trouble.get(step, [])
        if errors and (error := errors.pop(0)) is not None:
            raise error


async def worked(progress: Progress = lambda _fraction, _message: None, *, recipe: Recipe | None = None, **trouble: Any) -> Shop:
    """Carry out a ticket in a shop with troubles: `send_prepared=[...]` is what the first, second ... such step raises."""
    shop = Shop({step.replace("send_", "send "): errors for step, errors in trouble.items()})
    await carried_out(shop, progress, recipe)
    return shop


async def carried_out(
    shop: Shop, progress: Progress = lambda _fraction, _message: None, recipe: Recipe | None = None
) -> Trouble | None:
    return await carry_out(
        ticket(recipe), engine=shop, courier=shop, reporter=shop, folder=Path("scratch"), budget=BUDGET, progress=progress
    )


def ticket(recipe: Recipe | None = None) -> Ticket:
    return Ticket(
        job_id=JOB,
        attempt=2,
        kind=JobKind.PREPARE,
        callback=Callback(url="https://greenroom.example/api/webhooks/worker", token="t"),
        lease_seconds=60,
        deadline=NOW,
        recipe=recipe,
    )


async def test_the_owed_output_is_sent_last_and_complete_is_said_after_it() -> None:
    shop = await worked()
    assert shop.done == [*SENT, "complete"]


async def test_complete_names_the_attempt_and_carries_the_figures() -> None:
    [report] = (await worked()).reports
    assert (report.job_id, report.attempt, report.status) == (JOB, 2, ReportStatus.COMPLETE)
    assert report.result == msgspec.json.decode(msgspec.json.encode(FIGURES))


async def test_the_engine_is_asked_for_the_tickets_recipe_within_the_budget_and_tells_its_progress() -> None:
    told = list[tuple[float, str]]()
    recipe = Recipe(format=Format.FLAC)
    shop = await worked(lambda fraction, message: told.append((fraction, message)), recipe=recipe)
    assert shop.asked == (Path("scratch/input.wav"), Path("scratch"), recipe, BUDGET)
    assert told == [(0.5, "measuring")]


async def test_outputs_that_are_not_believed_are_sent_once_more() -> None:
    shop = await worked(complete=[REFUSED])
    assert shop.done == [*SENT, "complete", *SENT_AGAIN, "complete"]


async def test_outputs_that_are_not_believed_twice_are_left_to_another_attempt() -> None:
    shop = await worked(complete=[REFUSED, REFUSED])
    assert shop.done == [*SENT, "complete", *SENT_AGAIN, "complete", "failed"]
    last = shop.reports[-1]
    assert (last.error, last.result, last.retryable, last.attempt) == (LOST_ON_THE_WAY, {"code": "outputs"}, True, 2)


async def test_outputs_that_can_not_be_sent_once_more_are_left_to_another_attempt() -> None:
    shop = await worked(complete=[REFUSED, REFUSED], send_prepared=[None, Unavailable("The storage")])
    assert shop.done == [*SENT, "complete", *SENT_AGAIN, "complete", "failed"]
    assert shop.reports[-1].retryable


async def test_audio_that_can_not_be_prepared_is_a_final_finding_in_a_sentence() -> None:
    shop = await worked(prepare=[Unusable("There is no sound in this file.")])
    assert shop.done == ["fetch", "prepare", "failed"]
    [report] = shop.reports
    assert (report.error, report.result, report.retryable) == ("There is no sound in this file.", {"code": "unusable"}, False)


async def test_an_original_that_is_gone_is_final() -> None:
    [report] = (await worked(fetch=[NotFound("key")])).reports
    assert (report.status, report.error, report.result, report.retryable) == (ReportStatus.FAILED, INPUT_GONE, None, False)


async def test_an_engine_that_breaks_down_costs_an_attempt_and_may_be_tried_again() -> None:
    [report] = (await worked(prepare=[EngineFailed("It broke")])).reports
    assert (report.status, report.error, report.retryable) == (ReportStatus.FAILED, "It broke", True)
    assert report.result == {"code": "engine"}


@pytest.mark.parametrize("step", ["fetch", "send_originalPeaks", "send_preparedPeaks", "send_prepared"])
@pytest.mark.parametrize("trouble", [LinkRefused("The link was not accepted"), Altered("The original")])
async def test_files_that_do_not_come_through_as_they_should_cost_an_attempt_and_may_be_tried_again(
    step: str, trouble: Exception
) -> None:
    steps: dict[str, Any] = {step: [trouble]}
    [report] = (await worked(**steps)).reports
    assert (report.status, report.error, report.retryable) == (ReportStatus.FAILED, str(trouble), True)
    assert report.result == {"code": "engine"}


@pytest.mark.parametrize("step", ["fetch", "prepare", "send_originalPeaks", "send_preparedPeaks", "send_prepared"])
@pytest.mark.parametrize("trouble", [OutOfSpace("The disk"), Unavailable("The storage")])
async def test_trouble_of_the_place_gives_the_job_back_and_costs_no_attempt(step: str, trouble: Exception) -> None:
    steps: dict[str, Any] = {step: [trouble]}
    [report] = (await worked(**steps)).reports
    assert (report.status, report.message) == (ReportStatus.RELEASED, str(trouble))


@pytest.mark.parametrize("trouble", [OutOfSpace("The disk"), Unavailable("The storage"), EngineFailed("It broke")])
async def test_trouble_of_the_place_is_told_to_who_asked_for_the_work(trouble: Exception) -> None:
    assert await carried_out(Shop({"prepare": [trouble]})) is trouble


@pytest.mark.parametrize(
    "finding", [None, Unusable("Nothing to hear."), NotFound("key"), Altered("The original"), LinkRefused("no")]
)
async def test_what_is_found_of_the_audio_or_its_way_is_no_trouble_of_the_place(finding: Exception | None) -> None:
    assert await carried_out(Shop({"prepare": [finding]})) is None


@pytest.mark.parametrize("troubles", [{"complete": [AttemptOver()]}, {"complete": [REFUSED, AttemptOver()]}])
async def test_an_attempt_that_is_over_ends_the_work_without_another_word(troubles: dict[str, Any]) -> None:
    with pytest.raises(AttemptOver):
        await worked(**troubles)


@pytest.mark.parametrize("before", [EngineFailed("It broke"), Unusable("Nothing to hear."), NotFound("key")])
async def test_an_attempt_that_is_over_is_so_whatever_was_to_be_said(before: Exception) -> None:
    with pytest.raises(AttemptOver):
        await worked(prepare=[before], failed=[AttemptOver()])


async def test_a_complete_that_nobody_heard_is_not_followed_by_a_failure() -> None:
    shop = Shop({"complete": [Unavailable("The server")]})
    with pytest.raises(Unavailable):
        await carried_out(shop)
    assert shop.done == [*SENT, "complete"]


async def test_what_the_engine_did_not_foresee_stays_loud() -> None:
    with pytest.raises(ZeroDivisionError):
        await worked(prepare=[ZeroDivisionError()])
