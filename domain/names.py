"""The name that an upload is shown by."""

import unicodedata

LONGEST_NAME = 200
NAMELESS = "Untitled"


def clean_name(name: str) -> str:
    """Return the name that an upload is shown by: no folders, no control characters, 200 characters at most."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    shown = "".join(letter for letter in unicodedata.normalize("NFC", last) if _is_shown(letter))
    return shown.strip()[:LONGEST_NAME].rstrip() or NAMELESS


def _is_shown(letter: str) -> bool:
    """Tell what has a place in a line from what steers it: controls, marks of direction, breaks of lines and paragraphs."""
    category = unicodedata.category(letter)
    return category[0] != "C" and category not in {"Zl", "Zp"}
