"""Audio in chunks with a name and a size: WAV, W64, AIFF, CAF; and AU, which has one header."""

from collections.abc import Mapping

from domain.sniffing.reading import NO_CHUNK, UNKNOWN_SIZES, Chunk, Sniffed, chunks, fields, seconds

_AU_SAMPLE_BYTES = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8, 27: 1}
_BIAS = 16383 + 63  # of the exponent of an 80-bit float, and the bits of its mantissa behind the point


def wav(head: bytes) -> Sniffed | None:
    """Judge RIFF, its big-endian twin RIFX, and RF64 and BW64 (EBU Tech 3306), whose long sizes have their own chunk."""
    order = {b"RIFF": "<", b"RIFX": ">", b"RF64": "<", b"BW64": "<"}.get(head[:4])
    return None if order is None else _wave("audio/wav", "wav", chunks(head, 12, f"{order}4sI"), order)


def w64(head: bytes) -> Sniffed | None:
    """Judge Sony Wave64: like RIFF, but names are GUIDs and sizes count their headers."""
    parts = chunks(head, 40, "<16sQ", own=24, align=8)
    return _wave("audio/x-w64", "w64", {name[:4]: part for name, part in parts.items()}, "<")


def _wave(content_type: str, extension: str, parts: Mapping[bytes, Chunk], order: str) -> Sniffed:
    _, channels, rate, byte_rate = fields(f"{order}HHII", parts.get(b"fmt ", NO_CHUNK).body) or (None,) * 4
    size = parts.get(b"data", NO_CHUNK).size
    if size in UNKNOWN_SIZES:
        _, size = fields("<QQ", parts.get(b"ds64", NO_CHUNK).body) or (0, 0)
    duration = None if size in UNKNOWN_SIZES else seconds(size, byte_rate)
    return Sniffed(content_type=content_type, extension=extension, sample_rate=rate, channels=channels, duration=duration)


def aiff(head: bytes) -> Sniffed | None:
    """Judge AIFF and AIFF-C."""
    if not head.startswith(b"FORM"):
        return None
    common = chunks(head, 12, ">4sI").get(b"COMM", NO_CHUNK).body
    channels, frames, _, exponent, mantissa = fields(">HIHHQ", common) or (None, 0, 0, 0, 0)
    rate = mantissa >> (_BIAS - exponent) if 0 <= _BIAS - exponent < 64 else None
    return Sniffed(
        content_type="audio/aiff", extension="aiff", sample_rate=rate, channels=channels, duration=seconds(frames, rate)
    )


def caf(head: bytes) -> Sniffed | None:
    """Judge Apple's Core Audio Format. Packets of varying size leave the duration open."""
    parts = chunks(head, 8, ">4sQ", align=1)
    described = fields(">d4s5I", parts.get(b"desc", NO_CHUNK).body) or (0.0, b"", 0, 0, 0, None, 0)
    rate, _, _, packet_bytes, packet_frames, channels, _ = described
    # The comparison is false for NaN too.
    rate = int(rate) if 0 < rate < 2**31 else None
    size = parts.get(b"data", NO_CHUNK).size
    packets = max(size - 4, 0) // packet_bytes if packet_bytes and size not in UNKNOWN_SIZES else 0
    duration = seconds(packets * packet_frames, rate)
    return Sniffed(content_type="audio/x-caf", extension="caf", sample_rate=rate, channels=channels, duration=duration)


def au(head: bytes) -> Sniffed | None:
    """Judge Sun's AU."""
    size, encoding, rate, channels = fields(">4I", head, 8) or (0, 0, None, None)
    frame = _AU_SAMPLE_BYTES.get(encoding, 0) * (channels or 0)
    duration = seconds(size / frame, rate) if frame and size not in UNKNOWN_SIZES else None
    return Sniffed(content_type="audio/basic", extension="au", sample_rate=rate, channels=channels, duration=duration)
