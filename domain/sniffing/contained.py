"""Audio in containers that hold other things too: Ogg, MP4, Matroska, ASF."""

from collections.abc import Iterator

from msgspec import structs

from domain.sniffing.framed import flac
from domain.sniffing.reading import UNKNOWN_SIZES, Sniffed, fields, seconds

_FIRST_PAGE = 2
_PICTURES = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"jp2 ", b"jpx ", b"crx "}
)
_HUGE = 2**29
_DOCTYPE = b"\x42\x82"
_EBML_HEADER = 128
_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"})


def ogg(head: bytes) -> Sniffed | None:
    """Judge Ogg (RFC 3533) by the first packet of each stream in it."""
    return next(filter(None, map(_codec, _first_packets(head))), None)


def _first_packets(head: bytes) -> Iterator[bytes]:
    start = 0
    while (page := fields(">4sxB20xB", head, start)) is not None:
        magic, flags, segments = page
        if magic != b"OggS" or not flags & _FIRST_PAGE:
            return
        lacing = head[start + 27 : start + 27 + segments]
        body = start + 27 + segments
        start = body + sum(lacing)
        yield head[body:start]


def _codec(packet: bytes) -> Sniffed | None:
    if packet.startswith(b"OpusHead"):
        (channels,) = fields("<9xB", packet) or (None,)
        # The rate in the header is that of the source: Opus decodes to 48 kHz (RFC 7845, 5.1).
        return Sniffed(content_type="audio/ogg", extension="opus", sample_rate=48_000, channels=channels)
    if packet.startswith(b"\x01vorbis"):
        channels, rate = fields("<11xBI", packet) or (None, None)
        return Sniffed(content_type="audio/ogg", extension="ogg", sample_rate=rate, channels=channels)
    if packet.startswith(b"Speex   "):
        rate, channels = fields("<36xI8xI", packet) or (None, None)
        return Sniffed(content_type="audio/ogg", extension="spx", sample_rate=rate, channels=channels)
    if packet.startswith(b"\x7fFLAC"):
        return structs.replace(flac(packet, 9), content_type="audio/ogg", extension="oga")
    return None


def mp4(head: bytes) -> Sniffed | None:
    """Judge the family of MP4 and QuickTime (ISO 14496-12), pictures excepted. Older files begin with any box."""
    _, name, brand = fields(">I4s4s", head) or (0, b"", b"")
    if brand in _PICTURES or (name != b"ftyp" and not _is_box(head)):
        return None
    extension = "m4a" if brand[:3] in {b"M4A", b"M4B", b"M4P"} else "mp4"
    movie = dict(_boxes(head)).get(b"moov", b"")
    return Sniffed(content_type="audio/mp4", extension=extension, duration=_movie_length(dict(_boxes(movie)).get(b"mvhd", b"")))


def _is_box(head: bytes) -> bool:
    """Tell whether these letters are a box's name: text has them too, but then reads as a huge size, or nothing follows."""
    (size,) = fields(">I", head) or (0,)
    if 8 <= size <= len(head) - 8:
        return head[size + 4 : size + 8] in _BOXES
    return size < _HUGE or head.startswith(b"mdat", 4)


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    start = 0
    while (header := fields(">I4s", data, start)) is not None:
        size, name = header
        if size == 1:
            (size,) = fields(">8xQ", data, start) or (0,)
        if size < 8:
            return
        yield name, data[start + 8 : start + size]
        start += size


def _movie_length(header: bytes) -> float | None:
    scale, length = fields(">20xIQ" if header.startswith(b"\1") else ">12xII", header) or (0, 0)
    return None if length in UNKNOWN_SIZES else seconds(length, scale)


def matroska(head: bytes) -> Sniffed | None:
    """Judge Matroska and WebM (RFC 8794) by the document type in the EBML header."""
    at = head.find(_DOCTYPE, 0, _EBML_HEADER)
    (size,) = fields("<2xB", head, max(at, 0)) or (0,)
    doctype = head[at + 3 : at + 3 + (size & 0x7F)] if at >= 0 else b""
    if doctype == b"webm":
        return Sniffed(content_type="audio/webm", extension="webm")
    return Sniffed(content_type="audio/matroska", extension="mka") if doctype == b"matroska" else None


def asf(_head: bytes) -> Sniffed | None:
    """Judge ASF: the GUID says it all."""
    return Sniffed(content_type="audio/x-ms-wma", extension="wma")
