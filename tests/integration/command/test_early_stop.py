"""Being told to stop while the command still loads what it needs."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.server.process import lean_environment

LOADING = """
import time
print("loading", flush=True)
while True:
    time.sleep(0.01)  # not `signal.pause`, which sleeps on if the signal came just before it
"""


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_stop_while_the_command_loads_is_no_failure(tmp_path: Path, command: str) -> None:
    (tmp_path / "structlog.py").write_text(LOADING)  # found before the real one, and never loaded to its end
    start = [sys.executable, "-m", "entrypoints", command]
    with subprocess.Popen(start, cwd=tmp_path, env=lean_environment(), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"loading\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
