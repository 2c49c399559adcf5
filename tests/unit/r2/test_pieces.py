"""A body in pieces of one size."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.r2.pieces import pieces

pytestmark = pytest.mark.anyio


async def body(chunks: list[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


@given(chunks=st.lists(st.binary(max_size=30)), size=st.integers(1, 12))
async def test_pieces_are_the_body_all_of_one_size_but_the_last(chunks: list[bytes], size: int) -> None:
    cut = [(piece.body.getvalue(), piece.last) async for piece in pieces(body(chunks), size)]
    assert b"".join(content for content, _ in cut) == b"".join(chunks)
    assert [last for _, last in cut] == [False] * (len(cut) - 1) + [True]
    assert all(len(content) == size for content, last in cut if not last)
    assert len(cut[-1][0]) <= size
    assert cut[-1][0] or len(cut) == 1
