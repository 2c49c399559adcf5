"""`greenroom worker` says in a sentence what it cannot do."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from entrypoints.cli import main

SERVER = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Be where no `.env` is, and nothing is set; leave the signals as they were."""
    monkeypatch.chdir(tmp_path)
    for name in ("GREENROOM_SERVER_URL", "INTERNAL_WEBHOOK_SECRET", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def greenroom_worker(*options: str, **environment: str) -> Result:
    return CliRunner().invoke(main, ["worker", *options], env={"COLUMNS": "200", "INTERNAL_WEBHOOK_SECRET": "s", **environment})


@pytest.mark.parametrize(
    ("options", "environment", "status", "sentence"),
    [
        ([], {}, 1, "GREENROOM_SERVER_URL is not set"),
        (["--server", SERVER], {"INTERNAL_WEBHOOK_SECRET": ""}, 1, "INTERNAL_WEBHOOK_SECRET is not set"),
        (["--server", "audio.example.com"], {}, 1, "GREENROOM_SERVER_URL is not a web address"),
        ([], {"GREENROOM_SERVER_URL": "ftp://audio.example.com"}, 1, "GREENROOM_SERVER_URL is not a web address"),
        (["--server", SERVER], {"GREENROOM_CONCURRENCY": "many"}, 1, "GREENROOM_CONCURRENCY: expected a whole number"),
        (["--server", SERVER, "--concurrency", "0"], {}, 2, "--concurrency"),
        (["--server", SERVER], {"FFMPEG_PATH": "/nowhere/ffmpeg"}, 1, "FFMPEG_PATH"),
        (["--server", SERVER], {"ALL_PROXY": "gopher://127.0.0.1"}, 1, "The proxy of the environment can't be used"),
        (["--server", SERVER, "--kinds", "render"], {}, 2, "docs/worker.md says how"),
        (["--server", SERVER, "--kinds", "prepare, render"], {}, 2, "docs/worker.md says how"),
        (["--server", SERVER, "--kinds", "sing"], {}, 2, "must be prepare"),
        (["--server", SERVER, "--name", " "], {}, 2, "printable characters"),
        (["--server", SERVER, "--name", "x" * 101], {}, 2, "printable characters"),
    ],
)
def test_what_it_cannot_do_is_said_in_a_sentence(
    options: list[str], environment: dict[str, str], status: int, sentence: str
) -> None:
    told = greenroom_worker(*options, **environment)
    assert told.exit_code == status
    assert sentence in re.sub(r"[\s│]+", " ", told.output)
    assert "Traceback" not in told.output


def test_a_data_folder_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"a file")
    told = greenroom_worker("--server", SERVER)
    assert told.exit_code == 1
    assert "GREENROOM_DATA_DIR can't be used" in re.sub(r"[\s│]+", " ", told.output)
