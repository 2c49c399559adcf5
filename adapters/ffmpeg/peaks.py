"""Draw a waveform from samples as they pass: bounded points, whatever the length, as audiowaveform's JSON (version 2)."""

import sys
from array import array
from pathlib import Path

from msgspec import Struct, json

RATE = 8_000
"""Samples a second that a waveform is drawn from: mono, 16 bits, in the byte order of SAMPLES."""

SAMPLES = f"s16{'le' if sys.byteorder == 'little' else 'be'}"
"""ffmpeg's name for 16-bit samples in this machine's byte order."""

FINEST = 32
"""Samples in a point of a short file: 4 ms."""

MOST = 8_000
"""Points at which neighbours are merged: wider than any screen, 100 kB of JSON, six hours or six seconds."""


class Drawing(Struct, frozen=True, kw_only=True):
    """audiowaveform's data format, version 2: `data` alternates the lowest and the highest sample of each point."""

    version: int = 2
    channels: int = 1
    sample_rate: int = RATE
    samples_per_pixel: int
    bits: int = 16
    length: int
    data: list[int]


class Waveform:
    """Takes a stream of samples and keeps the lowest and highest of each of at most MOST points."""

    def __init__(self) -> None:
        self._lows, self._highs = array("h"), array("h")
        self._per_point = FINEST
        self._waiting = array("h")
        self._odd = b""
        self._count = 0

    @property
    def seconds(self) -> float:
        """The length of what was fed so far."""
        return self._count / RATE

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the stream; a sample may be cut between two pieces."""
        data = self._odd + chunk
        even = len(data) & ~1
        self._odd = data[even:]
        self._waiting.frombytes(data[:even])
        self._count += even // 2
        self._draw()

    def _draw(self) -> None:
        drawn = 0
        while len(self._waiting) - drawn >= self._per_point:
            end = drawn + self._per_point
            self._add(self._waiting[drawn:end])
            drawn = end
        del self._waiting[:drawn]

    def _add(self, samples: "array[int]") -> None:
        self._lows.append(min(samples))
        self._highs.append(max(samples))
        if len(self._lows) == MOST:
            self._lows = array("h", map(min, self._lows[::2], self._lows[1::2]))
            self._highs = array("h", map(max, self._highs[::2], self._highs[1::2]))
            self._per_point *= 2

    def drawing(self) -> Drawing:
        """Return the waveform so far; samples too few for a whole point make the last one."""
        lows, highs = list(self._lows), list(self._highs)
        if self._waiting:
            lows.append(min(self._waiting))
            highs.append(max(self._waiting))
        data = [value for pair in zip(lows, highs, strict=True) for value in pair]
        return Drawing(samples_per_pixel=self._per_point, length=len(lows), data=data)

    def write(self, path: Path) -> None:
        """Write the waveform to `path`."""
        path.write_bytes(json.encode(self.drawing()))
