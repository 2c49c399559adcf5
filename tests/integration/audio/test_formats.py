"""Audio of every kind that people upload comes out prepared; what can't be prepared is refused in words."""

import asyncio
from pathlib import Path

import pytest

from ports.audio import Format, Recipe
from ports.errors import Unusable
from tests import clips
from tests.integration.audio.conftest import Bench

pytestmark = pytest.mark.anyio

KINDS = {
    "mp3": (),
    "mp2": (),
    "flac": (),
    "m4a": (),
    "aac": ("-f", "adts"),
    "alac.m4a": ("-c:a", "alac"),
    "ogg": ("-c:a", "libvorbis"),
    "opus": ("-c:a", "libopus"),
    "oga": ("-c:a", "flac"),
    "webm": ("-c:a", "libopus"),
    "mka": ("-c:a", "libvorbis"),
    "wma": (),
    "aiff": (),
    "caf": (),
    "au": (),
    "w64": (),
    "8bit.wav": ("-c:a", "pcm_u8"),
    "24bit.wav": ("-c:a", "pcm_s24le"),
    "float.wav": ("-c:a", "pcm_f32le"),
    "double.wav": ("-c:a", "pcm_f64le"),
    "mulaw.wav": ("-c:a", "pcm_mulaw"),
    "adpcm.wav": ("-c:a", "adpcm_ms"),
    "rf64.wav": ("-rf64", "always"),
    "8k.wav": ("-ar", "8000"),
    "96k.flac": ("-ar", "96000"),
    "192k.wav": ("-ar", "192000"),
    "hot.wav": ("-af", "volume=20dB", "-c:a", "pcm_f32le"),
}


USUAL = {"mp3", "m4a", "ogg", "flac", "24bit.wav"}
"""What every ffmpeg is given."""


@pytest.mark.parametrize("kind", [pytest.param(kind, marks=[pytest.mark.each_ffmpeg] * (kind in USUAL)) for kind in KINDS])
async def test_every_kind_of_upload_is_prepared_and_called_whole(bench: Bench, tmp_path: Path, kind: str) -> None:
    prepared = await bench.prepare(clips.sound(tmp_path / f"sound.{kind}", clips.SPEECH, *KINDS[kind], seconds=4))

    assert clips.listen(prepared.audio).loudness == pytest.approx(-16, abs=0.5)
    assert not prepared.figures.damaged
    assert prepared.figures.before.duration == pytest.approx(4, abs=0.1)


