"""Measure the original: decode the whole file, whatever its header promises, and find out what it is."""

from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from adapters.ffmpeg.decode import CLIPPED, Shape, decoding, raw
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


class Source(Struct, frozen=True, kw_only=True):
    """A stranger's file: what its header says, and the shape it is decoded to (more than two channels become two)."""

    path: Path
    header: Header
    shape: Shape


class Original(Struct, frozen=True, kw_only=True):
    """What decoding all of a file found out. Loudness is that of the one or two channels that are kept."""

    source: Source
    seconds: float
    loudness: Loudness
    silences: Silences
    waveform: Waveform
    damaged: bool

    @property
    def header(self) -> Header:
        """What the file says of itself."""
        return self.source.header

    @property
    def shape(self) -> Shape:
        """What it is decoded to."""
        return self.source.shape


async def measure(ffmpeg: Ffmpeg, path: Path, header: Header, limits: Limits, heard: Heard) -> Original:
    """Decode the file at `path` and return what it is: in one pass, or two if its decoder complains.

    Raise Unusable if nothing can be decoded, if there is more than `limits` allow, or if samples are no numbers.
    """
    source = Source(path=path, header=header, shape=Shape(rate=header.sample_rate, channels=min(header.channels, 2)))
    original, complained = await _listened(ffmpeg, source, limits, heard)
    if complained:
        source = replace(source, shape=replace(source.shape, samples=CLIPPED))
        original, _ = await _listened(ffmpeg, source, limits, heard)
    return original


async def _listened(ffmpeg: Ffmpeg, source: Source, limits: Limits, heard: Heard) -> tuple[Original, bool]:
    """Return what one decoding found out, and whether the decoder complained."""
    decoder, listener = Complaints(), Listener(heard)
    decode = Command(decoding(source.path, source.shape), decoder.hear)
    codes = await ffmpeg.run(decode, _listening(listener, source, limits), tap=listener.tap)
    check_length(listener.waveform.seconds, source.header, limits)
    _check(codes, listener)
    complained = codes[0] != 0 or decoder.count > 0
    return _found(source, listener, complained), complained


def _listening(listener: Listener, source: Source, limits: Limits) -> Command:
    until = ("-t", f"{longest(source.header, limits) + OVER:.3f}")
    filters = (DETECTORS, NUMBERS) if source.header.codec.startswith("pcm_f") else (DETECTORS,)
    return listener.command((*until, *raw(source.shape)), filters)


def _check(codes: list[int], listener: Listener) -> None:
    for code in codes:
        check_alive(code)
    if codes[1] != 0:
        raise EngineFailed(f"The audio could not be measured (code {codes[1]})")
    if listener.waveform.seconds == 0:
        raise Unusable("The file holds no sound that can be decoded.")
    if listener.not_numbers:
        raise Unusable("The audio holds samples that are not numbers (NaN or infinity).")


def _found(source: Source, listener: Listener, complained: bool) -> Original:
    seconds = listener.waveform.seconds
    return Original(
        source=source,
        seconds=seconds,
        loudness=listener.loudness,
        silences=listener.silences,
        waveform=listener.waveform,
        damaged=complained or _falls_short(seconds, source.header),
    )


def _falls_short(seconds: float, header: Header) -> bool:
    return header.seconds is not None and seconds < header.seconds * PROMISE_KEPT - 0.5
