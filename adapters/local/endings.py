"""The media type of a file, by its ending: a folder keeps no other."""

_TYPES = {
    "3gp": "audio/mp4",
    "aac": "audio/aac",
    "aif": "audio/aiff",
    "aifc": "audio/aiff",
    "aiff": "audio/aiff",
    "amr": "audio/amr",
    "au": "audio/basic",
    "awb": "audio/amr-wb",
    "caf": "audio/x-caf",
    "flac": "audio/flac",
    "json": "application/json",
    "m4a": "audio/mp4",
    "m4b": "audio/mp4",
    "mka": "audio/matroska",
    "mov": "audio/mp4",
    "mp2": "audio/mpeg",
    "mp3": "audio/mpeg",
    "mp4": "audio/mp4",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "spx": "audio/ogg",
    "w64": "audio/x-w64",
    "wav": "audio/wav",
    "webm": "audio/webm",
    "wma": "audio/x-ms-wma",
}


def type_of(key: str) -> str:
    """Return the media type of what is kept under `key`; application/octet-stream where the ending says nothing."""
    return _TYPES.get(key.rpartition(".")[2].lower(), "application/octet-stream")
