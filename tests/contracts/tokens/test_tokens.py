"""Tickets' tokens: made and verified by every adapter alike."""

from uuid import UUID, uuid4

import pytest

from adapters.hmac.tokens import HmacTokens
from ports.work import Tokens

OLD, NEW, FOREIGN = b"o" * 32, b"n" * 32, b"f" * 32
JOB = UUID("0d164bd8-a196-457c-81ea-556b3a12208d")


@pytest.fixture
def tokens() -> Tokens:
    return HmacTokens([NEW, OLD])


def test_the_same_attempt_has_the_same_token_each_time(tokens: Tokens) -> None:
    assert tokens.issue(JOB, 1) == tokens.issue(JOB, 1)
    made = [tokens.issue(JOB, 1), tokens.issue(JOB, 2), tokens.issue(uuid4(), 1)]
    assert len(set(made)) == 3


@pytest.mark.parametrize("attempt", [1, 2, 10, 2**31 - 1])
def test_a_token_names_the_job_and_attempt_it_was_made_for(tokens: Tokens, attempt: int) -> None:
    assert tokens.holder(tokens.issue(JOB, attempt).encode()) == (JOB, attempt)


def test_a_token_that_was_not_made_here_names_nobody(tokens: Tokens) -> None:
    assert tokens.holder(HmacTokens([FOREIGN]).issue(JOB, 1).encode()) is None


def test_a_token_of_the_secret_before_is_still_good(tokens: Tokens) -> None:
    assert tokens.holder(HmacTokens([OLD]).issue(JOB, 1).encode()) == (JOB, 1)


def test_any_change_of_a_token_makes_it_nobodys(tokens: Tokens) -> None:
    token = tokens.issue(JOB, 1).encode()
    for index in range(len(token)):
        changed = bytearray(token)
        changed[index] ^= 1
        assert tokens.holder(bytes(changed)) is None
    for other in (token[:-1], token + b"A", b" " + token, token + b"\n", token.upper(), token.replace(b".1.", b".01.")):
        assert tokens.holder(other) is None


@pytest.mark.parametrize("junk", [b"", b"grt_", b"\x00", b"\xff" * 90, "é".encode() * 50, b"grt_" + b"0" * 100_000])
def test_any_bytes_may_be_shown(tokens: Tokens, junk: bytes) -> None:
    assert tokens.holder(junk) is None
