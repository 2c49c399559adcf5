"""What became of a row: it was kept, broken, or not seen, with a sentence that says why."""

from enum import StrEnum
from typing import TypeAlias


class Verdict(StrEnum):
    """What became of a row. Only what was kept is well."""

    KEPT = "kept"
    BROKEN = "broken"
    NOT_SEEN = "not seen"


Found: TypeAlias = tuple[Verdict, str]


def kept(saw: str) -> Found:
    """Say that it was kept."""
    return Verdict.KEPT, saw


def broken(saw: str, expected: str) -> Found:
    """Say what was seen, and what was expected."""
    return Verdict.BROKEN, f"{saw}; {expected}"


def not_seen(saw: str) -> Found:
    """Say what never came."""
    return Verdict.NOT_SEEN, saw
