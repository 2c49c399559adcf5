"""Who may call: the API by key, or from this machine alone. How workers prove themselves stands in `proofs`."""

import hmac
from collections.abc import Iterable

from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from entrypoints.settings import Settings
from entrypoints.values import Secret
from entrypoints.web.callers import Connection, comes_from_this_machine, is_this_machine

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Unauthorized(Exception):
    """No proof, or a wrong one."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


class Forbidden(Exception):
    """A caller whom no proof would help."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


def api_guard(settings: Settings) -> Guard:
    """Return the guard of everything that needs a key; without keys, of an API for this machine alone."""

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        if settings.api_keys:
            _demand_key(bearer_of(connection), settings.api_keys)
        else:
            _demand_this_machine(connection, settings)

    return guard


def bearer_of(connection: Connection) -> bytes | None:
    """Return the credentials of the one `Authorization: Bearer` header (RFC 6750), None if there is none or more than one."""
    headers = [value for name, value in connection.scope["headers"] if name == b"authorization"]
    if len(headers) != 1:
        return None
    scheme, _, credentials = headers[0].partition(b" ")
    return credentials.strip(b" ") if scheme.lower() == b"bearer" else None


def same_secret(given: bytes, secrets: Iterable[Secret | None]) -> list[bool]:
    """Compare with each secret, as bytes and in constant time. None, not being set, is like nothing."""
    return [secret is not None and hmac.compare_digest(given, secret.reveal()) for secret in secrets]


def _demand_key(bearer: bytes | None, keys: Iterable[Secret]) -> None:
    if not any(same_secret(bearer or b"", keys)):
        raise Unauthorized


def _demand_this_machine(connection: Connection, settings: Settings) -> None:
    """Refuse other machines, names that could be rebound to this one, and pages of other sites (DNS rebinding, CSRF)."""
    hosts = connection.headers.getall("host", [])
    host = hosts[0] if len(hosts) == 1 else ""
    if not comes_from_this_machine(connection, settings.trusted_proxies) or not is_this_machine(host):
        raise Forbidden("Without GREENROOM_API_KEYS the API answers this machine only")
    origin = connection.headers.get("origin")
    ours = origin is None or origin in settings.cors_origins or _is_same_origin(origin, host)
    if not ours and connection.scope.get("method") not in SAFE_METHODS:
        raise Forbidden("Without GREENROOM_API_KEYS pages of other sites may not change anything")


def _is_same_origin(origin: str, host: str) -> bool:
    return origin.partition("://")[2].lower() == host.lower()
