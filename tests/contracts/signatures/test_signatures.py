"""Signatures: verified as the specification says, whoever made them."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import standardwebhooks
import svix
from hypothesis import given
from hypothesis import strategies as st

from adapters.standardwebhooks.signatures import StandardSignatures
from ports.proofs import Signatures, Signed, Signer

NEW, OLD, FOREIGN = b"n" * 32, b"o" * 24, b"f" * 64
NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
BODY = '{"name": "Größe"}'.encode()
SENDERS = [standardwebhooks.Webhook, svix.Webhook]
signatures: Signatures = StandardSignatures(NEW, OLD)

# The first is svix's, the second that of the Standard Webhooks repository, the third that of svix's documentation.
VECTORS = [
    (
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        '{"test": 2432232314}',
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ),
    (
        "plJ3nmyCDGBKInavdOK15jsl",
        "msg_loFOjxBNrRLzqYUf",
        1731705121,
        '{"event_type":"ping","data":{"success":true}}',
        "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=",
    ),
    (
        "C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
        1649367553,
        '{"email":"test@example.com","username":"test_user"}',
        "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
    ),
]


def signed(key: bytes = NEW, body: bytes = BODY, at: datetime = NOW, message_id: str = "msg_1") -> Signed:
    """Sign as the library does."""
    made = standardwebhooks.Webhook(key).sign(message_id, at, body.decode())
    return Signed(message_id.encode(), str(int(at.timestamp())).encode(), made.encode())


@pytest.mark.parametrize(("secret", "message_id", "at", "body", "signature"), VECTORS)
def test_the_published_vectors_are_genuine(secret: str, message_id: str, at: int, body: str, signature: str) -> None:
    known = StandardSignatures(base64.b64decode(secret))
    message = Signed(message_id.encode(), str(at).encode(), signature.encode())
    assert known.signer(body.encode(), message, datetime.fromtimestamp(at, UTC)) is Signer.CURRENT
    assert known.signer(body.encode() + b" ", message, datetime.fromtimestamp(at, UTC)) is None


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize(("key", "signer"), [(NEW, Signer.CURRENT), (OLD, Signer.PREVIOUS), (FOREIGN, None)])
def test_it_says_whose_secret_signed(sender: Callable[..., svix.Webhook], key: bytes, signer: Signer | None) -> None:
    made = sender(f"whsec_{base64.b64encode(key).decode()}").sign("msg_1", NOW, BODY.decode())
    assert signatures.signer(BODY, Signed(b"msg_1", str(int(NOW.timestamp())).encode(), made.encode()), NOW) is signer


@pytest.mark.parametrize(("seconds", "good"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_a_signature_is_good_for_300_seconds_before_and_after_its_time(seconds: int, good: bool) -> None:
    found = signatures.signer(BODY, signed(at=NOW + seconds * SECOND), NOW)
    assert found is (Signer.CURRENT if good else None)


def test_one_that_is_good_among_several_is_enough() -> None:
    good, other = signed(), signed(FOREIGN)
    for several in (
        other.signatures + b" " + good.signatures,
        b"v1a,bm9uc2Vuc2U= v2,abc " + good.signatures + b" v1,",
        b" ".join([other.signatures] * 50 + [good.signatures]),
    ):
        assert signatures.signer(BODY, Signed(good.id, good.timestamp, several), NOW) is Signer.CURRENT


def test_with_signatures_by_both_secrets_the_one_in_use_counts() -> None:
    both = signed(OLD).signatures + b" " + signed(NEW).signatures
    assert signatures.signer(BODY, Signed(b"msg_1", signed().timestamp, both), NOW) is Signer.CURRENT


@pytest.mark.parametrize("version", [b"v2", b"v1a", b"V1", b"v", b"", b"v1 "])
def test_another_version_is_no_proof(version: bytes) -> None:
    good = signed()
    other = version + b"," + good.signatures.partition(b",")[2]
    assert signatures.signer(BODY, Signed(good.id, good.timestamp, other), NOW) is None


def test_any_change_of_what_was_signed_is_seen() -> None:
    good = signed()
    later = str(int(NOW.timestamp()) + 1).encode()
    changed = bytearray(BODY)
    changed[5] ^= 1
    assert signatures.signer(bytes(changed), good, NOW) is None
    assert signatures.signer(BODY, Signed(b"msg_2", good.timestamp, good.signatures), NOW) is None
    assert signatures.signer(BODY, Signed(good.id, later, good.signatures), NOW) is None


@pytest.mark.parametrize(
    "timestamp", [b"", b"now", b"-1", b"0", b"1e9", b"nan", b"inf", b"9" * 400, b" 1", b"1.5", "١٢٣".encode(), b"\xff"]
)
def test_a_time_that_is_none_is_no_proof(timestamp: bytes) -> None:
    assert signatures.signer(BODY, Signed(b"msg_1", timestamp, signed().signatures), NOW) is None


@pytest.mark.parametrize("written", [b"0%d", b"+%d", b"%d.0", b"%d "])
def test_a_time_that_is_written_another_way_than_it_is_signed_is_no_proof(written: bytes) -> None:
    good = signed()
    assert signatures.signer(BODY, Signed(good.id, written % int(good.timestamp), good.signatures), NOW) is None


def test_what_is_not_utf_8_or_has_no_id_is_no_proof() -> None:
    good = signed()
    assert signatures.signer(b"\xff", good, NOW) is None
    assert signatures.signer(BODY, Signed(b"\xff", good.timestamp, good.signatures), NOW) is None
    assert signatures.signer(BODY, signed(message_id=""), NOW) is None


@given(st.binary(), st.binary(), st.binary(), st.binary())
def test_any_bytes_may_be_shown(body: bytes, message_id: bytes, timestamp: bytes, given_signatures: bytes) -> None:
    near = str(int(NOW.timestamp())).encode()
    assert signatures.signer(body, Signed(message_id, timestamp, given_signatures), NOW) is None
    assert signatures.signer(body, Signed(message_id, near, b"v1," + given_signatures), NOW) is None
