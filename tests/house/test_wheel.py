"""The wheel, installed in a bare environment, runs from another folder."""

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)], check=True
    )
    return next(tmp_path.glob("greenroom-*.whl"))


def no_node_here() -> bool:
    """Say whether this machine can't build the page, and there is none. CI must be able to."""
    return shutil.which("node") is None and not (ROOT / "entrypoints/web/static/index.html").exists() and not os.environ.get("CI")


def test_the_wheel_holds_the_four_packages_and_runs_from_another_folder(tmp_path: Path, wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if not name.startswith("greenroom-")}
    assert tops == {"domain", "ports", "adapters", "entrypoints"}
    assert {f"entrypoints/web/docs_page/{name}" for name in ("index.html", "docs.css", "docs.js")} <= set(names)
    if not no_node_here():
        assert "entrypoints/web/static/index.html" in names
        assert any(name.startswith("entrypoints/web/static/index-") and name.endswith(".js") for name in names)
    assert {f"adapters/redis/lua/{path.name}" for path in (ROOT / "adapters/redis/lua").iterdir()} <= set(names)

    venv.create(tmp_path / "bare", system_site_packages=False)
    python = tmp_path / "bare" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--no-compile", str(wheel)], check=True)  # most of it is not imported here
    (tmp_path / "elsewhere").mkdir()
    told = subprocess.run(
        [tmp_path / "bare" / "bin" / "greenroom", "--version"],
        cwd=tmp_path / "elsewhere",
        capture_output=True,
        text=True,
        check=True,
    )
    assert "0.1.0" in told.stdout
    imported = "import entrypoints.web.app, entrypoints.commands.demo; print(entrypoints.web.app.__file__)"
    told = subprocess.run([python, "-c", imported], cwd=tmp_path / "elsewhere", capture_output=True, text=True, check=True)
    assert str(tmp_path / "bare") in told.stdout
