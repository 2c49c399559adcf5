"""HTTP-dates, as clients write them (RFC 9110, 5.6.7)."""

import re
from datetime import UTC, datetime, timedelta

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})"
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-5][0-9]|60)"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_LONG_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_DAY}, (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT",
        rf"{_LONG_DAY}, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT",
        rf"{_DAY} {_MONTH} (?P<day>[0-9 ][0-9]) {_TIME} (?P<year>[0-9]{{4}})",
    )
)


def http_date(text: str, now: datetime) -> datetime | None:
    """Read an HTTP-date in any of its three forms. None for anything else, days that do not exist included.

    `now` dates years of two digits. The name of the day is not held against the date; a leap second counts as the one after.
    """
    for form in _FORMS:
        if match := form.fullmatch(text):
            return _dated(match, now)
    return None


def _dated(match: re.Match[str], now: datetime) -> datetime | None:
    day, hour, minute, second = (int(match[part]) for part in ("day", "hour", "minute", "second"))
    month = _MONTHS.index(match["month"]) + 1
    year = int(match["year"]) if len(match["year"]) > 2 else _full_year(int(match["year"]), now)
    try:
        return datetime(year, month, day, hour, minute, tzinfo=UTC) + timedelta(seconds=second)
    except (ValueError, OverflowError):
        return None


def _full_year(year: int, now: datetime) -> int:
    """Return a year that ends in these two digits: the past one where this century's is more than 50 years ahead."""
    full = now.year - now.year % 100 + year
    return full - 100 if full > now.year + 50 else full
