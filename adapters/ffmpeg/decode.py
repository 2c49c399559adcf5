"""The one way a stranger's file is opened: by formats we name, from a local file, its first audio stream and nothing else."""

from pathlib import Path

FORMATS = "wav,w64,aiff,caf,au,flac,mp3,ogg,mov,matroska,aac,amr,asf"
"""Containers that hold audio themselves. A playlist or a script, whatever it is named, would make ffmpeg open other files."""

QUIET = ("-nostdin", "-hide_banner", "-nostats")

SAMPLES = "f32le"
"""What passes from a decoder to the next child: floats keep peaks above full scale, and all 24 bits of what has 24."""


def opening(source: Path) -> tuple[str, ...]:
    """Return the arguments that open `source` and can open nothing else: no network, no other file, no pictures."""
    only = ("-protocol_whitelist", "file", "-format_whitelist", FORMATS)
    return (*only, "-vn", "-sn", "-dn", "-i", f"file:{source.absolute()}")


def decoding(source: Path, rate: int, channels: int) -> tuple[str, ...]:
    """Return the arguments that decode `source` to raw samples of one rate and channel count, whatever it changes to midway."""
    chosen = ("-map", "0:a:0", "-map_metadata", "-1", "-vn", "-sn", "-dn")
    shape = ("-ar", str(rate), "-ac", str(channels), "-c:a", f"pcm_{SAMPLES}", "-f", SAMPLES, "pipe:1")
    return (*QUIET, "-v", "error", *opening(source), *chosen, *shape)


def raw(rate: int, channels: int) -> tuple[str, ...]:
    """Return the arguments that read what `decoding` writes."""
    return ("-f", SAMPLES, "-ar", str(rate), "-ac", str(channels), "-i", "pipe:0")
