"""Forms, however they are cut on their way: the same file, or the same refusal."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.web.bodies import BodyTooLarge
from entrypoints.web.forms import MalformedForm, file_of_form
from tests.unit.domain.makers import at_once

BOUNDARY = "b0"
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters='"\\%'), min_size=1)


def form(content: bytes, name: str) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: x/y\r\n\r\n'
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def nearly_boundaries() -> st.SearchStrategy[bytes]:
    """Give contents that are full of what a boundary begins with."""
    pieces = st.sampled_from([b"\r", b"\n", b"\r\n", b"-", b"--", b"b", b"\r\n--b", b"\r\n--b1", b"b0", b"\x00", b"x"])
    return st.lists(pieces, max_size=60).map(b"".join).filter(lambda content: b"\r\n--b0" not in content)


def cut(body: bytes, places: Sequence[int]) -> list[bytes]:
    ends = sorted({place % (len(body) + 1) for place in places} | {0, len(body)})
    return [body[start:end] for start, end in pairwise(ends)]


async def received(chunks: Sequence[bytes], limit: int = 10**6) -> tuple[str, bytes]:
    async def arriving() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    sent = await file_of_form(arriving(), BOUNDARY, limit)
    return sent.name, b"".join([chunk async for chunk in sent.body])


@given(nearly_boundaries() | st.binary(max_size=300), NAMES, st.lists(st.integers(0, 10**6), max_size=30))
def test_a_file_comes_through_whole_however_its_form_is_cut(content: bytes, name: str, places: list[int]) -> None:
    if b"\r\n--b0" not in content:
        assert at_once(received(cut(form(content, name), places))) == (name, content)


@given(nearly_boundaries())
def test_a_file_comes_through_byte_by_byte(content: bytes) -> None:
    assert at_once(received([bytes([byte]) for byte in form(content, "a")])) == ("a", content)


@given(st.binary(max_size=100), st.integers(0, 10**6), st.lists(st.integers(0, 10**6), max_size=10))
def test_a_form_that_breaks_off_is_refused_however_it_is_cut(content: bytes, end: int, places: list[int]) -> None:
    whole = form(content.replace(b"-", b""), "a")
    torn = whole[: end % (len(whole) - 2)]
    with pytest.raises(MalformedForm):
        at_once(received(cut(torn, places)))


@given(st.binary(max_size=400), st.lists(st.integers(0, 10**6), max_size=10))
def test_whatever_comes_is_a_file_or_is_refused(body: bytes, places: list[int]) -> None:
    for sent in (body, f"--{BOUNDARY}\r\n".encode() + body, form(b"", "a")[:30] + body):
        with suppress(MalformedForm):
            at_once(received(cut(sent, places)))


@given(st.lists(st.integers(0, 10**6), max_size=10))
def test_a_file_over_the_limit_is_too_large_and_one_at_the_limit_is_not(places: list[int]) -> None:
    chunks = cut(form(b"x" * 50, "a"), places)
    assert at_once(received(chunks, 50)) == ("a", b"x" * 50)
    with pytest.raises(BodyTooLarge):
        at_once(received(chunks, 49))


def test_what_a_field_says_in_many_quotes_is_judged_at_once() -> None:
    for noise in ('; a="\\"', '; a="\\";b="', '; a="' + "\\" * 50, "; a=b" * 10 + '"'):
        body = form(b"x", "a").replace(b'filename="a"', (noise * 200)[:4000].encode())
        with suppress(MalformedForm):
            at_once(received([body]))
