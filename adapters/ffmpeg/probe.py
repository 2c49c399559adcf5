"""Read what a file's header says, from the lines ffmpeg prints about it: there may be no ffprobe."""

import re
from pathlib import Path

from msgspec import Struct

from adapters.ffmpeg.decode import QUIET, opening
from adapters.ffmpeg.faults import check_alive
from adapters.ffmpeg.process import Command, Ffmpeg
from ports.errors import EngineFailed, Unusable

AUDIO = re.compile(r"^  Stream #0:\d+\S*: Audio: ")
FACTS = re.compile(r"Audio: (?P<codec>\w+).*?, (?P<rate>\d+) Hz, (?P<layout>[^,]+), (?P<sample>\w+)")
LENGTH = re.compile(r"^  Duration: (?P<hours>\d+):(?P<minutes>\d\d):(?P<seconds>[\d.]+)")

OPENED = re.compile(r"^Input #0, ")

FINDINGS = (
    "Invalid data found when processing input",
    "Invalid argument",
    "End of file",
    "Input/output error",
    "Not yet implemented in FFmpeg, patches welcome",
)
"""What ffmpeg finds wrong with a file. Some of its readers call it an input error when a file ends too soon."""

REFUSED = re.compile(rf"^(?:file:|.*Error opening input: ).*(?:{'|'.join(map(re.escape, FINDINGS))})$")
"""What 5.1 says with the file's name before it, and later ones after these words."""

NAMED = {"mono": 1, "stereo": 2, "downmix": 2, "binaural": 2, "quad": 4, "hexagonal": 6, "octagonal": 8, "cube": 8}
"""Channels of those of ffmpeg's layout names that don't count them, as 5.1 does."""


class Header(Struct, frozen=True, kw_only=True):
    """What a file says of its first audio stream. `seconds` is None where it doesn't say, or where ffmpeg only guesses."""

    codec: str
    sample_rate: int
    channels: int
    sample: str
    seconds: float | None


async def read_header(ffmpeg: Ffmpeg, source: Path) -> Header:
    """Return what the header of `source` says. Raise Unusable if it is no audio file that can be decoded.

    Raise EngineFailed if ffmpeg says nothing of the file: it exits with an error in any case, for it is given no output.
    """
    lines = _Lines()
    [code] = await ffmpeg.run(Command((*QUIET, "-v", "info", *opening(source)), lines.hear))
    check_alive(code)
    if not lines.speak_of_the_file:
        raise EngineFailed(f"The audio engine gave up before it read the file (code {code})")
    return lines.header()


class _Lines:
    """What ffmpeg's lines about a file said so far."""

    def __init__(self) -> None:
        self.speak_of_the_file = False
        self._audio: str | None = None
        self._seconds: float | None = None
        self._guessed = False

    def hear(self, line: str) -> None:
        if many := re.search(r"Too many channels: (\d+)", line):
            raise Unusable(f"The audio has {many[1]} channels, more than any player knows.")
        if OPENED.match(line) or REFUSED.match(line):
            self.speak_of_the_file = True
        if self._audio is None and AUDIO.match(line):
            self._audio = line
        if length := LENGTH.match(line):
            self._seconds = int(length["hours"]) * 3600 + int(length["minutes"]) * 60 + float(length["seconds"])
        self._guessed = self._guessed or "Estimating duration from bitrate" in line

    def header(self) -> Header:
        facts = FACTS.search(self._audio or "")
        if facts is None:
            raise Unusable("The file holds no audio that can be read.")
        return Header(
            codec=facts["codec"],
            sample_rate=int(facts["rate"]),
            channels=count_channels(facts["layout"]),
            sample=facts["sample"],
            seconds=None if self._guessed else self._seconds,
        )


def count_channels(layout: str) -> int:
    """Return how many channels ffmpeg's name of a layout means: stereo, 5.1(side), 7.1.2 or 12 channels (FL+FR+...).

    Raise Unusable if the name is a new one.
    """
    name = re.sub(r"\(.*", "", layout).strip()
    if name in NAMED:
        return NAMED[name]
    if counted := re.match(r"(\d+) channels", name):
        return int(counted[1])
    if re.fullmatch(r"\d+(\.\d+)+", name):
        return sum(int(part) for part in name.split("."))
    raise Unusable("The arrangement of the audio's channels is not known.")
