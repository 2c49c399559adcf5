"""Find the ffmpeg to use: the one that is set, else the one on the PATH, else the one a Python package brought."""

import shutil
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from ports.errors import EngineFailed


def locate(explicit: str | None) -> Path:
    """Return the path of an ffmpeg: `explicit` (FFMPEG_PATH, a path or a name on the PATH) wins over what is lying around.

    Raise EngineFailed if the one that is set is not there, or if there is none at all.
    """
    if explicit:
        return _named(explicit)
    return _on_path() or _from_package() or _none()


def _named(explicit: str) -> Path:
    if found := shutil.which(explicit):
        return Path(found).absolute()
    raise EngineFailed("FFMPEG_PATH does not name a program that can be run")


def _on_path() -> Path | None:
    found = shutil.which("ffmpeg")
    return Path(found).absolute() if found else None


def _from_package() -> Path | None:
    """Return the ffmpeg of the wheel `imageio-ffmpeg`, where that is installed and carries one for this machine."""
    if find_spec("imageio_ffmpeg") is None:
        return None
    try:
        return Path(import_module("imageio_ffmpeg").get_ffmpeg_exe())
    except RuntimeError:
        return None


def _none() -> Path:
    raise EngineFailed("There is no ffmpeg: install it, set FFMPEG_PATH, or install greenroom[ffmpeg]")
