"""Read the figures that `ebur128` prints when it ends: EBU R128 loudness and range, ITU-R BS.1770 true peak."""

import math
import re

METER = re.compile(r"^\[ebur128@(?P<name>\w+) @ ")
FIGURE = re.compile(r"^\s+(?P<figure>I|LRA|Peak):\s+(?P<value>\S+)")
NOTHING = -70.0
"""What the filter calls the loudness of silence, and of less than one block of 0.4 s (the absolute gate of EBU R128)."""


class Loudness:
    """The figures of one meter. None where there is nothing to measure."""

    def __init__(self) -> None:
        self._figures: dict[str, float] = {}

    def take(self, figure: str, value: float) -> None:
        """Keep a figure. A filter that ffmpeg sets up twice prints twice, and the later one heard the audio."""
        self._figures[figure] = value

    @property
    def integrated(self) -> float | None:
        """Integrated loudness in LUFS."""
        value = self._figures.get("I", NOTHING)
        return value if value > NOTHING else None

    @property
    def peak(self) -> float | None:
        """True peak in dBTP."""
        value = self._figures.get("Peak", -math.inf)
        return value if value > -math.inf else None

    @property
    def range(self) -> float | None:
        """Loudness range in LU (EBU Tech 3342)."""
        return self._figures.get("LRA") if self.integrated is not None else None


class Meters:
    """Hears the lines of an ffmpeg whose meters are named, as in `ebur128@after`, and keeps each one's figures."""

    def __init__(self) -> None:
        self._named: dict[str, Loudness] = {}
        self._speaking = Loudness()

    def hear(self, line: str) -> None:
        """Take a line."""
        if figure := FIGURE.match(line):
            self._speaking.take(figure["figure"], float(figure["value"]))
        elif meter := METER.match(line):
            self._speaking = self._named.setdefault(meter["name"], Loudness())

    def read(self, name: str) -> Loudness:
        """Return the figures of the meter of this name."""
        return self._named.get(name, Loudness())
