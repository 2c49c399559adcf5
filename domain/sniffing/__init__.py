"""Telling audio by its first bytes. Names and claimed types are not asked; the decoder has the last word."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from domain.sniffing.chunked import aiff, au, caf, w64, wav
from domain.sniffing.contained import asf, matroska, mp4, ogg
from domain.sniffing.framed import amr, flac, mpeg, tagged
from domain.sniffing.reading import Sniffed

__all__ = ["HEAD", "Sniffed", "sniff"]

HEAD = 64 * 1024
"""How many bytes of a file are looked at, at most."""

Judge: TypeAlias = Callable[[bytes], Sniffed | None]

_FAMILIES: Sequence[tuple[int, bytes, Judge]] = (
    (8, b"WAVE", wav),
    (24, b"wave\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a", w64),
    (8, b"AIFF", aiff),
    (8, b"AIFC", aiff),
    (0, b"caff", caf),
    (0, b".snd", au),
    (0, b"fLaC", flac),
    (0, b"ID3", tagged),
    (0, b"OggS", ogg),
    (4, b"ftyp", mp4),
    (4, b"moov", mp4),
    (4, b"mdat", mp4),
    (4, b"wide", mp4),
    (4, b"free", mp4),
    (4, b"skip", mp4),
    (0, b"\x1a\x45\xdf\xa3", matroska),
    (0, b"#!AMR", amr),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", asf),
)


def sniff(head: bytes) -> Sniffed | None:
    """Say what audio a file that begins with `head` holds, None if it is something else. Never raises."""
    head = head[:HEAD]
    for offset, magic, judge in _FAMILIES:
        if head.startswith(magic, offset):
            return judge(head)
    return mpeg(head)
