"""Proof that a message comes from somebody who knows a secret: a signature of what it says and when."""

from datetime import datetime
from enum import Enum
from typing import Protocol

from msgspec import Struct


class Signed(Struct, frozen=True):
    """What a message says of its own signature, as it arrived: its id, when it was signed, and one signature or several."""

    id: bytes
    timestamp: bytes
    signatures: bytes


class Signer(Enum):
    """Whose secret a signature was made with: the one in use, or the one before it, which is being changed."""

    CURRENT = "current"
    PREVIOUS = "previous"


class Signatures(Protocol):
    """Verifies signatures."""

    def signer(self, body: bytes, signed: Signed, now: datetime) -> Signer | None:
        """Return who signed exactly this body under this id, None if nobody we know did. Takes any bytes.

        A signature is good for 300 seconds before and after its time, and one that is good among several is enough.
        """
        ...
