"""What the start warns of, and yet goes on."""

import base64
from pathlib import Path

import pytest

from tests.integration.server.process import running_server

SIGNING = "whsec_" + base64.b64encode(b"k" * 32).decode()


@pytest.mark.parametrize(
    ("settings", "warning"),
    [
        (
            {"INTERNAL_WEBHOOK_SECRET": "", "INTERNAL_WEBHOOK_SIGNING_SECRET": SIGNING},
            "the worker webhook answers 500, to signed reports too, until it is",
        ),
        ({"INTERNAL_WEBHOOK_SECRET": "f" * 15}, "INTERNAL_WEBHOOK_SECRET is shorter than 16 bytes: it may be guessed"),
        ({"INTERNAL_WEBHOOK_SECRET": "s" * 16}, None),
    ],
)
def test_a_secret_of_workers_that_does_little_is_warned_of(tmp_path: Path, settings: dict[str, str], warning: str | None) -> None:
    with running_server(tmp_path, (), GREENROOM_DISPATCH="pull", **settings) as server:
        logged = server.log.read_text()
    assert (warning or "serving") in logged
    assert ('"warning"' in logged) is (warning is not None)
