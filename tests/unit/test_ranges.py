"""Conditional requests and byte ranges, row by row: the rows of Go's net/http, nginx, WPT, Werkzeug and RFC 9110's own text."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dates import http_date
from domain.ranges import Conditions, Verdict, judge
from ports.storage import StoredObject

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
MODIFIED = datetime(1994, 11, 6, 8, 49, 37, 999_999, tzinfo=UTC)
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
EARLIER = "Sun, 06 Nov 1994 08:49:36 GMT"
LATER = "Sun, 06 Nov 1994 08:49:38 GMT"
ETAG = '"10-abc"'


def stored(size: int = 10, etag: str = ETAG) -> StoredObject:
    return StoredObject(key="a.mp3", size=size, content_type="audio/mpeg", etag=etag, modified=MODIFIED)


def whole(size: int) -> Verdict:
    return Verdict(status=200, start=0, length=size, total=size)


def part(start: int, length: int, size: int) -> Verdict:
    return Verdict(status=206, start=start, length=length, total=size)


@pytest.mark.parametrize(
    ("field", "size", "start", "length"),
    [
        ("bytes=0-0", 10, 0, 1),
        ("bytes=0-4", 10, 0, 5),
        ("bytes=2-4", 10, 2, 3),
        ("bytes=9-9", 10, 9, 1),
        ("bytes=0-9", 10, 0, 10),
        ("bytes=0-10", 10, 0, 10),
        ("bytes=0-20", 10, 0, 10),
        ("bytes=5-20", 10, 5, 5),
        ("bytes=9-", 10, 9, 1),
        ("bytes=0-", 10, 0, 10),
        ("bytes=5-", 10, 5, 5),
        ("bytes=-1", 10, 9, 1),
        ("bytes=-5", 10, 5, 5),
        ("bytes=-10", 10, 0, 10),
        ("bytes=-11", 10, 0, 10),
        ("bytes=-15", 10, 0, 10),
        ("bytes=0-0", 1, 0, 1),
        ("bytes=-1", 1, 0, 1),
        ("bytes=0-499", 10_000, 0, 500),
        ("bytes=500-999", 10_000, 500, 500),
        ("bytes=-500", 10_000, 9_500, 500),
        ("bytes=9500-", 10_000, 9_500, 500),
        ("BYTES=0-4", 10, 0, 5),
        ("Bytes=-5", 10, 5, 5),
        ("bYtEs=5-", 10, 5, 5),
        ("bytes=00-04", 10, 0, 5),
        ("bytes=0000000000000000000000-0000000000000000000004", 10, 0, 5),
        ("bytes=-05", 10, 5, 5),
        ("bytes=0-18446744073709551615", 10, 0, 10),
        ("bytes=0-18446744073709551616", 10, 0, 10),
        ("bytes=0-" + "9" * 400, 10, 0, 10),
        ("bytes=-" + "9" * 400, 10, 0, 10),
        ("bytes=4294967296-4294967297", 2**33, 2**32, 2),
        ("bytes=0-9223372036854775807", 2**33, 0, 2**33),
        (" bytes=0-4 ", 10, 0, 5),
        ("\tbytes=0-4\t", 10, 0, 5),
        ("bytes=0-4,", 10, 0, 5),
        ("bytes=0-4 , ", 10, 0, 5),
        ("bytes=,0-4", 10, 0, 5),
        ("bytes= ,, 0-4", 10, 0, 5),
        ("bytes=,,,-5,,,", 10, 5, 5),
    ],
)
def test_one_range_is_answered_with_that_part(field: str, size: int, start: int, length: int) -> None:
    assert judge(Conditions(range=field), stored(size), NOW) == part(start, length, size)


@pytest.mark.parametrize(
    "field",
    [
        "",
        " ",
        "bytes",
        "bytes=",
        "bytes=   ",
        "bytes= , , ,   ",
        "bytes=,",
        "bytes=-",
        "bytes=--",
        "bytes=7",
        "bytes= 7 ",
        "bytes=5-4",
        "bytes=9-0",
        "bytes=20-10",
        "bytes=0-2,5-4",
        "bytes=2-5,4-3",
        "bytes=--5,4--3",
        "bytes=--5",
        "bytes=0--5",
        "bytes=-5-",
        "bytes=-5-7",
        "bytes=1-2-3",
        "bytes=A-",
        "bytes=A- ",
        "bytes=A-Z",
        "bytes= -Z",
        "bytes=5-Z",
        "bytes=Z-5",
        "bytes=-Z",
        "bytes=Ran-dom, garbage",
        "bytes=0x01-0x02",
        "bytes=0-4;5-6",
        "bytes=0-4/10",
        "bytes=0-*",
        "bytes=*",
        "bytes=+0-4",
        "bytes=0-+4",
        "bytes=1_0-2_0",
        "bytes=1e1-2e1",
        "bytes=0.0-4.0",
        "bytes=²-³",
        "bytes=\u0661-\u0662",
        "bytes=0\u20134",
        "bytes= 0-4",
        "bytes=0 -4",
        "bytes=0- 4",
        "bytes=0\t-4",
        "bytes=\x0b0-4",
        "bytes=0-4\x00",
        "bytes=0-4\n",
        "bytes =0-4",
        "bytes = 0-4",
        "bytes: 0-4",
        "bytes 0-4",
        "bytes 0-4/10",
        "bytes==0-4",
        "bytes=bytes=0-4",
        "=0-4",
        "0-4",
        "byte=0-4",
        "bytess=0-4",
        "items=0-4",
        "seconds=0-4",
        "none",
        "none=",
        "foo",
        "AWesomes=0-999",
        "bytes=0-4, bytes=5-6",
        "bytes=" + "0" * 600 + "-4",
        "bytes=" + "9" * 5000 + "-",
        "bytes=0-" + "9" * 100_000,
        "bytes=" + ",".join(["0-0"] * 10_000),
        "bytes=" + "," * 100_000 + "0-4",
        "bytes=" + " " * 100_000 + "0-4",
        "bytes=" + "-" * 100_000,
    ],
    ids=lambda field: ascii(field)[:40],
)
@pytest.mark.parametrize("size", [10, 0])
def test_a_range_that_is_malformed_of_another_unit_or_endless_is_ignored(field: str, size: int) -> None:
    assert judge(Conditions(range=field), stored(size), NOW) == whole(size)


@pytest.mark.parametrize(
    "field",
    [
        "bytes=0-0,2-3",
        "bytes=0-0,-1",
        "bytes=1-2,5-",
        "bytes=-2 , 7-",
        "bytes=0-0 ,2-2, 7-",
        "bytes=0-4,5-9",
        "bytes=0-4,2-6",
        "bytes=0-,0-",
        "bytes=-5,-5,-5",
        "bytes=15-,0-5",
        "bytes=0-5,15-",
        "bytes=1-2   ,  4-5,7-8 , ,,",
        "bytes=" + ",".join(["0-0"] * 100),
    ],
)
def test_several_ranges_are_answered_with_the_whole(field: str) -> None:
    assert judge(Conditions(range=field), stored(), NOW) == whole(10)


@pytest.mark.parametrize(
    ("field", "size"),
    [
        ("bytes=10-", 10),
        ("bytes=10-10", 10),
        ("bytes=10-20", 10),
        ("bytes=11-", 10),
        ("bytes=1000-2000", 10),
        ("bytes=-0", 10),
        ("bytes=-000", 10),
        ("bytes=20-,30-40", 10),
        ("bytes=20-,-0", 10),
        ("bytes=" + "9" * 400 + "-", 10),
        ("bytes=18446744073709551615-", 10),
        ("bytes=18446744073709551616-18446744073709551617", 10),
        ("bytes=0-", 0),
        ("bytes=0-0", 0),
        ("bytes=0-4", 0),
        ("bytes=5-", 0),
        ("bytes=-0", 0),
        ("bytes=-1", 0),
        ("bytes=-5", 0),
        ("bytes=1-", 1),
    ],
)
def test_a_range_without_any_byte_is_not_satisfiable(field: str, size: int) -> None:
    assert judge(Conditions(range=field), stored(size), NOW) == Verdict(status=416, total=size)


@pytest.mark.parametrize("field", ["bytes=0-4", "bytes=10-", "bytes=-0"])
def test_head_ignores_ranges(field: str) -> None:
    assert judge(Conditions(method="HEAD", range=field), stored(), NOW) == whole(10)


@pytest.mark.parametrize(
    ("if_range", "status"),
    [
        (ETAG, 206),
        (DATE, 206),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 206),
        ("Sun Nov  6 08:49:37 1994", 206),
        ("W/" + ETAG, 200),
        ('"other"', 200),
        ('""', 200),
        ("10-abc", 200),
        ("*", 200),
        ("", 200),
        (ETAG + ', "other"', 200),
        ('"other", ' + ETAG, 200),
        (EARLIER, 200),
        (LATER, 200),
        ("Sun, 06 Nov 1994 08:49:37", 200),
        ("Sun, 06 Nov 1994 08:49:37 UTC", 200),
        ("garbage", 200),
    ],
)
def test_if_range_lets_the_range_count_only_for_the_very_same_object(if_range: str, status: int) -> None:
    assert judge(Conditions(range="bytes=0-4", if_range=if_range), stored(), NOW).status == status


def test_if_range_is_strong_even_where_the_storage_s_own_tag_is_weak() -> None:
    assert judge(Conditions(range="bytes=0-4", if_range='W/"x"'), stored(etag='W/"x"'), NOW).status == 200


def test_if_range_that_fails_spares_the_416() -> None:
    assert judge(Conditions(range="bytes=20-", if_range='"other"'), stored(), NOW) == whole(10)
    assert judge(Conditions(range="bytes=20-", if_range=ETAG), stored(), NOW).status == 416


def test_if_range_without_range_is_ignored() -> None:
    assert judge(Conditions(if_range='"other"'), stored(), NOW) == whole(10)


TAG_LISTS = [
    (ETAG, True),
    ("*", True),
    (" * ", True),
    (f"{ETAG}, ", True),
    (f" ,, {ETAG} ,,", True),
    (f'"a", {ETAG}', True),
    (f'"a",{ETAG},"b"', True),
    (f'"a,b" , {ETAG}', True),
    (f'"", {ETAG}', True),
    (f'"\xe4", {ETAG}', True),
    (f'W/"a", {ETAG}', True),
    ('"other"', False),
    ('""', False),
    ("", False),
    (",", False),
    ("10-abc", False),
    ("'10-abc'", False),
    ('"10-ABC"', False),
    (f"{ETAG}{ETAG}", False),
    (f'"a" {ETAG}', False),
    (f"{ETAG}; q=1", False),
    (f"{ETAG}, ;", False),
    (f'{ETAG}, "open', False),
    (f"*, {ETAG}", False),
    (f"w/{ETAG}", False),
    (f"W/ {ETAG}", False),
    (f'"spaced tag", {ETAG}', False),
    ('"' + "a" * 100_000, False),
    ('"a"' * 100_000, False),
    ("W/" * 100_000, False),
    (" " * 100_000 + "x", False),
]


@pytest.mark.parametrize(
    ("field", "matches"), [*TAG_LISTS, ("W/" + ETAG, True), ('"a", W/' + ETAG, True)], ids=lambda x: str(x)[:30]
)
def test_if_none_match_compares_weakly_and_answers_304(field: str, matches: bool) -> None:
    assert judge(Conditions(if_none_match=field), stored(), NOW).status == (304 if matches else 200)
    assert judge(Conditions(method="HEAD", if_none_match=field), stored(), NOW).status == (304 if matches else 200)


@pytest.mark.parametrize(
    ("field", "matches"), [*TAG_LISTS, ("W/" + ETAG, False), ('"a", W/' + ETAG, False)], ids=lambda x: str(x)[:30]
)
def test_if_match_compares_strongly_and_answers_412(field: str, matches: bool) -> None:
    assert judge(Conditions(if_match=field), stored(), NOW).status == (200 if matches else 412)
    assert judge(Conditions(method="HEAD", if_match=field), stored(), NOW).status == (200 if matches else 412)


@pytest.mark.parametrize(
    ("since", "modified", "unmodified"),
    [
        (DATE, 304, 200),
        (LATER, 304, 200),
        (EARLIER, 200, 412),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 304, 200),
        ("Sun Nov  6 08:49:37 1994", 304, 200),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 200, 412),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 304, 200),
        ("", 200, 200),
        ("0", 200, 200),
        ("-1", 200, 200),
        ("garbage", 200, 200),
        (f"{LATER}, {LATER}", 200, 200),
        (f"{LATER}; length=10", 200, 200),
        ("Sun, 06 Nov 1994 08:49:38 +0000", 200, 200),
        ("1994-11-06T08:49:38Z", 200, 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_dates_count_by_the_second_and_only_when_well_formed(since: str, modified: int, unmodified: int, method: str) -> None:
    assert judge(Conditions(method=method, if_modified_since=since), stored(), NOW).status == modified
    assert judge(Conditions(method=method, if_unmodified_since=since), stored(), NOW).status == unmodified


@pytest.mark.parametrize(
    ("conditions", "status"),
    [
        (Conditions(if_match=ETAG, if_unmodified_since=EARLIER), 200),
        (Conditions(if_match='"other"', if_unmodified_since=LATER), 412),
        (Conditions(if_none_match='"other"', if_modified_since=LATER), 200),
        (Conditions(if_none_match=ETAG, if_modified_since=EARLIER), 304),
        (Conditions(if_match='"other"', if_none_match=ETAG), 412),
        (Conditions(if_match=ETAG, if_none_match=ETAG), 304),
        (Conditions(if_unmodified_since=EARLIER, if_none_match=ETAG), 412),
        (Conditions(if_unmodified_since=LATER, if_modified_since=LATER), 304),
        (Conditions(range="bytes=0-4", if_none_match=ETAG), 304),
        (Conditions(range="bytes=0-4", if_none_match='"other"'), 206),
        (Conditions(range="bytes=20-", if_none_match=ETAG), 304),
        (Conditions(range="bytes=20-", if_match='"other"'), 412),
        (Conditions(range="bytes=0-4", if_modified_since=LATER), 304),
        (Conditions(range="bytes=0-4", if_range=ETAG, if_none_match=ETAG), 304),
        (Conditions(range="bytes=0-4", if_range=ETAG, if_match=ETAG), 206),
        (Conditions(range="bytes=0-4", if_range='"other"', if_match=ETAG), 200),
        (Conditions(range="bytes=0-4", if_range='"other"', if_match='"other"'), 412),
    ],
    ids=str,
)
def test_conditions_are_judged_in_the_order_of_the_rfc(conditions: Conditions, status: int) -> None:
    assert judge(conditions, stored(), NOW).status == status


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
        ("Mon, 06 Nov 1994 08:49:37 GMT", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
        ("Sun Nov 16 08:49:37 1994", datetime(1994, 11, 16, 8, 49, 37, tzinfo=UTC)),
        ("Sunday, 06-Nov-94 08:49:37 GMT", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
        ("Sunday, 06-Nov-76 08:49:37 GMT", datetime(2076, 11, 6, 8, 49, 37, tzinfo=UTC)),
        ("Sunday, 06-Nov-77 08:49:37 GMT", datetime(1977, 11, 6, 8, 49, 37, tzinfo=UTC)),
        ("Tue, 29 Feb 2028 00:00:00 GMT", datetime(2028, 2, 29, tzinfo=UTC)),
        ("Sat, 31 Dec 2016 23:59:60 GMT", datetime(2017, 1, 1, tzinfo=UTC)),
        ("Fri, 31 Dec 9999 23:59:60 GMT", None),
        ("Sat, 31 Dec 2016 23:59:61 GMT", None),
        ("Sat, 31 Dec 2016 24:00:00 GMT", None),
        ("Mon, 29 Feb 2027 00:00:00 GMT", None),
        ("Sun, 00 Nov 1994 08:49:37 GMT", None),
        ("Sun, 06 Nov 0000 08:49:37 GMT", None),
        ("sun, 06 nov 1994 08:49:37 gmt", None),
        ("Sun, 6 Nov 1994 08:49:37 GMT", None),
        ("Sun,  06 Nov 1994 08:49:37 GMT", None),
        ("Sun Nov   08:49:37 1994", None),
        ("Sun, 06 Nov 1994 08:49 GMT", None),
        ("Sun, ٠٦ Nov 1994 08:49:37 GMT", None),
        ("", None),
    ],
)
def test_an_http_date_is_read_in_its_three_forms_and_no_other(text: str, expected: datetime | None) -> None:
    assert http_date(text, NOW) == expected


SIZES = st.integers(min_value=0, max_value=40)


@given(size=SIZES, first=st.integers(0, 50), last=st.none() | st.integers(0, 50))
def test_any_range_is_what_slicing_gives(size: int, first: int, last: int | None) -> None:
    field = f"bytes={first}-{'' if last is None else last}"
    expected = range(size)[first : None if last is None else last + 1]
    verdict = judge(Conditions(range=field), stored(size), NOW)
    if last is not None and last < first:
        assert verdict == whole(size)
    elif not expected:
        assert verdict == Verdict(status=416, total=size)
    else:
        assert verdict == part(expected.start, len(expected), size)


@given(size=SIZES, count=st.integers(0, 50))
def test_any_suffix_is_what_slicing_gives(size: int, count: int) -> None:
    expected = range(size)[max(0, size - count) :]
    verdict = judge(Conditions(range=f"bytes=-{count}"), stored(size), NOW)
    assert verdict == (part(expected.start, len(expected), size) if expected else Verdict(status=416, total=size))


FIELDS = st.none() | st.text(max_size=30) | st.text(alphabet='bytes=0123456789-, \t"W/*', max_size=40)


@given(
    size=SIZES,
    method=st.sampled_from(["GET", "HEAD"]),
    fields=st.fixed_dictionaries(
        dict.fromkeys(
            ("range", "if_range", "if_match", "if_none_match", "if_modified_since", "if_unmodified_since"),
            FIELDS | st.sampled_from(["bytes=0-4", ETAG, DATE, "*"]),
        )
    ),
)
def test_whatever_is_sent_the_verdict_promises_only_bytes_that_there_are(
    size: int, method: str, fields: dict[str, str | None]
) -> None:
    verdict = judge(Conditions(method=method, **fields), stored(size), NOW)
    assert verdict.total == size
    assert 0 <= verdict.start <= verdict.start + verdict.length <= size
    match verdict.status:
        case 200:
            assert (verdict.start, verdict.length) == (0, size)
        case 206:
            assert verdict.length > 0
            assert method == "GET"
        case other:
            assert other in {304, 412, 416}
            assert verdict.length == 0


@given(moment=st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2070, 1, 1)))  # noqa: DTZ001
def test_every_second_reads_the_same_in_all_three_forms(moment: datetime) -> None:
    expected = moment.replace(microsecond=0, tzinfo=UTC)
    now = expected + timedelta(days=1)
    assert http_date(expected.strftime("%a, %d %b %Y %H:%M:%S GMT"), now) == expected
    assert http_date(expected.strftime("%A, %d-%b-%y %H:%M:%S GMT"), now) == expected
    assert http_date(expected.strftime("%a %b %e %H:%M:%S %Y"), now) == expected
