"""The engines under contract, one after the other, and the audio they are given."""

from pathlib import Path

import pytest

from ports.audio import AudioEngine, Limits
from tests import clips
from tests.contracts.audio.harness import HARNESSES, Harness


@pytest.fixture(params=HARNESSES)
def harness(request: pytest.FixtureRequest) -> Harness:
    assert isinstance(request.param, Harness)
    return request.param


@pytest.fixture
def engine(harness: Harness) -> AudioEngine:
    return harness.engine(Limits())


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="session")
def speech(shelf: Path) -> Path:
    return clips.sound(shelf / "speech.wav")


@pytest.fixture(scope="session")
def peaky(shelf: Path) -> Path:
    return clips.sound(shelf / "peaky.wav", clips.PEAKY)


@pytest.fixture(scope="session")
def framed(shelf: Path) -> Path:
    """Two seconds of silence, four of sound, three of silence."""
    return clips.sound(shelf / "framed.wav", f"({clips.SPEECH})*between(t,2,6)", seconds=9)


@pytest.fixture(scope="session")
def long(shelf: Path) -> Path:
    """Four minutes: more than any engine prepares in the moment that a test waits."""
    return clips.made(shelf / "long.wav", "sine=d=240")


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder
