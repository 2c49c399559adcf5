"""A server that runs for months sweeps up after processes that were killed, and leaves alone what the living write."""

import asyncio
from pathlib import Path

import pytest

from entrypoints.scratch import scratch_folder
from entrypoints.settings import load_settings
from entrypoints.wiring.server import running

pytestmark = pytest.mark.anyio


async def test_what_is_left_behind_while_it_runs_is_swept_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrypoints.background.housekeeper.SWEEP_EVERY", 0.05)
    settings = load_settings({"GREENROOM_DATA_DIR": str(tmp_path), "GREENROOM_DISPATCH": "pull"}, tmp_path / ".env")
    async with running(settings) as parts, scratch_folder(parts.scratch) as mine, asyncio.timeout(10):
        for _ in range(2):
            partial, folder = left_behind(tmp_path)
            while partial.exists() or folder.exists():  # noqa: ASYNC110  (nobody says when)
                await asyncio.sleep(0.01)
        assert mine.is_dir()


def left_behind(data: Path) -> tuple[Path, Path]:
    """Leave what a process leaves that is killed while it writes and works."""
    partial, folder = data / "storage" / ".partial" / "left", data / "scratch" / "left"
    folder.mkdir(parents=True)
    (folder / "half.wav").write_bytes(b"half")
    partial.parent.mkdir(exist_ok=True)
    partial.write_bytes(b"half")
    return partial, folder
