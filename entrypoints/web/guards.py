"""Who may call: workers by secret, signature or token, the API by key, or from this machine alone."""

import hmac
from collections.abc import Callable, Iterable
from typing import TypeAlias, cast

from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from entrypoints.parts import Parts
from entrypoints.settings import Settings
from entrypoints.values import Secret
from entrypoints.web.bodies import LARGEST_JSON, AnyRequest, whole
from entrypoints.web.callers import Connection, caller_address, comes_from_this_machine, is_this_machine
from ports.proofs import Signed, Signer

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SecretNotConfigured(Exception):
    """The server has no webhook secret: nothing can prove itself."""

    def __init__(self) -> None:
        super().__init__("Webhook secret not configured")


class Unauthorized(Exception):
    """No proof, or a wrong one."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


class Forbidden(Exception):
    """A caller whom no proof would help."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


LogPrevious: TypeAlias = Callable[[str, str], None]
"""Takes note of who still proves itself by a secret that is being changed: the setting, and the address."""


def webhook_guard(settings: Settings, log_previous: LogPrevious) -> Guard:
    """Return the guard of the worker's webhook. A bearer is judged before the body is read, a signature after.

    It accepts a ticket's token, and what `claim_guard` accepts; what the token names is put into the request's state.
    Raise SecretNotConfigured before everything else, Unauthorized.
    """

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        _demand_secret_is_set(settings)
        connection.state.holder = connection.app.state.parts.tokens.holder(bearer_of(connection) or b"")
        if connection.state.holder is None:
            await _demand_proof(connection, settings, log_previous)

    return guard


def claim_guard(settings: Settings, log_previous: LogPrevious) -> Guard:
    """Return the guard of the call by which workers ask for tickets: a ticket's token is no proof here.

    It accepts the shared secret, or, where nothing else is shown, a signature; of each the one before it too.
    Raise SecretNotConfigured before everything else, Unauthorized.
    """

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        _demand_secret_is_set(settings)
        await _demand_proof(connection, settings, log_previous)

    return guard


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


def _demand_secret_is_set(settings: Settings) -> None:
    if settings.webhook_secret is None:
        raise SecretNotConfigured


async def _demand_proof(connection: Connection, settings: Settings, log_previous: LogPrevious) -> None:
    """Judge the one proof that is shown: with an Authorization header, however wrong, a signature is not looked at."""
    if "authorization" in connection.headers:
        previous = _demand_secret(bearer_of(connection) or b"", settings)
    else:
        previous = await _demand_signature(connection, settings)
    if previous is not None:
        connection.state.previous_secret = previous
        log_previous(previous, caller_address(connection, settings.trusted_proxies))


def _demand_secret(bearer: bytes, settings: Settings) -> str | None:
    """Return the setting that is to be mentioned, None where the secret in use was shown."""
    current, previous = same_secret(bearer, (settings.webhook_secret, settings.webhook_secret_previous))
    if not (current or previous):
        raise Unauthorized
    return None if current else "INTERNAL_WEBHOOK_SECRET_PREVIOUS"


async def _demand_signature(connection: Connection, settings: Settings) -> str | None:
    """Return as `_demand_secret` does. The body is read only where it could be signed. Raise what `whole` raises."""
    parts: Parts = connection.app.state.parts
    signed = _signed(connection)
    if parts.signatures is None or signed is None:
        raise Unauthorized
    body = await whole(cast(AnyRequest, connection), limit=LARGEST_JSON, idle=settings.idle_seconds)
    signer = parts.signatures.signer(body, signed, parts.clock())
    if signer is None:
        raise Unauthorized
    return None if signer is Signer.CURRENT else "INTERNAL_WEBHOOK_SIGNING_SECRET_PREVIOUS"


def _signed(connection: Connection) -> Signed | None:
    """Return the headers of a signature (Standard Webhooks), None unless each is there once."""
    names = (b"webhook-id", b"webhook-timestamp", b"webhook-signature")
    found = [[value for name, value in connection.scope["headers"] if name == wanted] for wanted in names]
    return Signed(*(value for [value] in found)) if all(len(values) == 1 for values in found) else None


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
