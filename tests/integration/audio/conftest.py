"""Engines on both ffmpegs, with a folder to write to."""

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.ffmpeg.engine import FfmpegEngine
from ports.audio import Prepared, Recipe
from tests.clips import binaries, on_each


class Bench:
    """An engine, and the folder it works in."""

    def __init__(self, binary: Path, into: Path) -> None:
        self.engine = FfmpegEngine(binary)
        self.into = into

    async def prepare(self, source: Path, recipe: Recipe = Recipe(), seconds: float = 60) -> Prepared:  # noqa: B008
        return await self.engine.prepare(source, self.into, recipe, timedelta(seconds=seconds), lambda _share, _phrase: None)


@pytest.fixture(params=on_each(binaries()))
def binary(request: pytest.FixtureRequest) -> Path:
    assert isinstance(request.param, Path)
    return request.param


@pytest.fixture
def bench(binary: Path, tmp_path: Path) -> Bench:
    into = tmp_path / "into"
    into.mkdir()
    return Bench(binary, into)
