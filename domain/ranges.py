"""Which bytes a listener gets: conditional requests and byte ranges (RFC 9110, sections 13 and 14)."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from domain.dates import http_date
from ports.storage import StoredObject

_LONGEST_RANGE_FIELD = 512
_BLANKS = " \t"
_SPEC = re.compile(r"(?P<first>[0-9]+)-(?P<last>[0-9]*)|-(?P<suffix>[0-9]+)")
_ANY_TAG = "\n"  # no header field holds one
_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


class Conditions(Struct, frozen=True, kw_only=True):
    """What a request says about which bytes it wants: its method, and header fields as sent, None where absent."""

    method: str = "GET"
    range: str | None = None
    if_range: str | None = None
    if_match: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None
    if_unmodified_since: str | None = None


class Verdict(Struct, frozen=True, kw_only=True):
    """The answer's status (200, 206, 304, 412 or 416), and the bytes to send: `length` from `start`, of `total` there are."""

    status: int
    start: int = 0
    length: int = 0
    total: int


class _Span(NamedTuple):
    """A range as asked for: from `first` to `last` or the end, or (without `first`) the `last` bytes of all."""

    first: int | None
    last: int | None


def judge(asked: Conditions, stored: StoredObject, now: datetime) -> Verdict:
    """Decide what a GET or HEAD of `stored` is answered, in the order of RFC 9110, 13.2.2.

    Several ranges are answered with the whole, which 14.2 allows. `now` dates the years that have two digits.
    """
    if _precondition_failed(asked, stored, now):
        return Verdict(status=412, total=stored.size)
    if _not_modified(asked, stored, now):
        return Verdict(status=304, total=stored.size)
    spans = _spans(asked.range) if asked.method == "GET" and _range_applies(asked.if_range, stored, now) else ()
    reach = [bytes_of for span in spans if (bytes_of := _bytes_of(span, stored.size))]
    if spans and not reach:
        return Verdict(status=416, total=stored.size)
    if len(spans) == 1:
        return Verdict(status=206, start=reach[0].start, length=len(reach[0]), total=stored.size)
    return Verdict(status=200, length=stored.size, total=stored.size)


def _precondition_failed(asked: Conditions, stored: StoredObject, now: datetime) -> bool:
    if asked.if_match is not None:
        return not _matches(asked.if_match, stored.etag, _strongly_equal)
    since = http_date(asked.if_unmodified_since or "", now)
    return since is not None and _seconds(stored.modified) > since


def _not_modified(asked: Conditions, stored: StoredObject, now: datetime) -> bool:
    if asked.if_none_match is not None:
        return _matches(asked.if_none_match, stored.etag, _weakly_equal)
    since = http_date(asked.if_modified_since or "", now)
    return since is not None and _seconds(stored.modified) <= since


def _range_applies(if_range: str | None, stored: StoredObject, now: datetime) -> bool:
    """Compare If-Range. A date counts as a strong validator (8.8.2.2), for a stored object never changes."""
    if if_range is None:
        return True
    return _strongly_equal(if_range, stored.etag) or http_date(if_range, now) == _seconds(stored.modified)


def _matches(field: str, etag: str, equal: Callable[[str, str], bool]) -> bool:
    """Compare a list of entity tags. A malformed one matches nothing: the answer is then the careful 412, or the whole object."""
    return field.strip(_BLANKS) == "*" or any(equal(tag, etag) for tag in _tags(field))


def _tags(field: str) -> list[str]:
    """Return the entity tags of a list, none if it is malformed. Empty elements are forgiven (5.6.1.2)."""
    elements = _TAG.sub(_ANY_TAG, field).split(",")
    well_formed = all(element.strip(_BLANKS) in {"", _ANY_TAG} for element in elements)
    return _TAG.findall(field) if well_formed else []


def _strongly_equal(tag: str, etag: str) -> bool:
    return tag == etag and not tag.startswith("W/")


def _weakly_equal(tag: str, etag: str) -> bool:
    return tag.removeprefix("W/") == etag.removeprefix("W/")


def _spans(field: str | None) -> tuple[_Span, ...]:
    """Return the ranges asked for; none if the field is to be ignored, being absent, malformed, of another unit, or very long."""
    unit, _, specs = (field or "").strip(_BLANKS).partition("=")
    if unit.lower() != "bytes" or len(specs) > _LONGEST_RANGE_FIELD:
        return ()
    first, *others = specs.split(",")
    elements = [first.rstrip(_BLANKS), *(other.strip(_BLANKS) for other in others)]
    spans = [_span(_SPEC.fullmatch(element)) for element in elements if element]
    return tuple(span for span in spans if span) if all(spans) else ()


def _span(match: re.Match[str] | None) -> _Span | None:
    if match is None:
        return None
    if match["suffix"]:
        return _Span(None, int(match["suffix"]))
    first, last = int(match["first"]), int(match["last"]) if match["last"] else None
    return None if last is not None and last < first else _Span(first, last)


def _bytes_of(span: _Span, size: int) -> range:
    """Return the positions of the bytes that there are of a span, none if it can't be satisfied."""
    if span.first is None:
        return range(max(0, size - (span.last or 0)), size)
    return range(span.first, size if span.last is None else min(size, span.last + 1))


def _seconds(modified: datetime) -> datetime:
    return modified.replace(microsecond=0)
