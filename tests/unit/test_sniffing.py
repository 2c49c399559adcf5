"""Sniffing: every family by a header made here, what is no audio, and that nothing makes it raise."""

import io
import struct
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sniffing import HEAD, Sniffed, sniff


def chunk(name: bytes, body: bytes, order: str = "<", size: int | None = None) -> bytes:
    return name + struct.pack(f"{order}I", len(body) if size is None else size) + body + b"\0" * (len(body) % 2)


def made_wav(form: bytes = b"RIFF", order: str = "<", size: int | None = None, between: bytes = b"") -> bytes:
    fmt = chunk(b"fmt ", struct.pack(f"{order}HHIIHH", 1, 2, 44_100, 176_400, 4, 16), order)
    return form + b"\xff" * 4 + b"WAVE" + between + fmt + chunk(b"data", b"\0" * 100, order, 352_800 if size is None else size)


def by_wave_module() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, 8_000, 0, "NONE", ""))
        writer.writeframes(b"\0" * 16_000)
    return file.getvalue()


def made_w64() -> bytes:
    tail = b"\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
    riff = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00" + struct.pack("<Q", 1000) + b"wave" + tail
    fmt = b"fmt " + tail + struct.pack("<QHHIIHH", 40, 1, 2, 48_000, 192_000, 4, 16)
    return riff + fmt + b"data" + tail + struct.pack("<Q", 24 + 384_000) + b"\0" * 100


def made_aiff(form: bytes = b"AIFF") -> bytes:
    common = struct.pack(">HIHHQ", 2, 88_200, 16, 16383 + 15, 44_100 << 48)
    return b"FORM\0\0\0\0" + form + chunk(b"ANNO", b"odd", ">") + chunk(b"COMM", common, ">") + chunk(b"SSND", b"\0" * 50, ">")


def made_caf(rate: float = 44_100.0, size: int = 4 + 176_400) -> bytes:
    desc = struct.pack(">4sQd4s5I", b"desc", 32, rate, b"lpcm", 0, 4, 1, 2, 16)
    return b"caff\0\1\0\0" + desc + struct.pack(">4sQ", b"data", size) + b"\0" * 40


def made_au(size: int = 32_000) -> bytes:
    return struct.pack(">4s5I", b".snd", 24, size, 3, 16_000, 1) + b"\0" * 40


def made_flac(samples: int = 96_000) -> bytes:
    packed = 48_000 << 44 | (2 - 1) << 41 | (16 - 1) << 36 | samples
    return b"fLaC\x80\0\0\x22" + b"\0" * 10 + struct.pack(">Q", packed) + b"\0" * 16


def made_tag(size: int, *, footer: bool = False) -> bytes:
    rest = bytes([0x10 if footer else 0, *(size >> shift & 0x7F for shift in (21, 14, 7, 0))])
    return b"ID3\4\0" + rest + b"x" * size + (b"3DI\4\0" + rest if footer else b"")


def mp3_frames(count: int) -> bytes:
    return (b"\xff\xfb\x90\x44" + b"\x55" * 413) * count


def mono_frames_of_mpeg_2(count: int) -> bytes:
    return (b"\xff\xf3\x80\xc4" + b"\x55" * 204) * count


def layer_ii_frames(count: int) -> bytes:
    return (b"\xff\xfd\xa4\x04" + b"\x55" * 572) * count


def adts_frames(count: int, channels: int = 2, length: int = 100) -> bytes:
    bits = 0xFFF1 << 40 | 1 << 38 | 4 << 34 | channels << 30 | length << 13 | 0x7FF << 2
    return (bits.to_bytes(7, "big") + b"\x21" * (length - 7)) * count


def made_page(packet: bytes, flags: int = 2) -> bytes:
    lacing = [255] * (len(packet) // 255) + [len(packet) % 255]
    return b"OggS\0" + bytes([flags]) + b"\0" * 20 + bytes([len(lacing), *lacing]) + packet


OPUS = b"OpusHead\1\2" + b"\0" * 9
VORBIS = b"\x01vorbis" + struct.pack("<IBI", 0, 1, 22_050) + b"\0" * 14
SPEEX = b"Speex   1.2".ljust(36, b"\0") + struct.pack("<4I", 16_000, 1, 4, 1) + b"\0" * 28
FLAC_IN_OGG = b"\x7fFLAC\1\0\0\1" + made_flac()


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), name) + body


def made_mp4(brand: bytes) -> bytes:
    mvhd = box(b"mvhd", struct.pack(">4x2III", 0, 0, 1000, 2500) + b"\0" * 80)
    return box(b"ftyp", brand + b"\0\0\0\0isom") + box(b"moov", mvhd) + struct.pack(">I4s", 100_000, b"mdat") + b"\0" * 64


def made_long_mp4() -> bytes:
    mvhd = box(b"mvhd", struct.pack(">B3xQQIQ", 1, 0, 0, 1000, 2500) + b"\0" * 80)
    return box(b"moov", mvhd) + struct.pack(">I4sQ", 1, b"mdat", 2**33)


