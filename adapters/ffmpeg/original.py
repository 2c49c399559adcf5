"""Measure the original: one decoding of the whole file, whatever its header promises."""

from pathlib import Path

from msgspec import Struct

from adapters.ffmpeg.decode import decoding, raw
from adapters.ffmpeg.faults import Complaints, check_alive
from adapters.ffmpeg.limits import check_length, longest
from adapters.ffmpeg.loudness import Loudness
from adapters.ffmpeg.measure import NUMBERS, Heard, Listener
from adapters.ffmpeg.peaks import Waveform
from adapters.ffmpeg.probe import Header
from adapters.ffmpeg.process import Command, Ffmpeg
from adapters.ffmpeg.silence import DETECTORS, Silences
from ports.audio import Limits
from ports.errors import EngineFailed, Unusable

OVER = 1.0
"""Seconds decoded beyond the longest that is allowed, to know that there is more."""


PROMISE_KEPT = 0.98
"""The part of the length in its header that audio must have to count as whole, half a second aside."""


class Original(Struct, frozen=True, kw_only=True):
    """What was found out about a file by decoding all of it. Loudness is that of the one or two channels that are kept."""

    source: Path
    header: Header
    channels: int
    seconds: float
    loudness: Loudness
    silences: Silences
    waveform: Waveform
    damaged: bool


async def measure(ffmpeg: Ffmpeg, source: Path, header: Header, limits: Limits, folder: Path, heard: Heard) -> Original:
    """Decode `source` once and return what it is.

    Raise Unusable if nothing can be decoded, if there is more than `limits` allow, or if samples are no numbers.
    """
    channels = min(header.channels, 2)
    decoder, listener = Complaints(), Listener(heard)
    until = ("-t", str(longest(header, limits) + OVER))
    filters = (DETECTORS, NUMBERS) if header.codec.startswith("pcm_f") else (DETECTORS,)
    decode = Command(decoding(source, header.sample_rate, channels), decoder.hear)
    listen = listener.command((*until, *raw(header.sample_rate, channels)), filters)
    decoded, listened = await ffmpeg.run(decode, listen, folder=folder, tap=listener.tap)
    check_length(listener.waveform.seconds, header, limits)
    _check(decoded, listened, listener)
    return Original(
        source=source,
        header=header,
        channels=channels,
        seconds=listener.waveform.seconds,
        loudness=listener.loudness,
        silences=listener.silences,
        waveform=listener.waveform,
        damaged=decoder.count > 0 or decoded != 0 or _falls_short(listener.waveform.seconds, header),
    )


def _check(decoded: int, listened: int, listener: Listener) -> None:
    check_alive(decoded)
    check_alive(listened)
    if listener.waveform.seconds == 0:
        raise Unusable("The file holds no sound that can be decoded.")
    if listened != 0:
        raise EngineFailed(f"The audio could not be measured (code {listened})")
    if listener.not_numbers:
        raise Unusable("The audio holds samples that are not numbers (NaN or infinity).")


def _falls_short(seconds: float, header: Header) -> bool:
    return header.seconds is not None and seconds < header.seconds * PROMISE_KEPT - 0.5
