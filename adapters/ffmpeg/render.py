"""One rendering pass: trim, gain, limiter, encoder; what was encoded is decoded and measured beside it, as it is written."""

from pathlib import Path

from msgspec import Struct

from adapters.ffmpeg.decode import QUIET, decoding, raw
from adapters.ffmpeg.encoders import ENCODERS, Encoder, coded_as, encoding, output_rate, turned_down_db, wide
from adapters.ffmpeg.faults import Complaints, check_alive
from adapters.ffmpeg.gain import Plan
from adapters.ffmpeg.limiter import cut, limiting, oversampled
from adapters.ffmpeg.loudness import Loudness
from adapters.ffmpeg.measure import Heard, Listener
from adapters.ffmpeg.original import Original
from adapters.ffmpeg.peaks import Waveform
from adapters.ffmpeg.process import Command, Ffmpeg
from ports.audio import Format, Recipe
from ports.errors import EngineFailed

MAY_DIFFER = 0.15
"""Seconds by which the decoded result may differ from what was cut: encoders fill their first and last frames."""

FILLED = 2 * 1152
"""Samples that an encoder may add in filling them. At low rates that is more than `MAY_DIFFER`."""


class Rendered(Struct, frozen=True, kw_only=True):
    """An encoded file, and its figures as decoded again."""

    audio: Path
    codec: str
    sample_rate: int
    loudness: Loudness
    waveform: Waveform


async def render(ffmpeg: Ffmpeg, original: Original, plan: Plan, recipe: Recipe, heard: Heard) -> Rendered:
    """Write prepared.<format> from `original` by `plan`, and measure it.

    Raise OutOfSpace if the disk is full, Unusable if the file outgrows its limit, EngineFailed if a child breaks.
    """
    form = ENCODERS[recipe.format]
    rate = output_rate(form, original.header.sample_rate)
    decoder, encoder, listener = Complaints(), Complaints(), Listener(heard)
    codes = await ffmpeg.run(
        Command(decoding(original.source.path, original.shape), decoder.hear),
        Command(_writing(original, plan, recipe, rate), encoder.hear),
        listener.command((*_checked(form), "-f", "matroska", "-i", "pipe:0"), skipped=form.delay),
        tap=listener.tap,
    )
    check_alive(codes[0])
    encoder.judge(codes[1])
    if codes[2] != 0 or abs(listener.waveform.seconds - plan.kept.seconds) > max(MAY_DIFFER, FILLED / rate):
        raise EngineFailed("The prepared audio is not what was to be written")
    return Rendered(
        audio=ffmpeg.folder / _name(recipe),
        codec=coded_as(recipe.format, original.header),
        sample_rate=rate,
        loudness=listener.loudness,
        waveform=listener.waveform,
    )


def _checked(form: Encoder) -> tuple[str, ...]:
    """Return the option that makes each ffmpeg leave it to us to skip the encoder's delay: some do it here, others don't."""
    return ("-flags2", "+skip_manual") if form.delay else ()


def _name(recipe: Recipe) -> str:
    return f"prepared.{recipe.format}"


def _writing(original: Original, plan: Plan, recipe: Recipe, rate: int) -> tuple[str, ...]:
    """Return the arguments that turn raw samples into the file, and send the same packets on to whoever checks them."""
    shape = original.shape
    graph = f"[0:a]{cut(plan.kept, original.seconds)},{_level(plan, shape.rate)},{_finished(original, plan, recipe, rate)}[out]"
    coded = encoding(recipe.format, original.header, rate, shape.channels, recipe.bitrate_kbps)
    # ffmpeg 5 goes on with one of the two, and calls that a success, unless told to abort.
    both = f"[{ENCODERS[recipe.format].muxer}:onfail=abort]file:{_name(recipe)}|[f=matroska:onfail=abort]pipe:1"
    made = ("-filter_complex", graph, "-map", "[out]", "-map_metadata", "-1", *coded, "-flags", "+global_header")
    return (*QUIET, "-v", "error", "-y", *raw(shape), *made, "-f", "tee", both)


def _level(plan: Plan, rate: int) -> str:
    gain = f"volume={plan.gain_db:.3f}dB:precision=float"
    if plan.ceiling_dbtp is None:
        return gain
    return f"{gain},aresample={oversampled(rate)},{limiting(plan.ceiling_dbtp)}"


def _finished(original: Original, plan: Plan, recipe: Recipe, rate: int) -> str:
    """Return the filters that end at the output's rate and level; 16 bits are dithered, unless what they hold is silence."""
    narrow = not ENCODERS[recipe.format].lossy and not wide(original.header)
    dithered = narrow and recipe.format in (Format.FLAC, Format.WAV) and original.loudness.peak is not None
    level = plan.output_db + turned_down_db(recipe.format, recipe.bitrate_kbps)
    volume = f"volume={level:.3f}dB:precision=float," if level else ""
    return f"{volume}aresample={rate}" + (":osf=s16:dither_method=triangular" if dithered else "")
