"""Our engine on one file, as the worker in the server's process calls it: `python -m tests.benchmarks.engine FILE FOLDER RECIPE`.

The recipe is JSON. It prints how long that took, without the start of Python, and the figures.
"""

import asyncio
import sys
import time
from datetime import timedelta
from pathlib import Path

import msgspec

from entrypoints.settings import load_settings
from entrypoints.wiring.engine import audio_engine
from ports.audio import Figures, Recipe


class Done(msgspec.Struct, frozen=True):
    """What came of it: the file, the seconds it took, the figures."""

    path: str
    seconds: float
    figures: Figures


def prepare(source: Path, into: Path, recipe: Recipe) -> Done:
    """Prepare the file."""
    engine = audio_engine(load_settings({}, into / ".env"))
    begun = time.perf_counter()
    prepared = asyncio.run(engine.prepare(source, into, recipe, timedelta(hours=6), lambda *_: None))
    return Done(str(prepared.audio), time.perf_counter() - begun, prepared.figures)


if __name__ == "__main__":
    done = prepare(Path(sys.argv[1]), Path(sys.argv[2]), msgspec.json.decode(sys.argv[3], type=Recipe))
    print(msgspec.json.encode(done).decode())
