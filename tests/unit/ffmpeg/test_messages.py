"""What ffmpeg prints is understood, whichever version prints it."""

import pytest

from adapters.ffmpeg.encoders import ENCODERS, most_kbps, output_rate
from adapters.ffmpeg.faults import Complaints
from adapters.ffmpeg.limits import in_words
from adapters.ffmpeg.lines import LONGEST, Lines
from adapters.ffmpeg.loudness import Meters
from adapters.ffmpeg.probe import count_channels
from adapters.ffmpeg.silence import Silences
from ports.audio import Format
from ports.errors import EngineFailed, OutOfSpace, Unusable

SUMMARY = (
    "[ebur128@after @ 0x1] Summary:\n\n  Integrated loudness:\n    I:         {} LUFS\n    LRA: 3.0 LU\n    Peak:       {} dBFS"
)


@pytest.mark.parametrize(
    ("layout", "channels"),
    [("mono", 1), ("stereo", 2), ("5.1(side)", 6), ("7.1.2", 10), ("quad", 4), ("12 channels (FL+FR)", 12), ("65 channels", 65)],
)
def test_channels_are_counted_from_the_layouts_name(layout: str, channels: int) -> None:
    assert count_channels(layout) == channels


def test_a_layout_nobody_knows_is_unusable() -> None:
    with pytest.raises(Unusable):
        count_channels("ambisonic 3")


def test_a_meter_that_prints_twice_is_read_the_second_time() -> None:
    meters = Meters()
    for line in f"{SUMMARY.format(-70.0, '-inf')}\n{SUMMARY.format(-17.7, -9.3)}".splitlines():
        meters.hear(line)

    assert (meters.read("after").integrated, meters.read("after").peak, meters.read("after").range) == (-17.7, -9.3, 3.0)


@pytest.mark.parametrize("nothing", ["-70.0", "nan", "-inf"])
def test_what_has_no_loudness_or_peak_has_none(nothing: str) -> None:
    meters = Meters()
    for line in SUMMARY.format(nothing, "-inf").splitlines():
        meters.hear(line)

    assert (meters.read("after").integrated, meters.read("after").peak, meters.read("after").range) == (None, None, None)


@pytest.mark.parametrize("prefix", ["silencedetect @ 0x{}", "Parsed_silencedetect_0 @ 0x{}"])
def test_the_threshold_for_the_loudness_decides_which_silence_counts(prefix: str) -> None:
    silences = Silences()
    for who, head, tail in (("b", 1.0, 9.0), ("a", 2.0, 8.0)):
        said = f"[{prefix.format(who)}]"
        for event in ("start: 0", f"end: {head} | silence_duration: 1", "start: 4", "end: 4.5", f"start: {tail}", "end: 10"):
            silences.hear(f"{said} silence_{event}")

    assert silences.sounding(-16.0, 10.0).start == pytest.approx(1.8)
    assert silences.sounding(-16.0, 10.0).end == pytest.approx(8.5)
    assert silences.sounding(-25.0, 10.0).start == pytest.approx(0.8)
    assert silences.sounding(-35.0, 10.0).seconds == 10
    assert silences.sounding(None, 10.0).seconds == 10


def test_a_click_at_the_very_start_is_no_silence() -> None:
    silences = Silences()
    for event in ("start: 0.0005", "end: 3"):
        silences.hear(f"[silencedetect @ 0x1] silence_{event}")

    assert silences.sounding(-16.0, 10.0).start == 0


def test_lines_are_whole_however_they_arrive_and_bounded_however_long_they_are() -> None:
    heard: list[str] = []
    lines = Lines(heard.append)
    for chunk in (b"on", b"e\ntwo\r\nthr", b"ee\n", b"x" * 10_000, b"x" * 10_000, b"\nend\n"):
        lines.feed(chunk)

    assert heard == ["one", "two", "three", "x" * LONGEST, "end"]


@pytest.mark.parametrize(
    ("line", "code", "error"),
    [
        ("Error writing trailer: No space left on device", 228, OutOfSpace),
        ("file.mp3: File too large", 1, Unusable),
        ("Conversion failed!", 1, EngineFailed),
        ("", -25, Unusable),
        ("", -24, EngineFailed),
        ("", 127, EngineFailed),
    ],
)
def test_a_childs_end_is_understood_from_its_code_and_its_last_words(line: str, code: int, error: type[Exception]) -> None:
    complaints = Complaints()
    complaints.hear(line)

    with pytest.raises(error):
        complaints.judge(code)


@pytest.mark.parametrize(
    ("form", "rate", "becomes"),
    [(Format.MP3, 96_000, 48_000), (Format.MP3, 88_200, 44_100), (Format.M4A, 176_400, 44_100), (Format.MP3, 4_000, 8_000),
     (Format.MP3, 37_800, 44_100), (Format.OPUS, 44_100, 48_000), (Format.FLAC, 192_000, 192_000)],
)  # fmt: skip
def test_a_sample_rate_the_format_does_not_know_becomes_the_nearest_that_loses_nothing(
    form: Format, rate: int, becomes: int
) -> None:
    assert output_rate(ENCODERS[form], rate) == becomes


@pytest.mark.parametrize(
    ("form", "rate", "channels", "kbps"),
    [(Format.MP3, 44_100, 2, 320), (Format.MP3, 22_050, 2, 160), (Format.MP3, 8_000, 1, 64), (Format.OPUS, 48_000, 1, 256)],
)
def test_each_format_has_a_highest_bit_rate(form: Format, rate: int, channels: int, kbps: int) -> None:
    assert most_kbps(form, rate, channels) == kbps


@pytest.mark.parametrize(
    ("seconds", "said"), [(21_600, "6 hours"), (5_400, "90 minutes"), (2, "2 seconds"), (3_600, "60 minutes")]
)
def test_lengths_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert in_words(seconds) == said
