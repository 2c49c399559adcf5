"""How the page is built: by whichever Node there is, from packages whose addresses are nobody's business."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def no_node(tmp_path: Path) -> dict[str, str]:
    """Give an environment whose PATH has a shell and no Node."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "env"):
        (folder / name).symlink_to(str(shutil.which(name)))
    kept = {name: value for name, value in os.environ.items() if name != "CI"}
    return {**kept, "PATH": str(folder)}


def run(*options: str, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, *options, str(ROOT / "page" / "build.py"), "check"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_node_that_pypi_ships_will_do(no_node: dict[str, str]) -> None:
    done = run(environment=no_node)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_any_node_one_is_told_so_and_all_else_goes_on_but_not_in_ci(no_node: dict[str, str]) -> None:
    alone = ("-S",)  # no packages: PyPI's Node is none of them, and there is no pip to get it with
    done = run(*alone, environment=no_node)
    assert done.returncode == 0
    assert "The page was not built: there is no Node 20.19 or later here" in done.stderr
    assert run(*alone, environment={**no_node, "CI": "true"}).returncode == 1


def test_the_lock_file_and_what_is_built_name_no_registry() -> None:
    lock = (ROOT / "page" / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert not re.findall(r"https?://[^\"]*registry[^\"]*", lock)


def test_git_ignores_what_is_built() -> None:
    ignored = (ROOT / ".gitignore").read_text().split()
    assert {"entrypoints/web/static/", "node_modules/"} <= set(ignored)
