"""Servers with something in their libraries, for those who visit them."""

from pathlib import Path
from typing import Any

import httpx

from entrypoints.commands.clip import make_clip
from tests.integration.server.process import Server, wait_for

HEAD = 1.5
"""About how many seconds of silence a clip begins with."""


def clip(folder: Path, name: str = "harbour.wav", syllables: int = 40) -> Path:
    """Make a clip that needs preparing: too quiet, with silence at both ends."""
    path = folder / name
    make_clip(path, syllables=syllables)
    return path


def uploaded(server: Server, path: Path, name: str | None = None, **query: Any) -> dict[str, Any]:
    """Upload a file and return what the server made of it."""
    wanted = {"filename": name or path.name, **query}
    answer = httpx.post(f"{server.url}/api/audio/assets", params=wanted, content=path.read_bytes(), timeout=30)
    made: dict[str, Any] = answer.raise_for_status().json()
    return made


def prepared(server: Server, path: Path, name: str | None = None, **query: Any) -> str:
    """Upload a file, wait until it is prepared, and return the id of the asset."""
    made = uploaded(server, path, name, **query)
    job = f"{server.url}/api/jobs/{made['job']['id']}"
    wait_for(lambda: httpx.get(job).json()["endedAt"] is not None, "it to be prepared")
    ended = httpx.get(job).json()
    assert ended["status"] == "complete", ended
    return str(made["asset"]["id"])
