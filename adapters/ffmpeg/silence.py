"""Where audio begins and ends to be heard: what `silencedetect` finds, and how much of it goes."""

import re

from msgspec import Struct

THRESHOLDS = (-50, -60, -70, -80, -90)
"""Levels in dBFS below which a passage counts as silent, highest first. Which one applies depends on the loudness."""

BELOW = 30
"""A threshold applies to audio that is at least so many LU louder: quiet speech is not silence."""

SHORTEST = 0.3
"""Seconds that a silence lasts at least; shorter ones are part of the sound."""

AIR_BEFORE, AIR_AFTER = 0.2, 0.5
"""Seconds of silence left at the ends: the onset stays whole, and an echo dies away."""

NEAR = 0.0003
"""Seconds within which a silence counts as reaching an end of the audio: a click there is a sound."""

DETECTORS = ",".join(f"silencedetect=noise={level}dB:duration={SHORTEST}" for level in THRESHOLDS)

EVENT = re.compile(r"^\[(?:Parsed_)?silencedetect\S* @ (?P<who>\w+)\] silence_(?P<edge>start|end): (?P<at>-?[\d.e+-]+)")


class Kept(Struct, frozen=True):
    """The part of the audio that stays, in seconds from its start."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """The length of that part."""
        return self.end - self.start


class _Detector:
    """The first and the last silence that one filter found."""

    def __init__(self) -> None:
        self.head = 0.0
        self.start = self.end = 0.0

    def take(self, edge: str, at: float) -> None:
        if edge == "start":
            self.start = at
        else:
            self.end = at
            if self.start <= NEAR:
                self.head = at

    def tail(self, duration: float) -> float:
        return self.start if self.end >= duration - NEAR else duration


class Silences:
    """Hears the lines of an ffmpeg that runs DETECTORS, and remembers the silences at both ends.

    ffmpeg 5 does not print which filter found a silence. It need not: what is below a threshold is below every higher one,
    so the detector of the highest threshold has the longest silences, at each end.
    """

    def __init__(self) -> None:
        self._detectors: dict[str, _Detector] = {}

    def hear(self, line: str) -> None:
        """Take a line."""
        if event := EVENT.match(line):
            self._detectors.setdefault(event["who"], _Detector()).take(event["edge"], float(event["at"]))

    def sounding(self, loudness: float | None, duration: float) -> Kept:
        """Return what stays of audio this loud (LUFS) and long (seconds) when silent ends go. Silence as a whole stays."""
        applying = [level for level in THRESHOLDS if loudness is not None and level <= loudness - BELOW]
        if not applying:
            return Kept(0.0, duration)
        heads, tails = self._ends(THRESHOLDS.index(applying[0]), duration)
        return Kept(max(0.0, heads - AIR_BEFORE), min(duration, tails + AIR_AFTER))

    def _ends(self, rank: int, duration: float) -> tuple[float, float]:
        heads = sorted((each.head for each in self._detectors.values()), reverse=True)
        tails = sorted(each.tail(duration) for each in self._detectors.values())
        none = len(THRESHOLDS)
        return (heads + [0.0] * none)[rank], (tails + [duration] * none)[rank]
