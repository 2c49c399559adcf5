"""Times as text: all of one length, so that they sort as they follow each other; exact to the microsecond, whatever the year."""

from datetime import UTC, datetime


def written(time: datetime | None) -> str:
    """Return the time in UTC, without saying so: `2026-11-22T12:00:00.123457`. No time is no text."""
    return "" if time is None else time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def moment(text: bytes) -> datetime | None:
    """Return the time that was written."""
    return datetime.fromisoformat(text.decode()).replace(tzinfo=UTC) if text else None
