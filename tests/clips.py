"""Audio made for tests, and an ear of their own to judge the results with: no test audio is kept in the repository."""

import math
import os
import re
import struct
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import pytest

SPEECH = "0.2*sin(2*PI*(180+40*sin(2*PI*0.7*t))*t)*(0.5+0.5*sin(2*PI*2.3*t))+0.06*sin(2*PI*1900*t)*(0.5+0.5*sin(2*PI*3.1*t))"
"""An expression that rises and falls as speech does: about -20 LUFS, true peak about -11 dBTP."""

PEAKY = "0.05*sin(2*PI*330*t)+0.75*sin(2*PI*90*t)*lt(mod(t,0.9),0.03)"
"""Quiet with short loud strokes: its peaks stand 19 dB above its loudness."""


@dataclass(frozen=True)
class Heard:
    """What ffmpeg's meter says of a file: LUFS, dBTP, and seconds counted on decoded samples."""

    loudness: float
    peak: float
    seconds: float


def binaries() -> dict[str, Path]:
    """Return the ffmpegs to test with, that of PyPI first: it starts in a fifth of the time.

    In CI both must be there: a test that can't run there fails.
    """
    found: dict[str, Path] = {}
    if find_spec("imageio_ffmpeg"):
        found["packaged"] = Path(import_module("imageio_ffmpeg").get_ffmpeg_exe())
    if path := which("ffmpeg"):
        found["installed"] = Path(path)
    if len(found) < 2 and os.environ.get("CI"):
        pytest.fail("CI tests with two ffmpegs, the machine's and PyPI's: one is missing", pytrace=False)
    return found


def on_each(values: Mapping[str, object]) -> list[pytest.ParameterSet]:
    """Return what there is one of for each ffmpeg as parameters: all but the first are marked as another."""
    return [
        pytest.param(value, id=name, marks=[pytest.mark.another_ffmpeg] * (number > 0))
        for number, (name, value) in enumerate(values.items())
    ]


def ffmpeg(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run any ffmpeg there is, and return what it wrote."""
    binary = next(iter(binaries().values()))
    command = [str(binary), "-nostdin", "-hide_banner", "-y", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=True, timeout=60)


def sound(path: Path, expression: str = SPEECH, *arguments: str, seconds: float = 6, rate: int = 44_100) -> Path:
    """Make a file whose samples are `expression` of the time t, one expression a channel, as its name's ending says."""
    escaped = expression.replace(",", r"\,")
    return made(path, f"aevalsrc={escaped}:s={rate}:d={seconds}", *arguments)


def made(path: Path, source: str, *arguments: str) -> Path:
    """Make a file of what ffmpeg's filter `source` gives: `sine` and `anullsrc` make an hour in a second."""
    ffmpeg("-f", "lavfi", "-i", source, *arguments, path)
    return path


def wav(path: Path, samples: list[float], *, rate: int = 44_100, channels: int = 1, claimed: int | None = None) -> Path:
    """Write 32-bit float samples, whatever they are; the header claims `claimed` bytes of them."""
    data = struct.pack(f"<{len(samples)}f", *samples)
    width = 4 * channels & 0xFFFF
    form = struct.pack("<HHIIHH", 3, channels, rate, rate * width & 0xFFFFFFFF, width, 32)
    size = len(data) if claimed is None else claimed
    path.write_bytes(
        b"RIFF"
        + struct.pack("<I", size + 36)
        + b"WAVEfmt "
        + struct.pack("<I", 16)
        + form
        + b"data"
        + struct.pack("<I", size)
        + data
    )
    return path


def sine(seconds: float, level: float = 0.25, rate: int = 44_100) -> list[float]:
    """Return the samples of a tone of 441 Hz."""
    return [level * math.sin(2 * math.pi * 441 * count / rate) for count in range(round(seconds * rate))]


def listen(path: Path) -> Heard:
    """Measure the first audio stream of `path`, in a run that shares nothing with the engine."""
    metered = ("-map", "0:a:0", "-af", "ebur128=peak=true:framelog=verbose", "-f", "null", "-")
    counted = ("-map", "0:a:0", "-ac", "1", "-ar", "48000", "-f", "s16le", "-")
    run = ffmpeg("-i", path, *metered, *counted)
    said = run.stderr.decode()
    return Heard(_last(r"I:\s+(\S+) LUFS", said), _last(r"Peak:\s+(\S+) dBFS", said), len(run.stdout) / 2 / 48_000)


def names(folder: Path) -> set[str]:
    """Return the names of what is in `folder`."""
    return {path.name for path in folder.iterdir()}


def _last(pattern: str, said: str) -> float:
    return float(re.findall(pattern, said)[-1])
