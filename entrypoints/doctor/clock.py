"""The clock: does it say the same as those of the others, who judge what we have signed by theirs."""

from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx

from entrypoints.clock import utc_now
from entrypoints.doctor.findings import Finding, good, trouble, warning
from entrypoints.doctor.reaching import answer_of

NOTICED, REFUSED = 5.0, 60.0
"""Seconds: from the first on it shows, from the second on links, signatures and leases end at the wrong time."""


async def examine_clock(urls: list[str], client: httpx.AsyncClient) -> list[Finding]:
    """Compare our clock with the Date of those who answer (RFC 9110, 6.6.1: whole seconds)."""
    for url in urls:
        began = utc_now()
        answer = await answer_of(client, "GET", url)
        if not isinstance(answer, str) and (said := _date(answer)):
            return [_of_clock(max((began - said).total_seconds(), (said - utc_now()).total_seconds() + 1))]
    return []


def _of_clock(seconds: float) -> Finding:
    if seconds >= REFUSED:
        return trouble("clock", f"It differs by {seconds:.0f} s from others': signed links and signatures fail. Set it by NTP")
    if seconds >= NOTICED:
        return warning("clock", f"It differs by {seconds:.0f} s from others': set it by NTP")
    return good("clock", "It agrees with others'")


def _date(answer: httpx.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return None
