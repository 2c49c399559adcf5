"""How much louder audio becomes, and when its peaks need a limiter."""

import pytest

from adapters.ffmpeg.gain import MOST_GAIN_DB, Plan, corrected, planned, turned_down, wants_correction
from adapters.ffmpeg.limiter import EXTRA_DB, missing_gain
from adapters.ffmpeg.silence import Kept
from ports.audio import Recipe

WHOLE = Kept(0.0, 10.0)
RECIPE = Recipe()


def test_gain_is_what_the_loudness_lacks_and_peaks_with_room_need_no_limiter() -> None:
    plan = planned(WHOLE, -20.0, -10.0, RECIPE, 0.7)

    assert (plan.gain_db, plan.ceiling_dbtp, plan.peak_dbtp) == (4.0, None, -6.0)


def test_peaks_that_would_pass_the_limit_less_what_coding_adds_are_limited_there() -> None:
    assert planned(WHOLE, -20.0, -5.0, RECIPE, 0.7).ceiling_dbtp == pytest.approx(-1.7)
    assert planned(WHOLE, -20.0, -5.8, RECIPE, 0.7).ceiling_dbtp is None


def test_silence_is_left_as_it_is() -> None:
    assert planned(WHOLE, None, None, RECIPE, 0.7) == Plan(kept=WHOLE, gain_db=0.0, peak_dbtp=None)


def test_audio_too_short_to_measure_is_only_ever_turned_down() -> None:
    assert planned(WHOLE, None, -20.0, RECIPE, 0.2).gain_db == 0
    assert planned(WHOLE, None, 2.0, RECIPE, 0.2).gain_db == pytest.approx(-3.2)


def test_what_is_almost_silence_is_raised_only_so_far() -> None:
    plan = planned(WHOLE, -69.0, -60.0, RECIPE, 0.7)

    assert (plan.gain_db, plan.exhausted) == (MOST_GAIN_DB, True)


@pytest.mark.parametrize(
    ("loudness", "peak", "again"),
    [
        (-16.0, -3.0, False),
        (-16.4, -1.1, False),
        (-16.5, -3.0, True),
        (-15.5, -3.0, True),
        (-16.0, -1.0, True),
        (None, None, False),
    ],
)
def test_a_result_is_rendered_again_if_it_misses_the_loudness_or_reaches_the_peak_limit(
    loudness: float | None, peak: float | None, again: bool
) -> None:
    assert wants_correction(planned(WHOLE, -20.0, -10.0, RECIPE, 0.7), loudness, peak, RECIPE) is again


def test_a_plan_that_can_not_be_louder_is_not_rendered_again_for_its_loudness() -> None:
    assert not wants_correction(planned(WHOLE, -69.0, -60.0, RECIPE, 0.7), -19.0, -10.0, RECIPE)


def test_a_peak_a_little_too_high_is_corrected_by_the_level_alone() -> None:
    first = planned(WHOLE, -20.0, -10.0, RECIPE, 0.7)

    assert corrected(first, -10.0, -16.0, -0.9, RECIPE).output_db == pytest.approx(-0.3)


def test_a_peak_far_too_high_is_limited_by_what_coding_raised_it() -> None:
    first = planned(WHOLE, -20.0, -6.0, RECIPE, 0.7)
    second = corrected(first, -6.0, -16.0, 0.0, RECIPE)

    assert second.ceiling_dbtp == pytest.approx(-1 - 2 - 0.2)
    assert second.gain_db == first.gain_db


def test_the_last_resort_turns_the_whole_result_down() -> None:
    plan = planned(WHOLE, -20.0, -10.0, RECIPE, 0.7)

    assert turned_down(plan, 0.5, RECIPE).output_db == pytest.approx(-1.7)
    assert turned_down(plan, None, RECIPE) == plan


@pytest.mark.parametrize(
    ("planned_lufs", "louder_lufs", "added"),
    [(-16.0, -13.0, 0.0), (-17.0, -15.0, 2.0), (-20.0, -18.0, EXTRA_DB), (-30.0, -30.0, 0.0)],
)
def test_what_a_limiter_takes_is_made_up_for_as_far_as_it_helps(planned_lufs: float, louder_lufs: float, added: float) -> None:
    assert missing_gain(planned_lufs, louder_lufs, -16.0) == pytest.approx(added)
