"""Help comes at once: what a command needs is loaded when it runs, not before."""

import subprocess
import sys
from pathlib import Path

import pytest

from entrypoints.cli import main

ROOT = Path(__file__).parents[3]
SLOW = {"asyncio", "entrypoints.wiring", "httpx", "litestar", "prometheus_client", "sqlite_utils", "structlog", "uvicorn"}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], *([name, "--help"] for name in main.commands)], ids=" ".join)
def test_help_loads_nothing_slow(arguments: list[str]) -> None:
    script = f"import sys; from entrypoints.cli import main; main({arguments!r}, standalone_mode=False); print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not SLOW & set(told.stdout.splitlines()[-1].split())


def test_a_server_on_the_embedded_default_loads_no_client_of_others() -> None:
    """They take as long to load as all that is ours."""
    script = "import sys; import entrypoints.web.app, entrypoints.server; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert not {"boto3", "redis"} & set(told.stdout.split())


def test_every_command_says_in_a_sentence_what_it_does() -> None:
    for name, command in main.commands.items():
        assert (command.help or "").split("\n\n")[0].rstrip().endswith("."), name
