"""What a piece of audio is called: the name that it is shown by, and the word by which its owner knows it."""

import re
import unicodedata

from domain.errors import MalformedId

ASSET_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What an asset's id may be."""

LONGEST_NAME = 200
NAMELESS = "Untitled"
LONGEST_REF = 200


def clean_name(name: str) -> str:
    """Return the name that an upload is shown by: no folders, no control characters, 200 characters at most."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    shown = "".join(letter for letter in unicodedata.normalize("NFC", last) if _is_shown(letter))
    return shown.strip()[:LONGEST_NAME].rstrip() or NAMELESS


def checked_name(name: str) -> str:
    """Return the name that a person gives, without blanks around it. Raise MalformedId where it could not be shown as it is."""
    wanted = unicodedata.normalize("NFC", name.strip())
    if clean_name(wanted) != wanted:
        raise MalformedId("name", f"1 to {LONGEST_NAME} printable characters, without / and \\")
    return wanted


def checked_ref(ref: str) -> str:
    """Return a caller's own word for an asset, as it is. Raise MalformedId unless it is 1 to 200 printable characters."""
    if not (ref.isprintable() and 1 <= len(ref) <= LONGEST_REF):
        raise MalformedId("ref", f"1 to {LONGEST_REF} printable characters")
    return ref


def _is_shown(letter: str) -> bool:
    """Tell what has a place in a line from what steers it: controls, marks of direction, breaks of lines and paragraphs."""
    category = unicodedata.category(letter)
    return category[0] != "C" and category not in {"Zl", "Zp"}
