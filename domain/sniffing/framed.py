"""Audio in frames that follow each other: FLAC, MPEG layers II and III, AAC in ADTS, AMR; and what stands behind ID3 tags."""

import re
from collections.abc import Callable
from typing import TypeAlias

from domain.sniffing.reading import Sniffed, fields, seconds

Frame: TypeAlias = tuple[int, Sniffed]
"""A frame's length in bytes, and what all frames of its stream say alike."""
Reader: TypeAlias = Callable[[bytes, int], Frame | None]

_MP3 = Sniffed(content_type="audio/mpeg", extension="mp3")
_KBIT = {  # by version (3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5) and layer (1: III, 2: II); ISO 11172-3, 13818-3
    (3, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (3, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    **dict.fromkeys([(2, 1), (2, 2), (0, 1), (0, 2)], (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)),
}
_MPEG_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_ADTS_RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350)
_SYNC = re.compile(rb"\xff(?=[\xe0-\xff])")
_LONGEST_CUT = 2048

# Files that may hold an MPEG stream as it is, behind a short header: archives, films, pages.
_HOLDERS = ((0, b"PK"), (0, b"RIFF"), (0, b"\0\0\1"), (0, b"FLV"), (0, b"%PDF"), (0, b"<"), (0, b"MThd"), (257, b"ustar"))


def flac(head: bytes, start: int = 0) -> Sniffed:
    """Judge FLAC by its STREAMINFO (RFC 9639, 8.2)."""
    block, packed = fields(">4xB13xQ", head, start) or (0, 0)
    known = packed if block & 0x7F == 0 else 0
    rate, channels, samples = known >> 44, (known >> 41 & 7) + 1, known & (1 << 36) - 1
    return Sniffed(
        content_type="audio/flac",
        extension="flac",
        sample_rate=rate if known else None,
        channels=channels if known else None,
        duration=seconds(samples, rate),
    )


def tagged(head: bytes) -> Sniffed | None:
    """Judge what stands behind ID3v2 tags. Where the head ends before anything does, it is MP3: that is what they are for."""
    start = _behind_tags(head)
    if start is None:
        return None
    if head.startswith(b"fLaC", start):
        return flac(head, start)
    return _stream(head, start, tagged=True) or (None if head[start:].strip(b"\0") else _MP3)


def mpeg(head: bytes) -> Sniffed | None:
    """Judge frames without a file around them: MPEG audio or ADTS."""
    if any(head.startswith(magic, offset) for offset, magic in _HOLDERS):
        return None
    return _stream(head, 0)


def amr(head: bytes) -> Sniffed | None:
    """Judge AMR, narrow and wide band (RFC 4867, 5)."""
    if head.startswith(b"#!AMR\n"):
        return Sniffed(content_type="audio/amr", extension="amr", sample_rate=8_000, channels=1)
    if head.startswith(b"#!AMR-WB\n"):
        return Sniffed(content_type="audio/amr-wb", extension="awb", sample_rate=16_000, channels=1)
    return None


def _behind_tags(head: bytes) -> int | None:
    start = 0
    while head.startswith(b"ID3", start):
        flags, *size = fields(">5xB4B", head, start) or (0, 0x80)
        if max(size) >= 0x80:
            return None
        length = size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3]
        start += 10 + length + (10 if flags & 0x10 else 0)
    return start


def _stream(head: bytes, start: int, *, tagged: bool = False) -> Sniffed | None:
    # Zeros come before the first frame where an encoder was waiting, the rest of a frame where a stream was cut.
    first = len(head) - len(head[start:].lstrip(b"\0"))
    for sync in _SYNC.finditer(head, first, first + _LONGEST_CUT):
        for read in (_mpeg_frame, _adts_frame):
            frame = read(head, sync.start())
            if frame is not None and _goes_on(head, sync.start(), frame, read, 1 if sync.start() == first else 3, tagged=tagged):
                return frame[1]
    return None


def _goes_on(head: bytes, offset: int, frame: Frame, read: Reader, times: int, *, tagged: bool) -> bool:
    for _ in range(times):
        offset += frame[0]
        if offset == len(head) or (tagged and offset > len(head)):
            return True
        following = read(head, offset)
        if following is None or following[1] != frame[1]:
            return False
        frame = following
    return True


def _mpeg_frame(head: bytes, offset: int) -> Frame | None:
    (bits,) = fields(">I", head, offset) or (0,)
    version, layer, bit_rate, rate, padding = bits >> 19 & 3, bits >> 17 & 3, bits >> 12 & 15, bits >> 10 & 3, bits >> 9 & 1
    if bits >> 21 != 0x7FF or (version, layer) not in _KBIT or bit_rate in {0, 15} or rate == 3:
        return None
    sample_rate = _MPEG_RATES[version][rate]
    kbit = _KBIT[version, layer][bit_rate - 1]
    slots = 72 if layer == 1 and version != 3 else 144
    channels = 1 if bits >> 6 & 3 == 3 else 2
    kind = Sniffed(
        content_type="audio/mpeg", extension="mp3" if layer == 1 else "mp2", sample_rate=sample_rate, channels=channels
    )
    return slots * kbit * 1000 // sample_rate + padding, kind


def _adts_frame(head: bytes, offset: int) -> Frame | None:
    sync, middle, low = fields(">HBI", head, offset) or (0, 0, 0)
    rate, channels, length = middle >> 2 & 15, (middle & 1) << 2 | low >> 30, low >> 13 & 0x1FFF
    if sync & 0xFFF6 != 0xFFF0 or rate >= len(_ADTS_RATES) or length < 7:
        return None
    # Seven stands for eight speakers; at zero the stream itself says how many.
    spoken = {0: None, 7: 8}.get(channels, channels)
    return length, Sniffed(content_type="audio/aac", extension="aac", sample_rate=_ADTS_RATES[rate], channels=spoken)
