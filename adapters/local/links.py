"""Signed links to our own server, for the storage that has no other, and the gate that believes them.

The signature is an HMAC-SHA256 (RFC 2104) over the key and every parameter, written as JSON so that no two links read the same.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from ports.errors import LinkRefused
from ports.links import Grant, Link, PartOf
from ports.storage import checked_key

_READS = {"GET", "HEAD"}


class LocalLinks:
    """Makes links and verifies them: the first of `keys` signs, each of them is believed. Expiry counts in whole seconds."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)

    def get(self, key: str, *, content_type: str, disposition: str, expires_at: datetime) -> Link:
        """Make a link to read an object: the same inputs make the same URL."""
        return self._link("GET", key, expires_at, {"type": content_type, "disposition": disposition}, {})

    def put(self, key: str, *, content_type: str, expires_at: datetime, length: int | None = None) -> Link:
        """Make a link to write an object once, sending the link's headers."""
        promised = {"type": content_type} if length is None else {"type": content_type, "length": str(length)}
        return self._link("PUT", key, expires_at, promised, {"Content-Type": content_type, "If-None-Match": "*"})

    def part(self, key: str, part: PartOf, length: int, expires_at: datetime) -> Link:
        """Make a link to send a part of exactly `length` bytes, as often as anybody likes."""
        promised = {"session": part.session, "part": str(part.number), "length": str(length)}
        return self._link("PUT", key, expires_at, promised, {})

    def admit(self, method: str, key: str, query: Sequence[tuple[str, str]], now: datetime) -> Grant:
        """Return what the link allows. Raise LinkRefused if it was altered, has expired, or is for another method."""
        claims = self._verified(key, query)
        if claims["method"] != ("GET" if method in _READS else method):
            raise LinkRefused("This link is for another method")
        expires_at = datetime.fromtimestamp(int(claims["expires"]), UTC)
        if expires_at <= now:
            raise LinkRefused("This link has expired")
        length = claims.get("length")
        return Grant(
            content_type=claims.get("type", ""),
            disposition=claims.get("disposition"),
            length=None if length is None else int(length),
            expires_at=expires_at,
            part=PartOf(claims["session"], int(claims["part"])) if "part" in claims else None,
        )

    def _link(self, method: str, key: str, expires_at: datetime, more: dict[str, str], headers: Mapping[str, str]) -> Link:
        expires = int(expires_at.timestamp())
        claims = {"method": method, "expires": str(expires)} | more
        signature = _signature(self._keys[0], checked_key(key), claims.items())
        query = urlencode(claims | {"signature": signature}, quote_via=quote, safe="")
        return Link(
            url=f"/api/storage/{quote(key)}?{query}",
            method=method,
            expires_at=datetime.fromtimestamp(expires, UTC),
            headers=headers,
        )

    def _verified(self, key: str, query: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """Return the parameters, of which each was signed: none can be altered, added, doubled or left out."""
        claims = [(name, value) for name, value in query if name != "signature"]
        given = [value.encode("utf-8", "surrogatepass") for name, value in query if name == "signature"]
        expected = [_signature(secret, key, claims).encode() for secret in self._keys]
        if len(given) != 1 or not any(hmac.compare_digest(given[0], one) for one in expected):
            raise LinkRefused("This link is not valid")
        return dict(claims)


def _signature(secret: bytes, key: str, claims: Iterable[tuple[str, str]]) -> str:
    message = json.dumps([key, sorted(claims)])
    return hmac.digest(secret, message.encode(), hashlib.sha256).hex()
