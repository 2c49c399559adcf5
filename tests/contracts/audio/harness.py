"""What an audio engine brings to be held to the contract.

To hold another engine to it, add its harness to HARNESSES.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from adapters.ffmpeg.engine import FfmpegEngine
from ports.audio import AudioEngine, Limits
from tests.clips import binaries, on_each


@dataclass(frozen=True)
class Harness:
    """`engine` makes one with these limits, `broken` one that is missing, `sick` one that gives up at once."""

    engine: Callable[[Limits], AudioEngine]
    broken: Callable[[], AudioEngine]
    sick: Callable[[], AudioEngine]


def _ffmpeg(binary: Path) -> Harness:
    missing = Path("/nowhere/ffmpeg")
    gives_up = Path(shutil.which("false") or "/bin/false")
    return Harness(partial(FfmpegEngine, binary), partial(FfmpegEngine, missing), partial(FfmpegEngine, gives_up))


HARNESSES = on_each({f"ffmpeg-{name}": _ffmpeg(binary) for name, binary in binaries().items()})
