"""The endings that names of audio files have, and the type of what is in them."""

from collections.abc import Mapping
from pathlib import PurePosixPath

ENDINGS: Mapping[str, str] = {
    "aac": "audio/aac",
    "aiff": "audio/aiff",
    "aif": "audio/aiff",
    "aifc": "audio/aiff",
    "amr": "audio/amr",
    "awb": "audio/amr-wb",
    "au": "audio/basic",
    "flac": "audio/flac",
    "mka": "audio/matroska",
    "m4a": "audio/mp4",
    "mp4": "audio/mp4",
    "m4b": "audio/mp4",
    "3gp": "audio/mp4",
    "mov": "audio/mp4",
    "mp3": "audio/mpeg",
    "mp2": "audio/mpeg",
    "ogg": "audio/ogg",
    "oga": "audio/ogg",
    "opus": "audio/ogg",
    "spx": "audio/ogg",
    "wav": "audio/wav",
    "webm": "audio/webm",
    "caf": "audio/x-caf",
    "wma": "audio/x-ms-wma",
    "w64": "audio/x-w64",
}
"""The type of each; of each type, the usual ending first."""

UNKNOWN = "bin"
UNKNOWN_TYPE = "application/octet-stream"


def expected_ending(name: str, content_type: str | None) -> str:
    """Return the ending for audio that nobody has seen yet: that of its name, else the one usual for its claimed type."""
    ending = PurePosixPath(name).suffix[1:].lower()
    if ending in ENDINGS:
        return ending
    return _usual((content_type or "").partition(";")[0].strip().lower()) or UNKNOWN


def true_ending(key: str, content_type: str) -> str:
    """Return the ending, with its dot, under which what is kept under `key` is saved: one that goes with its type.

    It is the key's own where that does, or where the type is none that is known.
    """
    ending = PurePosixPath(key).suffix
    if ENDINGS.get(ending[1:]) == content_type:
        return ending
    usual = _usual(content_type)
    return f".{usual}" if usual else ending


def _usual(content_type: str) -> str | None:
    return next((ending for ending, kind in ENDINGS.items() if kind == content_type), None)
