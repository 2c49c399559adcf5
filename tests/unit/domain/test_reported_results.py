"""What a worker states of its work is taken over by the prepared audio where it is whole and possible."""

import pytest

from ports.assets import Variant
from ports.audio import Figures, Format, Recipe
from ports.work import ReportStatus
from tests.unit.domain.makers import made_wav, said, started_job

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("duration", "kept"),
    [
        (2.5, 2.5),
        (3, 3.0),
        (6 * 3600, 21600.0),
        (6 * 3600 + 0.1, 1.0),
        (10**400, 1.0),
        (0, 1.0),
        (-1, 1.0),
        (float("nan"), 1.0),
        (float("inf"), 1.0),
        (True, 1.0),
        ("2.5", 1.0),
        (None, 1.0),
        ([2.5], 1.0),
    ],
)
async def test_a_reported_duration_is_believed_where_it_is_possible_else_the_header_is(duration: object, kept: float) -> None:
    house, job = await started_job(recipe=Recipe(format=Format.WAV))
    await house.deliver(job, audio=made_wav(1))
    await house.report(said(job, ReportStatus.COMPLETE, attempt=1, result={"after": {"duration": duration}}))
    assert (await house.assets.get("song")).renditions[Variant.PREPARED].duration == kept


@pytest.mark.parametrize("result", [None, {}, {"after": None}, {"after": []}, {"after": {"duration": {}}}, {"duration": 5}])
async def test_a_result_of_any_shape_says_no_more_than_it_does(result: dict[str, object] | None) -> None:
    house, job = await started_job()
    await house.deliver(job)
    await house.report(said(job, ReportStatus.COMPLETE, attempt=1, result=result))
    assert (await house.assets.get("song")).renditions[Variant.PREPARED].duration is None


MEASURED: dict[str, object] = {
    "loudnessLufs": -27.4,
    "truePeakDbtp": None,
    "rangeLu": 6.2,
    "duration": 180.0,
    "sampleRate": 44100,
    "channels": 2,
    "codec": "pcm_s16le",
}
WHOLE: dict[str, object] = {"before": MEASURED, "after": MEASURED | {"duration": 178}}


async def figures_after(result: dict[str, object]) -> Figures | None:
    """Return the figures of the rendition, once its job is complete with that result."""
    house, job = await started_job()
    await house.deliver(job)
    await house.report(said(job, ReportStatus.COMPLETE, attempt=1, result=result))
    return (await house.assets.get("song")).renditions[Variant.PREPARED].figures


async def test_a_rendition_keeps_the_figures_of_its_job() -> None:
    figures = await figures_after(WHOLE | {"trimmedHead": 1.5, "gainDb": 11.4, "limited": True, "more": "of another kind"})
    assert figures is not None
    assert (figures.before.loudness_lufs, figures.after.duration) == (-27.4, 178.0)
    assert (figures.trimmed_head, figures.gain_db, figures.limited) == (1.5, 11.4, True)


async def test_what_a_worker_leaves_out_of_its_figures_it_has_not_done() -> None:
    figures = await figures_after(WHOLE)
    assert figures is not None
    assert (figures.trimmed_head, figures.trimmed_tail, figures.gain_db, figures.note) == (0, 0, 0, None)
    assert not figures.limited


@pytest.mark.parametrize(
    "result",
    [
        {},
        {"after": MEASURED},
        WHOLE | {"before": {"duration": 180.0}},
        WHOLE | {"after": MEASURED | {"duration": 0}},
        WHOLE | {"after": MEASURED | {"duration": 6 * 3600 + 1}},
        WHOLE | {"after": MEASURED | {"duration": 10**400}},
        WHOLE | {"trimmedHead": -1},
        WHOLE | {"trimmedHead": float("nan")},
        WHOLE | {"trimmedTail": 10**9},
        WHOLE | {"gainDb": "much"},
        WHOLE | {"note": "x" * 1001},
        WHOLE | {"before": MEASURED | {"codec": "x" * 1001}},
    ],
    ids=range(12),
)
async def test_figures_that_are_not_whole_or_not_possible_are_none(result: dict[str, object]) -> None:
    assert await figures_after(result) is None
