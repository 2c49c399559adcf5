"""Signatures by the Standard Webhooks specification, 1.0: HMAC-SHA256 of id, time and body (`v1`)."""

import hmac
import re
from datetime import UTC, datetime

from standardwebhooks import Webhook

from ports.proofs import Signed, Signer

TOLERANCE = 300
"""Seconds."""

_TIMESTAMP = re.compile(rb"[1-9][0-9]{0,11}")


class StandardSignatures:
    """Keeps `ports.proofs.Signatures`. The secrets are keys: the bytes behind `whsec_`."""

    def __init__(self, current: bytes, previous: bytes | None = None) -> None:
        self._keys = {Signer.CURRENT: Webhook(current)} | ({Signer.PREVIOUS: Webhook(previous)} if previous else {})

    def signer(self, body: bytes, signed: Signed, now: datetime) -> Signer | None:
        """Return who signed the body, None if nobody we know did. Takes any bytes."""
        if not signed.id or not _is_near(signed.timestamp, now):
            return None
        given = signed.signatures.split(b" ")
        genuine = {signer for signer, key in self._keys.items() if _is_among(_signature(key, body, signed), given)}
        return next((signer for signer in Signer if signer in genuine), None)


def sign(key: Webhook, message_id: str, at: datetime, body: str) -> str:
    """Return the signature of a message: `v1,` and base64."""
    return key.sign(message_id, at.astimezone(UTC), body)


def _is_near(timestamp: bytes, now: datetime) -> bool:
    # The library would judge by a clock of its own, and take fractions, which no sender signs.
    return bool(_TIMESTAMP.fullmatch(timestamp)) and abs(int(timestamp) - now.timestamp()) <= TOLERANCE


def _signature(key: Webhook, body: bytes, signed: Signed) -> bytes | None:
    """Return the signature that is expected, None for what can't be signed: text that is not UTF-8."""
    try:
        return sign(key, signed.id.decode(), datetime.fromtimestamp(int(signed.timestamp), UTC), body.decode()).encode()
    except UnicodeDecodeError:
        return None


def _is_among(expected: bytes | None, given: list[bytes]) -> bool:
    """Compare with each signature in constant time. Those of a version that we do not know equal none of ours."""
    genuine = [expected is not None and hmac.compare_digest(expected, each) for each in given]
    return any(genuine)
