"""The waveform keeps every extreme, in bounded points that still map to true time."""

import struct
from array import array
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from adapters.ffmpeg.peaks import FINEST, MOST, Waveform

SAMPLES = st.lists(st.integers(-32_768, 32_767), max_size=400)


def _drawn(samples: list[int], cuts: list[int]) -> Waveform:
    data, waveform = array("h", samples).tobytes(), Waveform()
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, end in pairwise(edges):
        waveform.feed(data[start:end])
    return waveform


@given(SAMPLES, st.lists(st.integers(0, 800), max_size=6))
def test_each_point_is_the_lowest_and_highest_of_its_samples_however_the_stream_is_cut(
    samples: list[int], cuts: list[int]
) -> None:
    drawing = _drawn(samples, cuts).drawing()
    points = [samples[at : at + FINEST] for at in range(0, len(samples), FINEST)]

    assert drawing.data == [extreme for point in points for extreme in (min(point), max(point))]
    assert drawing.length == len(points)


def test_a_long_stream_has_a_bounded_number_of_points_and_keeps_its_extremes() -> None:
    waveform, quiet = Waveform(), bytes(2 * 8_000)
    for _ in range(3_600):
        waveform.feed(quiet)
    waveform.feed(struct.pack("=hh", -32_768, 32_767))
    drawing = waveform.drawing()

    assert MOST / 2 <= drawing.length <= MOST
    assert (min(drawing.data), max(drawing.data)) == (-32_768, 32_767)
    assert drawing.length * drawing.samples_per_pixel >= 3_600 * drawing.sample_rate
    assert waveform.seconds == 3_600 + 2 / 8_000


def test_a_stream_without_samples_has_no_points() -> None:
    assert Waveform().drawing().data == []
