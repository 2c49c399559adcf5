"""The tokens that tickets carry: the job and the attempt in the clear, and a keyed hash that vouches for them."""

import base64
import hmac
import re
from collections.abc import Sequence
from uuid import UUID

_TOKEN = re.compile(rb"grt_([0-9a-f]{32})\.([1-9][0-9]{0,9})\.([A-Za-z0-9_-]{43})")


class HmacTokens:
    """Keeps `ports.work.Tokens`. The first of `keys` signs, every one of them verifies: that is how a secret is rotated."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)

    def issue(self, job_id: UUID, attempt: int) -> str:
        """Make the token of one attempt: the same one each time."""
        return _signed(self._keys[0], job_id.hex, attempt)

    def holder(self, token: bytes) -> tuple[UUID, int] | None:
        """Return the job and attempt that the token was made for, None if it was not made here. Takes any bytes."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        job, attempt = match[1].decode(), int(match[2])
        genuine = [hmac.compare_digest(_signed(key, job, attempt).encode(), token) for key in self._keys]
        return (UUID(job), attempt) if any(genuine) else None


def _signed(key: bytes, job: str, attempt: int) -> str:
    digest = hmac.digest(key, f"{job}.{attempt}".encode(), "sha256")
    return f"grt_{job}.{attempt}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
