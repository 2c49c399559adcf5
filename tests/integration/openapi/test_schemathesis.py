"""A real server holds to its OpenAPI document, whatever it is sent: schemathesis finds nothing.

Examples, the edges of each schema, chance, and calls that follow each other, with every check there is. EXAMPLES in the
environment is how many of chance each call gets; where it is set, a server without keys is sent all that, too, and not the
examples alone. Signed links are only refused here: what OpenAPI puts into a path can't have slashes. tests/web/test_links.py
tries them.
"""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.integration.server.process import SECRET, running_server

ROOT = Path(__file__).parents[3]
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = os.environ.get("EXAMPLES")
EVERY_PHASE = "examples,coverage,fuzzing,stateful"


@pytest.mark.parametrize(
    ("keys", "phases"),
    [("", EVERY_PHASE if EXAMPLES else "examples"), (SECRET, EVERY_PHASE)],
    ids=["this machine only", "with a key"],
)
def test_schemathesis_finds_nothing(tmp_path: Path, keys: str, phases: str) -> None:
    with running_server(tmp_path, GREENROOM_DISPATCH="pull", GREENROOM_API_KEYS=keys) as server:
        document = tmp_path / "openapi.json"
        document.write_text(httpx.get(f"{server.url}/schema", headers={"Authorization": f"Bearer {SECRET}"}).text)
        told = subprocess.run(
            [
                *(Path(sys.executable).with_name("st"), "--config-file", CONFIGURATION, "run", document, "--url", server.url),
                *(
                    "--phases",
                    phases,
                    "--checks",
                    "all",
                    "--seed",
                    "1",
                    "--max-examples",
                    EXAMPLES or "6",
                ),
                "--no-color",
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "GREENROOM_TEST_SECRET": SECRET},
            capture_output=True,
            check=False,
        )
        assert told.returncode == 0, told.stdout.decode(errors="replace")
        assert "unhandled error" not in server.log.read_text()
