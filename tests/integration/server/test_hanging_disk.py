"""A disk that hangs keeps no server from ending when it is told to stop."""

import subprocess
import sys
from pathlib import Path

from tests.integration.server.process import lean_environment, wait_for
from tests.services.freeport import free_port

WITHIN = 2
"""Seconds that this server is given to end."""

MORE = 10


def test_a_server_whose_disk_hangs_ends_all_the_same(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.integration.server.hanging_disk", str(free_port()), str(WITHIN)]
    settings = {"GREENROOM_DATA_DIR": str(tmp_path / "data"), "GREENROOM_DISPATCH": "pull"}
    said = tmp_path / "said"
    with (
        said.open("wb") as output,
        subprocess.Popen(command, env=lean_environment() | settings, cwd=tmp_path, stdout=output) as server,
    ):
        try:
            wait_for(lambda: said.read_text() != "", "the disk to hang")
        finally:
            server.terminate()
        assert server.wait(timeout=WITHIN + MORE) == 0
