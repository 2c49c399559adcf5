"""The README tells the truth: its settings, calls, commands and files are those that exist."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from click import Group
from litestar import Litestar

from entrypoints.cli import main
from entrypoints.metrics.instruments import COUNTERS, LATENCY
from entrypoints.settings import VARIABLES, load_settings
from entrypoints.web.app import create_app
from ports.audio import Recipe

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


@dataclass(frozen=True)
class Section:
    """A chapter of the README."""

    text: str

    def first_columns(self) -> list[str]:
        """Return what stands in the first column of its tables, unquoted."""
        rows = [line.split("|")[1] for line in self.text.splitlines() if line.startswith("| `")]
        return re.findall(r"`([^`]+)`", " ".join(rows))


def section(title: str) -> Section:
    return Section(README.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0])


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    folder = tmp_path_factory.mktemp("readme")
    return create_app(load_settings({"GREENROOM_DATA_DIR": str(folder)}, folder / ".env"))


def test_every_setting_stands_in_the_readme_and_no_other() -> None:
    told = [name for name in section("Settings").first_columns() if name.isupper()]
    assert sorted(told) == sorted(VARIABLES)


def test_every_field_of_the_recipe_stands_there_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section("What preparing does").text, re.MULTILINE))
    defaults = {field: str(value) for field, value in _written(Recipe()).items()}
    assert {field: value.strip() for field, value in rows.items()} == defaults


def test_every_call_stands_there_and_no_other(app: Litestar) -> None:
    told = {(method, path.split("?")[0]) for methods, path in _calls(section("Calls").text) for method in methods}
    routed = {
        (method, re.sub(r":\w+", "", route.path))
        for route in app.routes
        for method in getattr(route, "methods", set())
        if method in {"GET", "POST", "PUT", "DELETE", "PATCH"} and not route.path.startswith(("/schema", "/docs/", "/static"))
    }
    assert {call for call in told if call[0] != "HEAD"} - {("GET", "/schema")} == routed


def test_every_command_stands_there_and_no_other() -> None:
    rows = section("Commands").first_columns()
    assert {row.split()[1] for row in rows if row.startswith("greenroom ")} == set(main.commands)
    jobs = main.commands["jobs"]
    assert isinstance(jobs, Group)
    assert {row.removeprefix("greenroom jobs ").split()[0] for row in rows[rows.index("greenroom jobs list") :][:4]} == set(
        jobs.commands
    )


def test_every_metric_stands_there_and_no_other() -> None:
    told = {row.partition("{")[0] for row in section("Operate it").first_columns()}
    counted = {f"{name}_total" for name in COUNTERS}
    assert told == counted | {
        LATENCY,
        "greenroom_build_info",
        "greenroom_jobs",
        "greenroom_queue_waiting",
        "greenroom_queue_age_seconds",
    }


def test_every_folder_it_names_is_there() -> None:
    for name in section("Work on it").first_columns():
        assert (ROOT / name).exists() or (ROOT / "entrypoints" / name).exists(), name


@pytest.mark.parametrize("target", re.findall(r"^make (\w+)", README, re.MULTILINE))
def test_every_make_command_it_names_exists(target: str) -> None:
    told = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


def test_the_release_it_describes_is_the_one_in_the_changelog() -> None:
    version = re.search(r'^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert f"## {version[1]}" in (ROOT / "CHANGELOG.md").read_text()


def _calls(text: str) -> list[tuple[list[str], str]]:
    """Return the calls of the table: `GET`, `HEAD /path` means both methods on the path."""
    calls = []
    for row in (line.split("|")[1] for line in text.replace("\\|", "¦").splitlines() if line.startswith("| `")):
        methods: list[str] = []
        for word in re.findall(r"`([^`]+)`", row):
            method, _, path = word.partition(" ") if not word.startswith("/") else ("", "", word)
            methods += [method] if method else []
            if path:
                calls.append((methods or ["GET"], path))
                methods = []
    return calls


def _written(recipe: Recipe) -> dict[str, object]:
    built = msgspec.to_builtins(recipe)
    return {key: f"{value:g}" if isinstance(value, float) else str(value).lower() for key, value in built.items()}
