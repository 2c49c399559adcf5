"""How each format is written: encoder, container, the sample rates and bit rates it permits, and its content type."""

import math
from collections.abc import Mapping

from msgspec import Struct

from adapters.ffmpeg.probe import Header
from ports.audio import Format

LAME_SCALES = ((176, 0.95), (208, 0.97), (240, 0.98))
"""What LAME multiplies samples by, so as not to clip, at constant bit rates below so many kbit/s (its preset table)."""

MPEG_RATES = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)


class Encoder(Struct, frozen=True, kw_only=True):
    """A format as ffmpeg writes it. `headroom` is by how many dB coding may raise the true peak, as far as is usual.

    `rates` are the sample rates it permits (empty: any). Bit rates are kbit/s; lossless formats have none. `delay` is how many
    samples come out of a decoder before the first that went in: players skip them, for the finished file says so.
    """

    codec: str
    muxer: str
    content_type: str
    headroom: float
    rates: tuple[int, ...] = ()
    lossy: bool = True
    delay: int = 0


ENCODERS: Mapping[Format, Encoder] = {
    Format.MP3: Encoder(codec="libmp3lame", muxer="f=mp3", content_type="audio/mpeg", headroom=0.7, rates=MPEG_RATES, delay=1105),
    # faststart: the index goes to the front, so that a player need not fetch the end first.
    Format.M4A: Encoder(
        codec="aac", muxer="f=ipod:movflags=+faststart", content_type="audio/mp4", headroom=0.7, rates=MPEG_RATES, delay=1024
    ),
    Format.OPUS: Encoder(codec="libopus", muxer="f=ogg", content_type="audio/ogg", headroom=0.7, rates=(48_000,)),
    Format.FLAC: Encoder(codec="flac", muxer="f=flac", content_type="audio/flac", headroom=0.2, lossy=False),
    Format.WAV: Encoder(codec="pcm_s16le", muxer="f=wav:rf64=auto", content_type="audio/wav", headroom=0.2, lossy=False),
}

WIDE = ("s32", "s32p", "s64", "dbl", "dblp")
"""ffmpeg's names of sample formats with more than 16 bits; floats count only where the file stores floats."""


def output_rate(encoder: Encoder, rate: int) -> int:
    """Return the sample rate for audio of `rate`: its own if permitted, else one that loses nothing or divides evenly."""
    if not encoder.rates or rate in encoder.rates:
        return rate
    if rate > encoder.rates[-1] and rate % 44_100 == 0 and 44_100 in encoder.rates:
        return 44_100
    return next((permitted for permitted in encoder.rates if permitted >= rate), encoder.rates[-1])


def most_kbps(form: Format, rate: int, channels: int) -> int:
    """Return the highest bit rate that `form` permits.

    For mp3 that is a matter of MPEG-1, -2 or -2.5; AAC has 6,144 bits a channel and frame, Opus 256 kbit/s a channel.
    """
    if form is Format.MP3:
        return 320 if rate >= 32_000 else 160 if rate >= 16_000 else 64
    if form is Format.M4A:
        return 6 * channels * rate // 1024
    return 256 * channels


def wide(header: Header) -> bool:
    """Say whether the original stores more than 16 bits a sample."""
    return header.sample in WIDE or header.codec.startswith("pcm_f")


def turned_down_db(form: Format, kbps: int) -> float:
    """Return by how many dB the encoder itself lowers the level at a bit rate, which its input makes up for."""
    if form is not Format.MP3:
        return 0.0
    scale = next((scale for below, scale in LAME_SCALES if kbps < below), 1.0)
    return -20 * math.log10(scale)


def coded_as(form: Format, header: Header) -> str:
    """Return ffmpeg's name of the codec that a decoder finds in a file of this format."""
    if form is Format.WAV:
        return "pcm_s24le" if wide(header) else "pcm_s16le"
    return "aac" if form is Format.M4A else str(form)


def encoding(form: Format, header: Header, rate: int, channels: int, kbps: int) -> tuple[str, ...]:
    """Return the arguments that encode; lossless formats keep 16 bits, or 24 where the original has more than 16."""
    encoder = ENCODERS[form]
    if encoder.lossy:
        return ("-c:a", encoder.codec, "-b:a", f"{min(kbps, most_kbps(form, rate, channels))}k")
    if form is Format.WAV:
        return ("-c:a", coded_as(form, header))
    return ("-c:a", encoder.codec, "-sample_fmt", "s32" if wide(header) else "s16")