def made_ebml(doctype: bytes) -> bytes:
    body = b"\x42\x86\x81\x01\x42\xf7\x81\x01\x42\x82" + bytes([0x80 | len(doctype)]) + doctype
    return b"\x1a\x45\xdf\xa3" + bytes([0x80 | len(body)]) + body + b"\0" * 30


def audio(
    kind: str, extension: str, rate: int | None = None, channels: int | None = None, duration: float | None = None
) -> Sniffed:
    return Sniffed(content_type=f"audio/{kind}", extension=extension, sample_rate=rate, channels=channels, duration=duration)


DS64 = chunk(b"ds64", struct.pack("<QQQI", 0, 352_800, 0, 0))
ASF = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c" + b"\0" * 20
WAV = audio("wav", "wav", 44_100, 2, 2.0)
MP3 = audio("mpeg", "mp3", 44_100, 2)

FILES: dict[str, tuple[bytes, Sniffed]] = {
    "wav": (made_wav(), WAV),
    "wav with other chunks first": (made_wav(between=chunk(b"JUNK", b"odd") + chunk(b"LIST", b"x" * 30)), WAV),
    "wav by the standard library": (by_wave_module(), audio("wav", "wav", 8_000, 1, 1.0)),
    "rifx": (made_wav(b"RIFX", ">"), WAV),
    "rf64": (made_wav(b"RF64", size=0xFFFFFFFF, between=DS64), WAV),
    "bw64": (made_wav(b"BW64", size=0xFFFFFFFF, between=DS64), WAV),
    "wav of unknown size": (made_wav(size=0xFFFFFFFF), audio("wav", "wav", 44_100, 2)),
    "wav not finished": (made_wav(size=0), audio("wav", "wav", 44_100, 2)),
    "w64": (made_w64(), audio("x-w64", "w64", 48_000, 2, 2.0)),
    "aiff": (made_aiff(), audio("aiff", "aiff", 44_100, 2, 2.0)),
    "aifc": (made_aiff(b"AIFC"), audio("aiff", "aiff", 44_100, 2, 2.0)),
    "caf": (made_caf(), audio("x-caf", "caf", 44_100, 2, 1.0)),
    "caf of unknown size": (made_caf(size=2**64 - 1), audio("x-caf", "caf", 44_100, 2)),
    "caf whose rate is no number": (made_caf(float("nan")), audio("x-caf", "caf", None, 2)),
    "au": (made_au(), audio("basic", "au", 16_000, 1, 1.0)),
    "au of unknown size": (made_au(0xFFFFFFFF), audio("basic", "au", 16_000, 1)),
    "flac": (made_flac(), audio("flac", "flac", 48_000, 2, 2.0)),
    "flac of unknown length": (made_flac(0), audio("flac", "flac", 48_000, 2)),
    "flac behind a tag": (made_tag(300) + made_flac(), audio("flac", "flac", 48_000, 2, 2.0)),
    "mp3": (mp3_frames(3), MP3),
    "mp3, one frame": (mp3_frames(1), MP3),
    "mp3, cut in the second frame": (mp3_frames(2)[:-100], MP3),
    "mp3 behind a tag": (made_tag(1000) + mp3_frames(3), MP3),
    "mp3 behind a tag with a footer": (made_tag(200, footer=True) + mp3_frames(3), MP3),
    "mp3 behind two tags": (made_tag(100) + made_tag(50) + mp3_frames(3), MP3),
    "mp3 behind a tag and zeros": (made_tag(100) + b"\0" * 5000 + mp3_frames(3), MP3),
    "mp3 behind a tag that fills the head": (made_tag(HEAD), audio("mpeg", "mp3")),
    "mp3 behind a tag that all but fills the head": ((made_tag(HEAD - 300) + mp3_frames(3)), MP3),
    "mp3 behind zeros": (b"\0" * 3000 + mp3_frames(3), MP3),
    "mp3 cut from a stream": (mp3_frames(1)[100:] + mp3_frames(5), MP3),
    "mp3 of mpeg 2, mono": (mono_frames_of_mpeg_2(3), audio("mpeg", "mp3", 22_050, 1)),
    "mpeg layer ii": (layer_ii_frames(3), audio("mpeg", "mp2", 48_000, 2)),
    "adts": (adts_frames(3), audio("aac", "aac", 44_100, 2)),
    "adts with eight channels": (adts_frames(3, 7), audio("aac", "aac", 44_100, 8)),
    "adts behind a tag": (made_tag(73) + adts_frames(3), audio("aac", "aac", 44_100, 2)),
    "opus": (made_page(OPUS) + made_page(b"OpusTags", 0), audio("ogg", "opus", 48_000, 2)),
    "vorbis": (made_page(VORBIS), audio("ogg", "ogg", 22_050, 1)),
    "flac in ogg": (made_page(FLAC_IN_OGG), audio("ogg", "oga", 48_000, 2, 2.0)),
    "speex": (made_page(SPEEX), audio("ogg", "spx", 16_000, 1)),
    "vorbis behind a skeleton": (made_page(b"fishead\0" + b"\0" * 56) + made_page(VORBIS), audio("ogg", "ogg", 22_050, 1)),
    "m4a": (made_mp4(b"M4A "), audio("mp4", "m4a", duration=2.5)),
    "mp4": (made_mp4(b"isom"), audio("mp4", "mp4", duration=2.5)),
    "3gp": (made_mp4(b"3gp4"), audio("mp4", "mp4", duration=2.5)),
    "mov": (made_mp4(b"qt  "), audio("mp4", "mp4", duration=2.5)),
    "mov that begins with wide": (box(b"wide", b"") + struct.pack(">I4s", 9_999_999, b"mdat"), audio("mp4", "mp4")),
    "mp4 that begins with moov": (made_long_mp4(), audio("mp4", "mp4", duration=2.5)),
    "mp4 that begins with a large mdat": (struct.pack(">I4sQ", 1, b"mdat", 2**33) + b"\x21" * 50, audio("mp4", "mp4")),
    "webm": (made_ebml(b"webm"), audio("webm", "webm")),
    "matroska": (made_ebml(b"matroska"), audio("matroska", "mka")),
    "amr": (b"#!AMR\n" + b"\x3c" * 32, audio("amr", "amr", 8_000, 1)),
    "amr-wb": (b"#!AMR-WB\n" + b"\x3c" * 32, audio("amr-wb", "awb", 16_000, 1)),
    "wma": (ASF, audio("x-ms-wma", "wma")),
}

