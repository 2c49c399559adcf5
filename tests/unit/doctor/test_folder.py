"""What the doctor finds in the data folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from entrypoints.doctor import folder
from entrypoints.doctor.findings import State
from entrypoints.doctor.folder import examine_folder


def test_a_folder_that_is_made_later_is_looked_for_above(tmp_path: Path) -> None:
    [finding] = examine_folder(tmp_path / "not" / "there" / "yet")
    assert finding.state is State.GOOD


def test_a_folder_that_cannot_be_written_is_trouble(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with somebody_else():
        [finding] = examine_folder(tmp_path / "data")
    assert (finding.state, "can't be written" in finding.says) == (State.TROUBLE, True)


def test_a_disk_that_is_nearly_full_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "ROOM", 2**60)
    [finding] = examine_folder(tmp_path)
    assert (finding.state, "make room" in finding.says) == (State.WARNING, True)


@contextmanager
def somebody_else() -> Iterator[None]:
    """Be nobody for a while where this is root, who may write everywhere."""
    own = os.geteuid()
    if own == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(own)
