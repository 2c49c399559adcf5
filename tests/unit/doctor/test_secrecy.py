"""What the doctor finds in secrets."""

from pathlib import Path

import pytest

from entrypoints.doctor.findings import Finding, State
from entrypoints.doctor.secrecy import examine_secrets
from entrypoints.settings import load_settings

STRONG = "kW3vRz8-qTn5_Lx2pYb7Jd4sHg6Fm9Ac"
PUSH = {
    "GREENROOM_DISPATCH": "push",
    "GREENROOM_DISPATCH_URL": "https://work.example",
    "GREENROOM_PUBLIC_URL": "https://audio.example",
    "GREENROOM_API_KEYS": STRONG,
    "INTERNAL_WEBHOOK_SECRET": STRONG,
}


def found(folder: Path, **environment: str) -> list[Finding]:
    env_file = folder / ".env"
    return examine_secrets(load_settings({"GREENROOM_DATA_DIR": str(folder / "data")} | environment, env_file), env_file)


def test_strong_secrets_that_nobody_else_can_read_are_good(tmp_path: Path) -> None:
    [finding] = found(tmp_path, INTERNAL_WEBHOOK_SECRET=STRONG, GREENROOM_SECRET=STRONG, GREENROOM_API_KEYS=STRONG)
    assert finding.state is State.GOOD


@pytest.mark.parametrize(
    ("environment", "state", "named"),
    [
        ({"GREENROOM_DISPATCH": "pull"}, State.TROUBLE, "INTERNAL_WEBHOOK_SECRET is not set"),
        ({"GREENROOM_PUBLIC_URL": "https://audio.example"}, State.WARNING, "GREENROOM_API_KEYS is not set"),
        (PUSH, State.WARNING, "Neither GREENROOM_DISPATCH_TOKEN nor Modal's pair is set"),
        (
            {"GREENROOM_PUBLIC_URL": "http://audio.example.com", "GREENROOM_API_KEYS": STRONG},
            State.WARNING,
            "GREENROOM_PUBLIC_URL is http",
        ),
        ({"GREENROOM_SERVER_URL": "http://8.8.8.8"}, State.WARNING, "GREENROOM_SERVER_URL is http"),
        ({"INTERNAL_WEBHOOK_SECRET": "hush"}, State.TROUBLE, "INTERNAL_WEBHOOK_SECRET may be guessed"),
        ({"INTERNAL_WEBHOOK_SECRET": "a" * 40}, State.TROUBLE, "INTERNAL_WEBHOOK_SECRET may be guessed"),
        ({"INTERNAL_WEBHOOK_SECRET_PREVIOUS": "hush"}, State.TROUBLE, "INTERNAL_WEBHOOK_SECRET_PREVIOUS may be guessed"),
        ({"GREENROOM_SECRET": "ab" * 20}, State.TROUBLE, "GREENROOM_SECRET may be guessed"),
        ({"GREENROOM_API_KEYS": f"{STRONG},key"}, State.TROUBLE, "A key of GREENROOM_API_KEYS may be guessed"),
        (PUSH | {"GREENROOM_DISPATCH_TOKEN": "token"}, State.TROUBLE, "GREENROOM_DISPATCH_TOKEN may be guessed"),
        ({"INTERNAL_WEBHOOK_SIGNING_SECRET": f"whsec_{'A' * 32}"}, State.TROUBLE, "INTERNAL_WEBHOOK_SIGNING_SECRET may be"),
    ],
)
def test_a_secret_that_is_missing_or_weak_is_named(tmp_path: Path, environment: dict[str, str], state: State, named: str) -> None:
    [finding] = found(tmp_path, **environment)
    assert (finding.state, finding.says.startswith(named)) == (state, True)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "10.1.2.3", "greenroom.localhost:8000", "web:8000", "nas.local"])
def test_a_network_of_one_s_own_may_be_spoken_to_in_the_clear(tmp_path: Path, host: str) -> None:
    [finding] = found(tmp_path, GREENROOM_SERVER_URL=f"http://{host}")
    assert finding.state is State.GOOD


@pytest.mark.parametrize("name", [".env", "data/secret"])
def test_a_file_of_secrets_that_others_can_read_is_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.touch(0o644)
    [finding] = found(tmp_path)
    assert (finding.state, f"chmod 600 {path}" in finding.says) == (State.WARNING, True)
    path.chmod(0o600)
    assert [finding.state for finding in found(tmp_path)] == [State.GOOD]


def test_no_finding_shows_a_secret(tmp_path: Path) -> None:
    shown = found(
        tmp_path, INTERNAL_WEBHOOK_SECRET="hush-1", GREENROOM_API_KEYS="hush-2", INTERNAL_WEBHOOK_SECRET_PREVIOUS="hush-3"
    )
    assert len(shown) == 3
    assert "hush" not in str(shown)
