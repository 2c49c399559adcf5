"""Say in a person's words where a result is not what was asked for, and why."""

from adapters.ffmpeg.gain import MOST_GAIN_DB, Plan, misses
from adapters.ffmpeg.original import Original
from adapters.ffmpeg.render import Rendered
from ports.audio import Recipe


def note(original: Original, rendered: Rendered, plan: Plan, recipe: Recipe) -> str | None:
    """Return the sentences that a person should read beside the figures, or None."""
    sentences = [*_channels(original), *_loudness(original, rendered, plan, recipe), *_peak(rendered, recipe)]
    return " ".join(sentences) or None


def _channels(original: Original) -> list[str]:
    if original.header.channels == original.shape.channels:
        return []
    return [f"The {original.header.channels} channels were mixed down to stereo."]


def _loudness(original: Original, rendered: Rendered, plan: Plan, recipe: Recipe) -> list[str]:
    before, after = original.loudness.integrated, rendered.loudness.integrated
    if before is None or after is None:
        return ["There is no loudness to measure: the audio is silent, or shorter than 0.4 seconds. It was not made louder."]
    if not misses(after, recipe):
        return []
    if plan.gain_db >= MOST_GAIN_DB:
        return [f"The audio is so quiet that it was raised by {MOST_GAIN_DB:g} dB only, to {after:g} LUFS."]
    limit = recipe.true_peak_dbtp
    return [
        f"The loudness is {after:g} LUFS, not {recipe.target_lufs:g}: its peaks can't be kept under {limit:g} dBTP otherwise."
    ]


def _peak(rendered: Rendered, recipe: Recipe) -> list[str]:
    peak = rendered.loudness.peak
    if peak is None or peak <= recipe.true_peak_dbtp:
        return []
    return [f"The true peak is {peak:g} dBTP, above the limit of {recipe.true_peak_dbtp:g}: coding at this bit rate raises it."]
