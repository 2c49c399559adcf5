"""One listening pass: loudness, true peak, silences, length and waveform of a stream, all from one decoding of it."""

import re
from collections.abc import Callable
from typing import TypeAlias

from adapters.ffmpeg.decode import QUIET
from adapters.ffmpeg.loudness import Loudness, Meters
from adapters.ffmpeg.peaks import RATE, SAMPLES, Waveform
from adapters.ffmpeg.process import Command
from adapters.ffmpeg.silence import Silences

Heard: TypeAlias = Callable[[float], None]
"""Told how many seconds of the stream have passed."""

OUTLINE = f"aresample={RATE}:filter_size=8:ochl=mono:osf=s16"
"""The filter a waveform is drawn behind. A short resampling filter is cheaper, and what it aliases can't be seen."""

NUMBERS = "astats@numbers=measure_perchannel=none:measure_overall=Number_of_NaNs+Number_of_Infs"
NOT_NUMBERS = re.compile(r"^\[astats@numbers @ \w+\] Number of (?:NaN|Inf)s: (?P<count>[\d.]+)")


class Listener:
    """The last child of a chain, and what it found out about the stream it was given."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._meters = Meters()
        self.silences = Silences()
        self.waveform = Waveform()
        self.not_numbers = 0.0

    def command(self, stream: tuple[str, ...], extra: tuple[str, ...] = (), skipped: int = 0) -> Command:
        """Return the command that listens to `stream` (arguments that open it), with `extra` filters before the meter.

        So many samples at its start are `skipped`.
        """
        # framelog: ffmpeg 5 would print ten lines a second; it does not know `quiet` yet.
        meter = ",".join((*extra, "ebur128@stream=peak=true:framelog=verbose"))
        lead = f"atrim=start_sample={skipped}," if skipped else ""
        graph = f"[0:a]{lead}asplit=2[whole][outline];[whole]{meter}[measured];[outline]{OUTLINE}[drawn]"
        nowhere = ("-map", "[measured]", "-c:a", "pcm_f64le", "-f", "null", "-")
        drawn = ("-map", "[drawn]", "-f", SAMPLES, "pipe:1")
        return Command((*QUIET, "-v", "info", *stream, "-filter_complex", graph, *nowhere, *drawn), self._hear)

    def tap(self, chunk: bytes) -> None:
        """Take a piece of the outline that the command writes."""
        self.waveform.feed(chunk)
        self._heard(self.waveform.seconds)

    @property
    def loudness(self) -> Loudness:
        """The figures of the whole stream."""
        return self._meters.read("stream")

    def _hear(self, line: str) -> None:
        self._meters.hear(line)
        self.silences.hear(line)
        if found := NOT_NUMBERS.match(line):
            self.not_numbers += float(found["count"])
