"""Gate: a link is believed as it was made, and in no other form."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.local.links import LocalLinks
from ports.errors import LinkRefused
from ports.links import Grant, Link

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
EXPIRES = NOW + timedelta(hours=1)
KEY = "audio/a b.mp3"
LINKS = LocalLinks([b"new" * 16, b"old" * 16])
READ = LINKS.get(KEY, content_type="audio/mpeg", disposition="inline", expires_at=EXPIRES)
WRITE = LINKS.put(KEY, content_type="audio/mpeg", expires_at=EXPIRES, length=5)
WRITE_ANY = LINKS.put(KEY, content_type="audio/mpeg", expires_at=EXPIRES)


def query_of(link: Link) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(link.url).query, keep_blank_values=True, strict_parsing=True)


def refused(query: list[tuple[str, str]], method: str = "GET", key: str = KEY, now: datetime = NOW) -> None:
    with pytest.raises(LinkRefused):
        LINKS.admit(method, key, query, now)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_link_to_read_admits_get_and_head(method: str) -> None:
    expected = Grant(content_type="audio/mpeg", disposition="inline", length=None, expires_at=EXPIRES)
    assert LINKS.admit(method, KEY, query_of(READ), NOW) == expected


@pytest.mark.parametrize(("link", "length"), [(WRITE, 5), (WRITE_ANY, None)])
def test_a_link_to_write_grants_its_type_and_length(link: Link, length: int | None) -> None:
    expected = Grant(content_type="audio/mpeg", disposition=None, length=length, expires_at=EXPIRES)
    assert LINKS.admit("PUT", KEY, query_of(link), NOW) == expected


@pytest.mark.parametrize("link", [READ, WRITE, WRITE_ANY])
def test_the_parameters_may_come_in_any_order(link: Link) -> None:
    query = query_of(link)
    for turn in range(len(query)):
        LINKS.admit(link.method, KEY, query[turn:] + query[:turn], NOW)
    LINKS.admit(link.method, KEY, query[::-1], NOW)


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH", "OPTIONS", "get", ""])
def test_a_link_to_read_admits_no_other_method(method: str) -> None:
    refused(query_of(READ), method=method)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "put", ""])
def test_a_link_to_write_admits_no_other_method(method: str) -> None:
    refused(query_of(WRITE), method=method)


@pytest.mark.parametrize(
    "key", ["", "audio/a b.mp3/", "/audio/a b.mp3", "audio/a%20b.mp3", "audio/A b.mp3", "b.mp3", "\0", "\udc80"], ids=ascii
)
def test_a_link_admits_no_other_key(key: str) -> None:
    refused(query_of(READ), key=key)


@pytest.mark.parametrize("link", [READ, WRITE, WRITE_ANY], ids=["read", "write", "write any"])
def test_a_parameter_that_is_left_out_doubled_or_emptied_is_refused(link: Link) -> None:
    query = query_of(link)
    for place, (name, value) in enumerate(query):
        refused(query[:place] + query[place + 1 :], method=link.method)
        refused([*query, (name, value)], method=link.method)
        refused([*query, (name, "")], method=link.method)
        refused([*query[:place], (name, ""), *query[place + 1 :]], method=link.method)
        refused([*query[:place], (name.upper(), value), *query[place + 1 :]], method=link.method)


@pytest.mark.parametrize(
    "added", [("x", "1"), ("", ""), ("length", "5"), ("disposition", "inline"), ("Signature", "x"), ("expires ", "9")]
)
def test_a_parameter_that_is_added_is_refused(added: tuple[str, str]) -> None:
    for link in (READ, WRITE_ANY):
        refused([*query_of(link), added], method=link.method)
        refused([added, *query_of(link)], method=link.method)


@pytest.mark.parametrize(
    "signature", ["é", "\udc80", "\0", "\uff10" * 64, "z" * 64, "0" * 64, "0" * 100_000, " "], ids=lambda x: ascii(x)[:20]
)
def test_a_signature_of_any_characters_is_refused(signature: str) -> None:
    refused([*(pair for pair in query_of(READ) if pair[0] != "signature"), ("signature", signature)])


def test_a_signature_is_not_forgiven_its_case_or_blanks() -> None:
    *rest, (name, signature) = query_of(READ)
    for altered in (signature.upper(), f" {signature}", f"{signature}\n", f"{signature}0", signature[:-1]):
        refused([*rest, (name, altered)])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("expires", "9999999999"),
        ("expires", f" {int(EXPIRES.timestamp())}"),
        ("expires", f"0{int(EXPIRES.timestamp())}"),
        ("expires", f"{int(EXPIRES.timestamp())}.0"),
        ("expires", "1e10"),
        ("expires", "٩"),
        ("type", "text/html"),
        ("type", "audio/mpeg "),
        ("disposition", "attachment"),
        ("method", "PUT"),
        ("method", "HEAD"),
    ],
)
def test_a_parameter_that_is_altered_is_refused(name: str, value: str) -> None:
    refused([(key, value if key == name else kept) for key, kept in query_of(READ)])


@given(place=st.integers(0, 4), text=st.text())
def test_any_alteration_is_refused(place: int, text: str) -> None:
    query = query_of(READ)
    name, value = query[place]
    if text != value:
        refused([*query[:place], (name, text), *query[place + 1 :]])


@given(query=st.lists(st.tuples(st.text() | st.sampled_from(["signature", "method", "expires", "type"]), st.text())))
def test_whatever_is_sent_without_our_secret_is_refused(query: list[tuple[str, str]]) -> None:
    refused(query)


def test_what_moves_between_parameters_does_not_sign_the_same() -> None:
    one = LINKS.get("a", content_type="b", disposition="c", expires_at=EXPIRES)
    other = LINKS.get("a", content_type="b", disposition='c"],["x","', expires_at=EXPIRES)
    assert query_of(one)[-1] != query_of(other)[-1]


@pytest.mark.parametrize(
    ("seconds", "admitted"), [(-1, True), (-0.001, True), (0, False), (0.001, False), (1, False), (10**8, False)]
)
def test_a_link_ends_at_its_expiry(seconds: float, admitted: bool) -> None:
    now = EXPIRES + timedelta(seconds=seconds)
    if admitted:
        LINKS.admit("GET", KEY, query_of(READ), now)
    else:
        refused(query_of(READ), now=now)


def test_expiry_counts_in_whole_seconds_downwards() -> None:
    link = LINKS.get(KEY, content_type="audio/mpeg", disposition="inline", expires_at=EXPIRES + timedelta(milliseconds=999))
    assert link == READ


def test_a_link_signed_with_the_previous_secret_is_believed_and_new_ones_are_signed_with_the_first() -> None:
    before, after, other = LocalLinks([b"old" * 16]), LocalLinks([b"new" * 16]), LocalLinks([b"other" * 16])
    old = before.get(KEY, content_type="audio/mpeg", disposition="inline", expires_at=EXPIRES)
    assert LINKS.admit("GET", KEY, query_of(old), NOW).content_type == "audio/mpeg"
    assert after.get(KEY, content_type="audio/mpeg", disposition="inline", expires_at=EXPIRES) == READ
    with pytest.raises(LinkRefused):
        other.admit("GET", KEY, query_of(READ), NOW)