async def test_a_video_gives_its_audio_and_a_cover_is_left_behind(bench: Bench, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    picture = ("-f", "lavfi", "-i", "testsrc=d=4:s=160x120", "-f", "lavfi", "-i", "sine=d=4", "-c:v", "mpeg4")
    clips.ffmpeg(*picture, film)
    prepared = await bench.prepare(film, Recipe(format=Format.M4A))

    said = clips.ffmpeg("-i", prepared.audio, "-f", "null", "-").stderr
    assert b"Video" not in said
    assert prepared.content_type == "audio/mp4"


async def test_more_than_two_channels_are_mixed_down_and_the_note_says_so(bench: Bench, tmp_path: Path) -> None:
    surround = clips.sound(tmp_path / "surround.flac", "|".join([clips.SPEECH] * 6))
    prepared = await bench.prepare(surround)

    assert (prepared.figures.before.channels, prepared.figures.after.channels) == (6, 2)
    assert "6 channels" in (prepared.figures.note or "")


async def test_audio_that_changes_its_rate_and_channels_midway_is_prepared_whole(bench: Bench, tmp_path: Path) -> None:
    parts = [
        clips.sound(tmp_path / "a.mp3", clips.SPEECH, seconds=3),
        clips.sound(tmp_path / "b.mp3", clips.SPEECH, "-ac", "2", seconds=3, rate=22_050),
    ]
    both = tmp_path / "both.mp3"
    both.write_bytes(b"".join(part.read_bytes() for part in parts))
    prepared = await bench.prepare(both, Recipe(trim=False))

    assert prepared.figures.after.duration == pytest.approx(6, abs=0.3)
    assert clips.listen(prepared.audio).loudness == pytest.approx(-16, abs=0.5)


@pytest.mark.each_ffmpeg
@pytest.mark.parametrize("ending", ["mp3", "flac", "ogg", "opus", "aac", "webm"])
async def test_a_file_cut_short_or_with_holes_is_prepared_and_called_damaged(bench: Bench, tmp_path: Path, ending: str) -> None:
    whole = clips.sound(tmp_path / f"whole.{ending}", clips.SPEECH, seconds=8).read_bytes()
    holed, third = tmp_path / f"holed.{ending}", len(whole) // 3
    holed.write_bytes(whole[:third] + b"\xa5" * 400 + whole[third + 400 : -third])
    prepared = await bench.prepare(holed)

    assert prepared.figures.damaged
    assert prepared.figures.after.duration > 1
    assert clips.listen(prepared.audio).peak <= -1


async def test_a_film_whose_index_is_missing_is_unusable(bench: Bench, tmp_path: Path) -> None:
    whole = clips.sound(tmp_path / "whole.m4a").read_bytes()
    headless = tmp_path / "headless.m4a"
    headless.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(Unusable, match="no audio that can be read"):
        await bench.prepare(headless)


@pytest.mark.each_ffmpeg
@pytest.mark.parametrize("odd", [float("nan"), float("inf")])
async def test_samples_that_are_no_numbers_are_unusable(bench: Bench, tmp_path: Path, odd: float) -> None:
    samples = clips.sine(2)
    samples[40_000] = odd

    with pytest.raises(Unusable, match="not numbers"):
        await bench.prepare(clips.wav(tmp_path / "odd.wav", samples))


@pytest.mark.each_ffmpeg
async def test_a_header_that_no_player_would_believe_is_unusable(bench: Bench, tmp_path: Path) -> None:
    tone = clips.sine(1)
    one_hertz = clips.wav(tmp_path / "one.wav", tone, rate=1)
    crowd = clips.wav(tmp_path / "crowd.wav", tone, channels=65_535)
    twelve = clips.wav(tmp_path / "twelve.wav", tone, channels=12)
    empty = clips.wav(tmp_path / "empty.wav", [])

    for source, says in (
        (one_hertz, "1 samples"),
        (crowd, "65535 channels"),
        (twelve, "12 channels; at most 8"),
        (empty, "no sound"),
    ):
        with pytest.raises(Unusable, match=says):
            await bench.prepare(source)


@pytest.fixture(scope="session")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = "anullsrc=r=4000:cl=mono:d=36000:n=32768"
    return clips.made(tmp_path_factory.mktemp("clips") / "endless.flac", source, "-compression_level", "0")


async def test_ten_silent_hours_in_a_few_megabytes_are_refused_before_they_are_decoded(bench: Bench, endless: Path) -> None:
    async with asyncio.timeout(5):
        with pytest.raises(Unusable, match="longer than 6 hours"):
            await bench.prepare(endless)


@pytest.mark.parametrize(("form", "kbps"), [(Format.MP3, 320), (Format.M4A, 320), (Format.OPUS, 320), (Format.MP3, 32)])
async def test_a_bit_rate_the_encoder_does_not_permit_is_brought_to_one_it_does(
    bench: Bench, tmp_path: Path, form: Format, kbps: int
) -> None:
    narrow = clips.sound(tmp_path / "narrow.wav", clips.SPEECH, rate=8_000)
    prepared = await bench.prepare(narrow, Recipe(format=form, bitrate_kbps=kbps))

    assert prepared.figures.note is None


@pytest.mark.each_ffmpeg
@pytest.mark.parametrize("form", list(Format))
async def test_what_is_measured_is_what_a_player_plays_without_the_encoders_delay(
    bench: Bench, tmp_path: Path, form: Format
) -> None:
    fading = clips.sound(tmp_path / "fading.wav", "0.5*sin(1885*t)*exp(-8*mod(t,0.37))", seconds=0.45)
    prepared = await bench.prepare(fading, Recipe(format=form, target_lufs=-23, trim=False))

    assert clips.listen(prepared.audio).loudness == pytest.approx(-23, abs=0.5)


@pytest.mark.parametrize("form", list(Format))
@pytest.mark.parametrize("rate", [4_000, 8_000])
async def test_the_long_frames_of_low_rates_are_filled_without_a_complaint(
    bench: Bench, tmp_path: Path, form: Format, rate: int
) -> None:
    narrow = clips.wav(tmp_path / "narrow.wav", clips.sine(1)[: 4 * 1024 + 10], rate=rate)
    prepared = await bench.prepare(narrow, Recipe(format=form, trim=False))

    assert prepared.figures.after.duration == pytest.approx((4 * 1024 + 10) / rate, abs=0.01)


async def test_24_bits_stay_24_in_lossless_formats_and_16_stay_16(bench: Bench, tmp_path: Path) -> None:
    wide = clips.sound(tmp_path / "wide.wav", clips.SPEECH, "-c:a", "pcm_s24le")
    plain = clips.sound(tmp_path / "plain.wav", clips.SPEECH)

    assert (await bench.prepare(wide, Recipe(format=Format.WAV))).figures.after.codec == "pcm_s24le"
    assert (await bench.prepare(plain, Recipe(format=Format.WAV))).figures.after.codec == "pcm_s16le"
