"""The server's own secret, and the keys that are derived from it."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from entrypoints.secrets import signing_keys
from entrypoints.settings import InvalidSettings, Settings, load_settings

STRONG, STRONGER = "0123456789abcdef" * 2, "fedcba9876543210" * 2


def settings(folder: Path, **environment: str) -> Settings:
    (folder / "data").mkdir(exist_ok=True)
    return load_settings({"GREENROOM_DATA_DIR": str(folder / "data")} | environment, folder / ".env")


def test_a_secret_that_is_not_set_is_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    first = signing_keys(settings(tmp_path), "links")
    kept = tmp_path / "data" / "secret"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert len(kept.read_bytes()) >= 32
    assert signing_keys(settings(tmp_path), "links") == first
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret"]


def test_a_secret_that_is_made_is_durable_before_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[tuple[Path, bool]] = []
    sync = os.fsync

    def note(descriptor: int) -> None:
        synced.append((Path(f"/proc/self/fd/{descriptor}").readlink(), (tmp_path / "data" / "secret").exists()))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    signing_keys(settings(tmp_path), "links")
    (draft, _), kept = synced
    assert draft.parent == tmp_path / "data"
    assert kept == (tmp_path / "data", True)


def test_servers_that_start_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(lambda _: signing_keys(settings(tmp_path), "links")[0], range(32)))
    assert len(set(keys)) == 1


def test_each_purpose_has_a_key_of_its_own(tmp_path: Path) -> None:
    chosen = settings(tmp_path, GREENROOM_SECRET=STRONG)
    assert signing_keys(chosen, "links") != signing_keys(chosen, "tickets")
    assert STRONG.encode() not in signing_keys(chosen, "links")


def test_the_previous_secret_still_verifies_but_does_not_sign(tmp_path: Path) -> None:
    before = signing_keys(settings(tmp_path, GREENROOM_SECRET=STRONG), "links")
    now = signing_keys(settings(tmp_path, GREENROOM_SECRET=STRONGER, GREENROOM_SECRET_PREVIOUS=STRONG), "links")
    assert now[1:] == before
    assert now[0] != before[0]


def test_a_kept_secret_that_is_too_short_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secret").write_text("oops")
    with pytest.raises(InvalidSettings, match="too short"):
        signing_keys(settings(tmp_path), "links")


@pytest.mark.parametrize("setting", ["GREENROOM_DATABASE_URL", "REDIS_URL"])
def test_with_redis_none_is_made_for_servers_must_share_it(tmp_path: Path, setting: str) -> None:
    with pytest.raises(InvalidSettings, match="GREENROOM_SECRET is not set: servers on one Redis must share it"):
        signing_keys(settings(tmp_path, **{setting: "redis://localhost"}), "links")
    assert list((tmp_path / "data").iterdir()) == []
    assert signing_keys(settings(tmp_path, **{setting: "redis://localhost", "GREENROOM_SECRET": STRONG}), "links")