NO_AUDIO: dict[str, bytes] = {
    "nothing": b"",
    "zeros": b"\0" * 9000,
    "ones": b"\xff" * 9000,
    "text": b"The quick brown fox " * 99,
    "text in utf-16": "The quick brown fox".encode("utf-16") * 99,
    "text that says mdat": b"The moov is free to skip " * 9,
    "html": b"<!doctype html><audio src=x.mp3>",
    "playlist": b"#EXTM3U\n#EXTINF:1,x\nhttp://example.com/x.mp3\n",
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF" + b"\x55" * 500,
    "png": b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    "heic": box(b"ftyp", b"heic\0\0\0\0mif1") + b"\0" * 100,
    "zip that stores an mp3": b"PK\3\4" + b"\0" * 30 + mp3_frames(9),
    "tar of an mp3": b"x.mp3".ljust(257, b"\0") + b"ustar".ljust(255, b"\0") + mp3_frames(9),
    "midi": b"MThd\0\0\0\6\0\1\0\2\0\x60MTrk",
    "ape": b"MAC \x96\x0f\0\0" + b"\0" * 100,
    "wavpack": b"wvpk" + b"\x10\0\0\0" * 20,
    "avi": b"RIFF\0\0\0\0AVI LIST" + b"\0" * 100,
    "webp": b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 100,
    "ogg film": made_page(b"\x80theora" + b"\0" * 40),
    "ebml of another kind": made_ebml(b"other"),
    "tag with nothing of audio behind": made_tag(100) + b"no audio here" * 20,
    "tag whose size is none": b"ID3\4\0\0\xff\xff\xff\xff" + mp3_frames(3),
    "one sync": mp3_frames(1) + b"\x55" * 500,
    "form of another kind": b"FORM\0\0\0\0ILBMBMHD" + b"\0" * 50,
    "wave of no riff": b"XXXX\0\0\0\0WAVEfmt ",
}


@pytest.mark.parametrize(("head", "expected"), FILES.values(), ids=FILES)
def test_audio_is_known_by_its_first_bytes(head: bytes, expected: Sniffed) -> None:
    assert sniff(head) == expected


@pytest.mark.parametrize("head", NO_AUDIO.values(), ids=NO_AUDIO)
def test_what_is_no_audio_is_none(head: bytes) -> None:
    assert sniff(head) is None


@pytest.mark.parametrize("head", [head for head, _ in FILES.values()], ids=FILES)
def test_a_header_cut_anywhere_raises_nothing(head: bytes) -> None:
    for end in range(min(len(head), 600)):
        sniff(head[:end])


@given(st.sampled_from([head for head, _ in FILES.values()]), st.data())
def test_a_header_with_bytes_changed_raises_nothing(head: bytes, data: st.DataObject) -> None:
    changed = bytearray(head[:600])
    for at in data.draw(st.lists(st.integers(0, len(changed) - 1), max_size=8)):
        changed[at] = data.draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]))
    sniff(bytes(changed))


@given(st.sampled_from([head[:16] for head, _ in FILES.values()] + [b""]), st.binary(max_size=2000))
def test_any_bytes_raise_nothing(magic: bytes, rest: bytes) -> None:
    sniff(magic + rest)


def test_bytes_beyond_the_head_are_not_looked_at() -> None:
    assert sniff(b"\0" * HEAD + mp3_frames(3)) is None
