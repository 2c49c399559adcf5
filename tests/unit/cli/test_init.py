"""`greenroom init`: secrets of one's own, for one's own eyes."""

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from entrypoints.cli import main
from entrypoints.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def init(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["init", *arguments])


def written(path: Path = Path(".env")) -> Settings:
    return load_settings({}, path)


def values() -> list[str]:
    return [line.partition("=")[2] for line in Path(".env").read_text().splitlines() if not line.startswith("#")]


def secrets_of(settings: Settings) -> list[bytes]:
    found = (settings.webhook_secret, settings.secret, *settings.api_keys, settings.signing_secret)
    return [secret.reveal() for secret in found if secret]


def test_strong_secrets_are_written_that_a_server_takes() -> None:
    told = init()
    assert told.exit_code == 0, told.output
    made = secrets_of(written())
    assert len(made) == len(set(made)) == 3
    assert all(len(secret) >= 32 for secret in made)


def test_each_file_has_others() -> None:
    init()
    init("-o", "other.env")
    assert not set(secrets_of(written())) & set(secrets_of(written(Path("other.env"))))


def test_only_the_owner_can_read_it() -> None:
    init()
    assert stat.S_IMODE(Path(".env").stat().st_mode) == 0o600


def test_a_file_that_is_there_stays_unless_it_is_forced(folder: Path) -> None:
    (folder / ".env").write_text("MINE=1\n")
    told = init()
    assert (told.exit_code, told.stdout) == (1, "")
    assert "is there already" in told.stderr
    assert (folder / ".env").read_text() == "MINE=1\n"
    assert init("--force").exit_code == 0
    assert len(secrets_of(written())) == 3
    assert [path.name for path in folder.iterdir()] == [".env"]


def test_a_file_that_no_server_takes_can_be_replaced(folder: Path) -> None:
    (folder / ".env").write_text("GREENROOM_NONSENSE=1\n")
    assert init("--force").exit_code == 0
    assert len(secrets_of(written())) == 3


@pytest.mark.parametrize("path", ["nowhere/.env", "file/.env", "x" * 240])
def test_a_place_that_cannot_be_written_is_named(folder: Path, path: str) -> None:
    (folder / "file").touch()
    told = init("-o", path)
    assert told.exit_code == 1
    assert "can't be written" in told.stderr


def test_a_secret_of_the_server_that_cannot_be_read_is_named(folder: Path) -> None:
    (folder / "data" / "secret").mkdir(parents=True)
    told = init()
    assert told.exit_code == 1
    assert "GREENROOM_DATA_DIR can't be read" in told.stderr
    assert not (folder / ".env").exists()


def test_an_empty_secret_of_the_server_is_none(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "secret").touch()
    init()
    assert len(secrets_of(written())) == 3


def test_secrets_are_printed_only_where_that_is_wished() -> None:
    told = init("--signing").stdout
    assert not any(value in told for value in values())
    told = init("--signing", "--force", "--show").stdout
    assert len(values()) == 4
    assert all(value in told for value in values())


def test_it_says_what_comes_next() -> None:
    assert "greenroom serve" in init().stdout


def test_a_secret_to_sign_by_is_made_where_it_is_wished() -> None:
    init()
    assert written().signing_secret is None
    init("--signing", "--force")
    assert written().signing_secret is not None


def test_the_secret_that_a_server_has_made_itself_stays_good(folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "secret").write_text("x" * 64)
    init()
    secret = written().secret
    assert secret is not None
    assert secret.reveal() == b"x" * 64
