"""What the doctor finds: one thing each, how it is, and what to do about it."""

from enum import StrEnum

from msgspec import Struct


class State(StrEnum):
    """How a thing is: `trouble` stands in the way of users, `warning` may one day."""

    GOOD = "good"
    WARNING = "warning"
    TROUBLE = "trouble"


class Finding(Struct, frozen=True):
    """What was looked at, how it is, and a sentence: what was seen and, where it is not good, what to do."""

    what: str
    state: State
    says: str


def good(what: str, says: str) -> Finding:
    """Return a finding that nothing needs to be done about."""
    return Finding(what, State.GOOD, says)


def warning(what: str, says: str) -> Finding:
    """Return a finding that something had better be done about."""
    return Finding(what, State.WARNING, says)


def trouble(what: str, says: str) -> Finding:
    """Return a finding that something must be done about."""
    return Finding(what, State.TROUBLE, says)
