"""The command line as a user meets it."""

import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from socket import create_server

import pytest

from entrypoints.commands.clip import make_clip
from tests.integration.server.process import lean_environment
from tests.services.freeport import free_port


def greenroom(*arguments: str, folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the command to its end."""
    command = [sys.executable, "-m", "entrypoints", *arguments]
    own = lean_environment() | {"COLUMNS": "120"} | environment
    return subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, timeout=100, check=False)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "talk.wav"
    make_clip(path, syllables=12)
    return path


def test_help_names_the_commands(tmp_path: Path) -> None:
    told = greenroom("--help", folder=tmp_path)
    assert told.returncode == 0
    assert all(command in told.stdout for command in ("demo", "serve", "prepare"))


def test_prepare_makes_a_file_fit_to_air_without_a_server(tmp_path: Path, clip: Path) -> None:
    told = greenroom("prepare", str(clip), "--format", "flac", "--target-lufs", "-20", "--json", folder=tmp_path)
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout)
    assert found["figures"]["after"]["loudnessLufs"] == pytest.approx(-20, abs=0.5)
    assert Path(found["output"]).read_bytes()[:4] == b"fLaC"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["talk.prepared.flac", "talk.wav"]


def test_prepare_shows_people_a_table(tmp_path: Path, clip: Path) -> None:
    told = greenroom("prepare", str(clip), "-o", "out.mp3", folder=tmp_path)
    assert "Loudness" in told.stdout
    assert "LUFS" in told.stdout
    assert (tmp_path / "out.mp3").exists()


@pytest.mark.parametrize(
    ("name", "content", "status"), [("notes.wav", b"not audio", 1), ("empty.wav", b"", 1), ("absent.wav", None, 2)]
)
def test_prepare_says_in_a_sentence_what_it_cannot_do(tmp_path: Path, name: str, content: bytes | None, status: int) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    told = greenroom("prepare", name, folder=tmp_path)
    assert told.returncode == status
    assert "Traceback" not in told.stderr
    assert "Error" in told.stderr
    assert [path.name for path in tmp_path.iterdir()] == ([name] if content is not None else [])


def test_prepare_does_not_overwrite_its_own_input(tmp_path: Path, clip: Path) -> None:
    before = clip.read_bytes()
    assert greenroom("prepare", str(clip), "-o", str(clip), folder=tmp_path).returncode == 1
    assert clip.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        ((), {"GREENROOM_DEADLNE": "1"}, "did you mean GREENROOM_DEADLINE?"),
        (
            (),
            {"GREENROOM_DATABASE_URL": "mysql://localhost"},
            "GREENROOM_DATABASE_URL must be sqlite:///path or redis://host:6379/0",
        ),
        ((), {"GREENROOM_STORAGE_URL": "ftp://bucket"}, "GREENROOM_STORAGE_URL must be file:///path, r2://bucket or s3://bucket"),
        ((), {"FFMPEG_PATH": "/nowhere/ffmpeg"}, "FFMPEG_PATH"),
        ((), {"GREENROOM_DATA_DIR": "/dev/null/data"}, "GREENROOM_DATA_DIR can't be used: Not a directory"),
        ((), {"GREENROOM_DATABASE_URL": "sqlite:////nowhere/at/all.db"}, "GREENROOM_DATABASE_URL can't be used"),
        ((), {"GREENROOM_DATABASE_URL": "sqlite:////dev/null"}, "GREENROOM_DATABASE_URL can't be used"),
        ((), {"GREENROOM_STORAGE_URL": "file:///etc/passwd"}, "GREENROOM_STORAGE_URL can't be used"),
        ((), {"GREENROOM_STORAGE_URL": "file:///proc/x"}, "GREENROOM_STORAGE_URL can't be used"),
        ((), {"GREENROOM_SECRET": "short"}, "GREENROOM_SECRET is too short"),
        (("--host", "0.0.0.0"), {}, "GREENROOM_PUBLIC_URL must be set"),
        (("--host", "nowhere.invalid"), {}, "GREENROOM_PUBLIC_URL must be set"),
    ],
)
def test_serve_says_at_the_start_what_is_wrong_with_a_setting(
    tmp_path: Path, arguments: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    told = greenroom("serve", "--port", str(free_port()), *arguments, folder=tmp_path, **environment)
    assert told.returncode == 1
    assert said in re.sub(r"[\s│]+", " ", told.stderr)
    assert "Traceback" not in told.stderr


def test_serve_refuses_a_database_of_a_newer_version(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "new.db")) as database, database:
        database.execute("CREATE TABLE _sqlite_migrations (id INTEGER, migration_set TEXT, name TEXT, applied_at TEXT)")
        database.execute("INSERT INTO _sqlite_migrations VALUES (1, 'greenroom', 'from_the_future', '')")
    url = f"sqlite:///{tmp_path / 'new.db'}"
    told = greenroom("serve", "--port", str(free_port()), folder=tmp_path, GREENROOM_DATABASE_URL=url)
    assert told.returncode == 1
    assert "newer" in told.stderr
    assert "Traceback" not in told.stderr


def test_serve_refuses_a_kept_secret_that_is_too_short(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secret").write_text("oops")
    told = greenroom("serve", "--port", str(free_port()), folder=tmp_path)
    assert told.returncode == 1
    assert "too short" in told.stderr
    assert "Traceback" not in told.stderr


def test_serve_refuses_a_kept_secret_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "data" / "secret").mkdir(parents=True)
    told = greenroom("serve", "--port", str(free_port()), folder=tmp_path)
    assert told.returncode == 1
    assert "GREENROOM_DATA_DIR can't be used: Is a directory" in re.sub(r"[\s│]+", " ", told.stderr)
    assert "Traceback" not in told.stderr


def test_serve_says_that_its_port_is_taken(tmp_path: Path) -> None:
    with create_server(("127.0.0.1", 0)) as taken:
        told = greenroom("serve", "--port", str(taken.getsockname()[1]), folder=tmp_path)
    assert told.returncode == 1
    assert "Address already in use" in told.stderr
    assert "Errno" not in told.stderr


def test_prepare_says_that_there_is_no_such_folder(tmp_path: Path, clip: Path) -> None:
    told = greenroom("prepare", str(clip), "-o", "nowhere/out.mp3", folder=tmp_path)
    assert told.returncode == 1
    assert "There is no folder nowhere" in told.stderr


def test_the_demo_shows_the_whole_way_and_ends_when_nobody_is_at_the_terminal(tmp_path: Path) -> None:
    told = greenroom("demo", folder=tmp_path)
    assert told.returncode == 0, told.stderr + told.stdout
    for shown in ("Loudness", "True peak", "Length", "attempt 1 ended: complete", "original ", "prepared ", "curl -L", "ffmpeg"):
        assert shown in told.stdout
    assert "/api/webhooks/worker" in told.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_the_demo_takes_a_file_of_yours_and_asks_no_proxy(tmp_path: Path, clip: Path) -> None:
    nobody = "http://127.0.0.1:9"
    told = greenroom("demo", str(clip), "--once", folder=tmp_path, HTTP_PROXY=nobody, http_proxy=nobody, all_proxy=nobody)
    assert told.returncode == 0, told.stdout
    assert "talk.wav" in told.stdout


def test_the_demo_says_why_a_file_can_not_be_shown(tmp_path: Path) -> None:
    (tmp_path / "notes.mp3").write_text("not audio")
    told = greenroom("demo", "notes.mp3", folder=tmp_path)
    assert told.returncode == 1
    assert "not an audio file" in re.sub(r"[\s│]+", " ", told.stderr)


def test_every_curl_line_of_the_demo_works_while_its_server_runs(tmp_path: Path) -> None:
    """Run the demo at a terminal (a pseudo one), paste each of its lines, then press Ctrl-C."""
    lead, follow = pty.openpty()
    command = [sys.executable, "-m", "entrypoints", "demo"]
    own = lean_environment() | {"COLUMNS": "500", "NO_COLOR": "1", "TERM": "dumb"}
    demo = subprocess.Popen(command, cwd=tmp_path, env=own, stdin=follow, stdout=follow, stderr=follow, start_new_session=True)
    os.close(follow)
    try:
        lines = re.findall(r"^\s+(curl .*?)\s*$", _read_until(lead, b"Ctrl-C"), re.MULTILINE)
        answers = [_pasted(line, tmp_path) for line in lines]
        assert [status for _, status in answers] == ["201", "200", "200", "200"]
        assert json.loads(answers[2][0]) == {"success": True}
        assert json.loads(answers[3][0])["status"] == "complete"
        assert (tmp_path / "prepared.mp3").stat().st_size > 10_000
        demo.send_signal(signal.SIGINT)
        _drain(lead)
        assert demo.wait(timeout=30) == 0
    finally:
        demo.kill()
        demo.wait()


def _pasted(line: str, folder: Path) -> tuple[str, str]:
    """Run a line in a shell; return what it said, and the status of the answer."""
    ran = subprocess.run(f"{line} -sS -w '\n%{{http_code}}'", shell=True, cwd=folder, capture_output=True, text=True, check=True)
    body, _, status = ran.stdout.rpartition("\n")
    return body, status


def _read_until(terminal: int, words: bytes) -> str:
    seen = b""
    while words not in seen:
        seen += os.read(terminal, 65536)
    return seen.decode().replace("\r\n", "\n")


def _drain(terminal: int) -> None:
    """Read what is still said, until the other side is closed (EIO on Linux, nothing on macOS)."""
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:
        return
    finally:
        os.close(terminal)
