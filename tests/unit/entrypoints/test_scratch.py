"""Folders for work in progress."""

import subprocess
import sys
from pathlib import Path

import pytest

from entrypoints.scratch import scratch_folder, sweep


def test_a_folder_is_gone_with_everything_in_it_when_its_work_ends(tmp_path: Path) -> None:
    with scratch_folder(tmp_path / "scratch") as folder:
        (folder / "half.mp3").write_bytes(b"...")
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_folder_is_gone_when_its_work_fails(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="work"), scratch_folder(tmp_path):
        raise ValueError("work failed")
    assert list(tmp_path.iterdir()) == []


def test_a_sweep_leaves_the_folders_of_the_living(tmp_path: Path) -> None:
    with scratch_folder(tmp_path) as folder:
        sweep(tmp_path)
        assert folder.is_dir()


def test_a_sweep_removes_the_folders_of_the_dead(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys, pathlib; from entrypoints.scratch import scratch_folder\n"
        "with scratch_folder(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, cwd=Path(__file__).parents[3])
    assert len(list(tmp_path.iterdir())) == 1
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_sweep_where_nothing_ever_was_is_fine(tmp_path: Path) -> None:
    sweep(tmp_path / "nowhere")
