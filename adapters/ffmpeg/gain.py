"""Decide how much louder audio becomes, and whether its peaks need a limiter, from figures alone."""

from msgspec import Struct
from msgspec.structs import replace

from adapters.ffmpeg.silence import Kept
from ports.audio import Recipe

TOLERANCE_LU = 0.4
"""By how much a result may miss the loudness: the promise is 0.5 LU, and the meter prints tenths."""

MOST_GAIN_DB = 50.0
"""What is raised further than this is the noise of the recording."""

SPARE_DB = 0.2
"""How far a corrected render stays below the peak it aims at: coding never raises peaks by the same amount twice."""

YIELD = 0.7
"""About how much louder audio becomes for each dB more that goes into a limiter at work."""


class Plan(Struct, frozen=True, kw_only=True):
    """What a rendering does: cut, gain in dB, a limiter at `ceiling_dbtp` unless that is None, and the level of its output.

    `peak_dbtp` is the true peak to be expected before coding. An `exhausted` plan can't be made any louder.
    """

    kept: Kept
    gain_db: float
    peak_dbtp: float | None
    ceiling_dbtp: float | None = None
    output_db: float = 0.0
    exhausted: bool = False


def planned(kept: Kept, loudness: float | None, peak: float | None, recipe: Recipe, headroom: float) -> Plan:
    """Return the first plan for audio of this loudness (LUFS) and true peak (dBTP), None where there is none to measure.

    Audio without a loudness keeps its level, unless its peaks are too high: then it is turned down, which needs no limiter.
    """
    ceiling = recipe.true_peak_dbtp - headroom
    if peak is None:
        return Plan(kept=kept, gain_db=0.0, peak_dbtp=None)
    if loudness is None:
        return Plan(kept=kept, gain_db=min(0.0, ceiling - peak), peak_dbtp=min(peak, ceiling))
    gain = recipe.target_lufs - loudness
    plan = Plan(kept=kept, gain_db=min(gain, MOST_GAIN_DB), peak_dbtp=peak, exhausted=gain > MOST_GAIN_DB)
    return limited(plan, peak, ceiling)


def limited(plan: Plan, peak: float, ceiling: float) -> Plan:
    """Return `plan` with a limiter at `ceiling` if audio that peaks at `peak` needs one after the plan's gain."""
    expected = peak + plan.gain_db
    if expected <= ceiling:
        return replace(plan, peak_dbtp=expected, ceiling_dbtp=None)
    return replace(plan, peak_dbtp=ceiling, ceiling_dbtp=ceiling)


def too_loud_a_peak(peak: float | None, recipe: Recipe) -> bool:
    """Say whether a true peak, printed in tenths of a dB, may lie above the recipe's limit."""
    return peak is not None and peak > recipe.true_peak_dbtp - 0.05


def misses(loudness: float | None, recipe: Recipe) -> bool:
    """Say whether a loudness misses the recipe's."""
    return loudness is not None and abs(loudness - recipe.target_lufs) > TOLERANCE_LU


def wants_correction(plan: Plan, loudness: float | None, peak: float | None, recipe: Recipe) -> bool:
    """Say whether a result of this loudness and peak should be rendered again by another plan."""
    return too_loud_a_peak(peak, recipe) or (misses(loudness, recipe) and not plan.exhausted)


def corrected(plan: Plan, original_peak: float, loudness: float | None, peak: float | None, recipe: Recipe) -> Plan:
    """Return the plan for a second rendering, given the loudness and peak that the first one came to."""
    down = turned_down(plan, peak, recipe)
    if loudness is None or loudness + down.output_db - plan.output_db >= recipe.target_lufs - TOLERANCE_LU:
        return down
    gain, ceiling = plan.gain_db, plan.ceiling_dbtp
    if misses(loudness, recipe) and not plan.exhausted:
        missing = recipe.target_lufs - loudness
        gain = min(gain + (missing if ceiling is None else missing / YIELD), MOST_GAIN_DB)
    if peak is not None and plan.peak_dbtp is not None and too_loud_a_peak(peak, recipe):
        ceiling = recipe.true_peak_dbtp - (peak - plan.peak_dbtp) - SPARE_DB
    return limited(replace(plan, gain_db=gain), original_peak, recipe.true_peak_dbtp if ceiling is None else ceiling)


def turned_down(plan: Plan, peak: float | None, recipe: Recipe) -> Plan:
    """Return the plan that brings a result's `peak` under the limit by its level alone, which coding hardly changes."""
    if peak is None or not too_loud_a_peak(peak, recipe):
        return plan
    return replace(plan, output_db=plan.output_db - (peak - recipe.true_peak_dbtp) - SPARE_DB)
