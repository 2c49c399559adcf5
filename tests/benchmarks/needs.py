"""The programs that the bench drives and PyPI does not ship, and what to install where one is missing."""

import os
import shutil
from collections.abc import Collection, Mapping

PACKAGES: Mapping[str, str] = {
    "wrk": "wrk",
    "nginx": "nginx-light",
    "ffmpeg": "ffmpeg",
    "curl": "curl",
    "redis-benchmark": "redis-tools",
}
"""Each program, and the Debian package that has it."""

_PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin"


def program(name: str) -> str:
    """Return the path of a program that is there."""
    return shutil.which(name, path=_PLACES) or name


def missing(programs: Collection[str]) -> str | None:
    """Return a sentence that says what to install, None where everything is there."""
    absent = [name for name in PACKAGES if name in programs and not shutil.which(name, path=_PLACES)]
    if not absent:
        return None
    packages = " ".join(PACKAGES[name] for name in absent)
    return f"The bench needs {', '.join(absent)}: install with `apt-get install {packages}` (Debian)"
