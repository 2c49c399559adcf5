"""The passes that prepare one file, in their order: header, listen, plan, render and check, perhaps once more, report."""

import asyncio
import errno
from pathlib import Path

from adapters.ffmpeg.encoders import ENCODERS
from adapters.ffmpeg.gain import Plan, corrected, planned, too_loud_a_peak, turned_down, wants_correction
from adapters.ffmpeg.limiter import compensated
from adapters.ffmpeg.limits import check
from adapters.ffmpeg.notes import note
from adapters.ffmpeg.original import Original, measure
from adapters.ffmpeg.peaks import Waveform
from adapters.ffmpeg.probe import read_header
from adapters.ffmpeg.process import Ffmpeg
from adapters.ffmpeg.progress import Steps
from adapters.ffmpeg.render import Rendered, render
from adapters.ffmpeg.silence import Kept
from ports.audio import Figures, Limits, Measured, Prepared, Recipe
from ports.errors import OutOfSpace


async def prepare(ffmpeg: Ffmpeg, source: Path, recipe: Recipe, limits: Limits, steps: Steps) -> Prepared:
    """Carry out all passes and return what they made. The shares told are those of their usual cost."""
    header = await read_header(ffmpeg, source)
    check(header, limits)
    steps.begin("Listening to the original", 0.3, header.seconds)
    original = await measure(ffmpeg, source, header, limits, steps.heard)
    steps.begin("Choosing the level", 0.4, None)
    plan = await _plan(ffmpeg, original, recipe)
    steps.begin("Writing the prepared audio", 0.9, plan.kept.seconds)
    rendered = await render(ffmpeg, original, plan, recipe, steps.heard)
    if wants_correction(plan, rendered.loudness.integrated, rendered.loudness.peak, recipe):
        plan = _corrected(plan, original, rendered, recipe)
        steps.begin("Correcting the level", 0.99, plan.kept.seconds)
        rendered = await render(ffmpeg, original, plan, recipe, steps.heard)
    if too_loud_a_peak(rendered.loudness.peak, recipe):
        plan = turned_down(plan, rendered.loudness.peak, recipe)
        rendered = await render(ffmpeg, original, plan, recipe, steps.heard)
    prepared = await _delivered(original, plan, rendered, recipe, ffmpeg.folder)
    steps.end("Prepared")
    return prepared


def _kept(original: Original, recipe: Recipe) -> Kept:
    if not recipe.trim:
        return Kept(0.0, original.seconds)
    return original.silences.sounding(original.loudness.integrated, original.seconds)


async def _plan(ffmpeg: Ffmpeg, original: Original, recipe: Recipe) -> Plan:
    headroom = ENCODERS[recipe.format].headroom
    plan = planned(_kept(original, recipe), original.loudness.integrated, original.loudness.peak, recipe, headroom)
    return await compensated(ffmpeg, original, plan, recipe.target_lufs)


def _corrected(plan: Plan, original: Original, rendered: Rendered, recipe: Recipe) -> Plan:
    peak = original.loudness.peak
    return plan if peak is None else corrected(plan, peak, rendered.loudness.integrated, rendered.loudness.peak, recipe)


async def _delivered(original: Original, plan: Plan, rendered: Rendered, recipe: Recipe, into: Path) -> Prepared:
    original_peaks, prepared_peaks = into / "original.peaks.json", into / "prepared.peaks.json"
    await asyncio.to_thread(_draw, original.waveform, original_peaks)
    await asyncio.to_thread(_draw, rendered.waveform, prepared_peaks)
    return Prepared(
        audio=rendered.audio,
        content_type=ENCODERS[recipe.format].content_type,
        prepared_peaks=prepared_peaks,
        original_peaks=original_peaks,
        figures=_figures(original, plan, rendered, recipe),
    )


def _draw(waveform: Waveform, path: Path) -> None:
    try:
        waveform.write(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OutOfSpace("The disk that prepared audio is written to") from error
        raise


def _figures(original: Original, plan: Plan, rendered: Rendered, recipe: Recipe) -> Figures:
    header = original.header
    return Figures(
        before=Measured(
            loudness_lufs=original.loudness.integrated,
            true_peak_dbtp=original.loudness.peak,
            range_lu=original.loudness.range,
            duration=round(original.seconds, 3),
            sample_rate=header.sample_rate,
            channels=header.channels,
            codec=header.codec,
        ),
        after=Measured(
            loudness_lufs=rendered.loudness.integrated,
            true_peak_dbtp=rendered.loudness.peak,
            range_lu=rendered.loudness.range,
            duration=round(plan.kept.seconds, 3),
            sample_rate=rendered.sample_rate,
            channels=original.shape.channels,
            codec=rendered.codec,
        ),
        trimmed_head=round(plan.kept.start, 3),
        trimmed_tail=round(original.seconds - plan.kept.end, 3),
        gain_db=round(plan.gain_db + plan.output_db, 2),
        limited=plan.ceiling_dbtp is not None,
        damaged=original.damaged,
        note=note(original, rendered, plan, recipe),
    )
