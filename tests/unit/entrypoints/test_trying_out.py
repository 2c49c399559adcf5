"""What keeps a server from starting, and what does not."""

import errno
import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.local import partials
from entrypoints.settings import Settings
from entrypoints.wiring.naming import CannotStart
from entrypoints.wiring.server import try_out

pytestmark = pytest.mark.anyio


def disk_says(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whatever is written to the storage end so."""

    def extend(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(partials, "extend", extend)


async def test_a_full_disk_is_only_logged_so_that_a_server_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk_says(errno.ENOSPC, monkeypatch)
    with capture_logs() as logged:
        await try_out(Settings(data_dir=tmp_path / "data"))
    assert [(entry["event"], entry["why"]) for entry in logged] == [("nothing can be written", "storage has no space left")]


async def test_a_disk_that_fails_otherwise_is_named_by_the_setting_that_was_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk_says(errno.EIO, monkeypatch)
    with pytest.raises(CannotStart, match=r"^GREENROOM_DATA_DIR can't be used: storage is not available"):
        await try_out(Settings(data_dir=tmp_path / "data"))
    with pytest.raises(CannotStart, match=r"^GREENROOM_STORAGE_URL can't be used: storage is not available"):
        await try_out(Settings(data_dir=tmp_path / "data", storage_url=f"file://{tmp_path / 'elsewhere'}"))
