"""What `AudioEngine.prepare` promises of audio that can be prepared, sentence by sentence."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from ports.audio import AudioEngine, Format, Prepared, Recipe
from tests import clips

pytestmark = pytest.mark.anyio

AMPLE = timedelta(seconds=60)
PLAIN = Recipe()


async def prepare(engine: AudioEngine, source: Path, into: Path, recipe: Recipe = PLAIN) -> Prepared:
    return await engine.prepare(source, into, recipe, AMPLE, lambda _share, _phrase: None)


@pytest.mark.each_ffmpeg
@pytest.mark.parametrize("form", Format)
async def test_the_loudness_is_met_within_half_a_unit_in_the_encoded_file(
    engine: AudioEngine, speech: Path, into: Path, form: Format
) -> None:
    prepared = await prepare(engine, speech, into, Recipe(format=form))

    assert clips.listen(prepared.audio).loudness == pytest.approx(-16, abs=0.5)
    assert prepared.figures.note is None


@pytest.mark.parametrize("form", Format)
async def test_the_true_peak_is_kept_under_the_limit_in_the_encoded_file(
    engine: AudioEngine, peaky: Path, into: Path, form: Format
) -> None:
    prepared = await prepare(engine, peaky, into, Recipe(format=form, target_lufs=-14, true_peak_dbtp=-2, trim=False))

    assert prepared.figures.limited
    assert clips.listen(prepared.audio).peak <= -2


async def test_the_note_says_why_where_the_peak_limit_forbids_the_loudness(
    engine: AudioEngine, into: Path, tmp_path: Path
) -> None:
    clicks = clips.sound(tmp_path / "clicks.wav", "0.9*lt(mod(t,1),0.0005)")
    prepared = await prepare(engine, clicks, into)

    assert prepared.figures.note is not None
    assert "-1 dBTP" in prepared.figures.note
    assert clips.listen(prepared.audio).peak <= -1


async def test_silence_at_both_ends_goes_when_the_recipe_trims_and_a_little_air_stays(
    engine: AudioEngine, framed: Path, into: Path
) -> None:
    prepared = await prepare(engine, framed, into)

    assert prepared.figures.trimmed_head == pytest.approx(1.8, abs=0.15)
    assert prepared.figures.trimmed_tail == pytest.approx(2.5, abs=0.3)
    assert clips.listen(prepared.audio).seconds == pytest.approx(4.7, abs=0.4)


async def test_silence_stays_when_the_recipe_does_not_trim(engine: AudioEngine, framed: Path, into: Path) -> None:
    prepared = await prepare(engine, framed, into, Recipe(trim=False))

    assert (prepared.figures.trimmed_head, prepared.figures.trimmed_tail) == (0, 0)
    assert clips.listen(prepared.audio).seconds == pytest.approx(9, abs=0.1)


async def test_silence_as_a_whole_is_not_trimmed_to_nothing(engine: AudioEngine, into: Path, tmp_path: Path) -> None:
    prepared = await prepare(engine, clips.wav(tmp_path / "silent.wav", [0.0] * 88_200), into)

    assert clips.listen(prepared.audio).seconds == pytest.approx(2, abs=0.1)
    assert prepared.figures.before.loudness_lufs is None
    assert prepared.figures.before.true_peak_dbtp is None
    assert prepared.figures.gain_db == 0
    assert "silent" in (prepared.figures.note or "")


async def test_less_than_four_tenths_of_a_second_have_no_loudness(engine: AudioEngine, into: Path, tmp_path: Path) -> None:
    prepared = await prepare(engine, clips.wav(tmp_path / "short.wav", clips.sine(0.3)), into)

    assert prepared.figures.before.loudness_lufs is None
    assert prepared.figures.before.true_peak_dbtp == pytest.approx(-12, abs=0.2)
    assert prepared.figures.gain_db == 0


async def test_audio_too_short_to_measure_still_keeps_its_peak_under_the_limit(
    engine: AudioEngine, into: Path, tmp_path: Path
) -> None:
    prepared = await prepare(engine, clips.wav(tmp_path / "short.wav", clips.sine(0.3, level=1.4)), into)

    assert clips.listen(prepared.audio).peak <= -1


@pytest.mark.each_ffmpeg
async def test_the_figures_are_counted_on_decoded_samples(engine: AudioEngine, speech: Path, into: Path) -> None:
    prepared = await prepare(engine, speech, into, Recipe(trim=False))
    before, after = clips.listen(speech), clips.listen(prepared.audio)

    for figures, heard in ((prepared.figures.before, before), (prepared.figures.after, after)):
        assert figures.loudness_lufs == pytest.approx(heard.loudness, abs=0.15)
        assert figures.true_peak_dbtp == pytest.approx(heard.peak, abs=0.15)
        assert figures.duration == pytest.approx(heard.seconds, abs=0.01)
    assert (prepared.figures.after.codec, prepared.figures.after.sample_rate) == ("mp3", 44_100)


async def test_prepare_writes_only_below_the_folder_it_is_given(engine: AudioEngine, speech: Path, into: Path) -> None:
    around = clips.names(speech.parent)
    prepared = await prepare(engine, speech, into)

    assert clips.names(into) == {prepared.audio.name, prepared.prepared_peaks.name, prepared.original_peaks.name}
    assert clips.names(speech.parent) == around
    assert clips.names(into.parent) == {"into"}


async def test_the_peaks_are_audiowaveforms_and_span_the_audio(engine: AudioEngine, speech: Path, into: Path) -> None:
    prepared = await prepare(engine, speech, into, Recipe(trim=False))

    for path in (prepared.original_peaks, prepared.prepared_peaks):
        drawing = msgspec.json.decode(path.read_bytes())
        assert (drawing["version"], drawing["channels"], drawing["bits"]) == (2, 1, 16)
        assert len(drawing["data"]) == 2 * drawing["length"]
        assert drawing["length"] * drawing["samples_per_pixel"] / drawing["sample_rate"] == pytest.approx(6, abs=0.05)


@pytest.mark.each_ffmpeg
async def test_progress_goes_from_nought_to_one_and_never_falls(engine: AudioEngine, peaky: Path, into: Path) -> None:
    told: list[tuple[float, str]] = []
    await engine.prepare(peaky, into, Recipe(target_lufs=-14), AMPLE, lambda share, phrase: told.append((share, phrase)))
    shares = [share for share, _ in told]

    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert all(phrase for _, phrase in told)


async def test_what_a_listener_to_progress_raises_ends_the_work(engine: AudioEngine, speech: Path, into: Path) -> None:
    def stop(_share: float, _phrase: str) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await engine.prepare(speech, into, PLAIN, AMPLE, stop)
