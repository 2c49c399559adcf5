"""The one way a stranger's file is opened: by formats we name, from a local file, its first audio stream and nothing else."""

from pathlib import Path

from msgspec import Struct

FORMATS = "wav,w64,aiff,caf,au,flac,mp3,ogg,mov,matroska,aac,amr,asf"
"""Containers that hold audio themselves. A playlist or a script, whatever it is named, would make ffmpeg open other files."""

QUIET = ("-nostdin", "-hide_banner", "-nostats")

FLOATS = "f32le"
"""What passes from a decoder to the next child: floats keep peaks above full scale, and all 24 bits of what has 24."""

CLIPPED = "s16le"
"""What passes where a decoder complained: of a damaged frame it may make floats a million times full scale, or no numbers."""


class Shape(Struct, frozen=True, kw_only=True):
    """The raw samples that pass between children: how many a second, in how many channels, and ffmpeg's name of the format."""

    rate: int
    channels: int
    samples: str = FLOATS


def opening(source: Path) -> tuple[str, ...]:
    """Return the arguments that open `source` and can open nothing else: no network, no other file, no pictures."""
    only = ("-protocol_whitelist", "file", "-format_whitelist", FORMATS)
    return (*only, "-vn", "-sn", "-dn", "-i", f"file:{source.absolute()}")


def decoding(source: Path, shape: Shape) -> tuple[str, ...]:
    """Return the arguments that decode `source` to raw samples of one rate and channel count, whatever it changes to midway."""
    chosen = ("-map", "0:a:0", "-map_metadata", "-1", "-vn", "-sn", "-dn")
    shaped = ("-ar", str(shape.rate), "-ac", str(shape.channels), "-c:a", f"pcm_{shape.samples}", "-f", shape.samples)
    return (*QUIET, "-v", "error", *opening(source), *chosen, *shaped, "pipe:1")


def raw(shape: Shape) -> tuple[str, ...]:
    """Return the arguments that read what `decoding` writes."""
    return ("-f", shape.samples, "-ar", str(shape.rate), "-ac", str(shape.channels), "-i", "pipe:0")
