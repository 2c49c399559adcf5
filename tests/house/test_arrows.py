"""The house stands: arrows between the folders, and four package names that are ours."""

import ast
import subprocess
import sys
from importlib import import_module
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("domain", "ports", "adapters", "entrypoints")


def test_the_arrows_between_the_folders_hold() -> None:
    script = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    told = subprocess.run([sys.executable, "-c", script, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


@pytest.mark.parametrize("name", PACKAGES)
def test_the_package_names_belong_to_us(name: str) -> None:
    module = import_module(name)
    assert Path(str(module.__file__)).parent == ROOT / name


def test_the_distribution_is_installed_with_its_command() -> None:
    scripts = [entry.value for entry in distribution("greenroom").entry_points if entry.name == "greenroom"]
    assert scripts == ["entrypoints.cli:main"]


def test_nothing_happens_when_the_application_is_imported(tmp_path: Path) -> None:
    script = "import entrypoints.web.app, entrypoints.cli, threading; assert threading.active_count() == 1"
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, env={"PYTHONPATH": str(ROOT)})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py")), ids=str)
def test_every_module_opens_with_a_sentence(path: Path) -> None:
    told = ast.get_docstring(ast.parse(path.read_text()))
    assert told
    assert told.split("\n\n")[0].rstrip().endswith((".", ":"))
