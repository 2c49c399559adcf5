"""Audio of any length for the bench, made by ffmpeg: like speech and like music; and an ear to hear what was made of it."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from tests.benchmarks.needs import program

_PIECE = 60.0
RATE = 44_100

_VOICE = "(0.25*sin(2*PI*140*t+3*sin(2*PI*0.9*t))+0.12*sin(2*PI*280*t)+0.08*sin(2*PI*1120*t)+0.06*(random(0)-0.5))"
_SYLLABLES = "pow(abs(sin(2*PI*1.9*t)),0.7)*gt(mod(t,7),1.2)*(0.85+0.15*sin(2*PI*t/23))"
_ROOT = "110*pow(2,floor(mod(t/2,4))*5/12)"
_CHORD = "+".join(f"0.08*sin(2*PI*{_ROOT}*{step}*t)/{number}" for number, step in enumerate((1, 1.26, 1.5, 2, 3, 4), 1))
_DRUM = "0.1*exp(-8*mod(t,0.5))*sin(2*PI*60*t)+0.04*exp(-30*mod(t,0.25))*(random(1)-0.5)"
_DYNAMICS = "(0.7+0.3*sin(2*PI*t/41))"

SOUNDS: Mapping[str, tuple[str, str]] = {
    "speech": (f"{_VOICE}*{_SYLLABLES}", f"0.9*{_VOICE}*{_SYLLABLES}"),
    "music": (f"({_CHORD}+{_DRUM})*{_DYNAMICS}", f"({_CHORD}-{_DRUM}*0.8)*{_DYNAMICS}"),
}
"""Each kind's samples by the time t, left and right: noise and tones in syllables with pauses; chords, a drum, loud and soft.

Peaks stand 12 to 13 dB above the loudness: -16 LUFS need no limiter, -10 do.
"""


class Heard(Struct, frozen=True):
    """What ffmpeg's own meter says of a file: LUFS and dBTP."""

    loudness: float
    peak: float


def sound(folder: Path, kind: str, minutes: float) -> Path:
    """Make a WAV file of so many minutes, stereo. A long one is a minute again and again, at levels that come and go."""
    seconds = minutes * 60
    piece = folder / f"{kind}-piece.wav"
    if not piece.exists():
        left, right = (side.replace(",", r"\,") for side in SOUNDS[kind])
        _ffmpeg("-f", "lavfi", "-i", f"aevalsrc={left}|{right}:s={RATE}:d={min(seconds, _PIECE)}", str(piece))
    whole = folder / f"{kind}-{minutes:g}.wav"
    levels = "volume='0.75+0.25*cos(2*PI*t/97)':eval=frame"
    _ffmpeg("-stream_loop", "-1", "-i", str(piece), "-t", str(seconds), "-af", levels, str(whole))
    return whole


def heard(path: Path) -> Heard:
    """Listen to a file from beginning to end."""
    said = _ffmpeg("-i", str(path), "-map", "0:a:0", "-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-")
    return Heard(_last(r"I:\s+(\S+) LUFS", said), _last(r"Peak:\s+(\S+) dBFS", said))


def _ffmpeg(*arguments: str) -> str:
    command = [program("ffmpeg"), "-nostdin", "-hide_banner", "-y", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr


def _last(pattern: str, said: str) -> float:
    return float(re.findall(pattern, said)[-1])
