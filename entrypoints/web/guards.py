"""Who may call: the worker's webhook by secret or token, the API by key, or from this machine alone."""

import hmac
from collections.abc import Callable, Iterable

from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from entrypoints.settings import Settings
from entrypoints.values import Secret
from entrypoints.web.callers import Connection, caller_address, comes_from_this_machine, is_this_machine

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


def webhook_guard(settings: Settings, log_previous: Callable[[str], None]) -> Guard:
    """Return the guard of the worker's webhook, which judges the bearer before the body is read.

    It accepts the shared secret, the one before it (and logs who still uses that), and a ticket's token; what the
    token names is put into the request's state. Raise SecretNotConfigured before everything else, Unauthorized.
    """

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        if settings.webhook_secret is None:
            raise SecretNotConfigured
        bearer = bearer_of(connection) or b""
        connection.state.holder = connection.app.state.parts.tokens.holder(bearer)
        current, previous = same_secret(bearer, (settings.webhook_secret, settings.webhook_secret_previous))
        if previous and not current:
            log_previous(caller_address(connection, settings.trusted_proxies))
        if not (connection.state.holder or current or previous):
            raise Unauthorized

    return guard


def claim_guard(settings: Settings, log_previous: Callable[[str], None]) -> Guard:
    """Return the guard of the call by which workers ask for tickets: a ticket's token is no proof here.

    Raise SecretNotConfigured before everything else, Unauthorized.
    """

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        if settings.webhook_secret is None:
            raise SecretNotConfigured
        bearer = bearer_of(connection) or b""
        current, previous = same_secret(bearer, (settings.webhook_secret, settings.webhook_secret_previous))
        if previous and not current:
            log_previous(caller_address(connection, settings.trusted_proxies))
        if not (current or previous):
            raise Unauthorized

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
    if origin is not None and connection.scope.get("method") not in SAFE_METHODS and not _is_same_origin(origin, host):
        raise Forbidden("Without GREENROOM_API_KEYS pages of other sites may not change anything")


def _is_same_origin(origin: str, host: str) -> bool:
    return origin.partition("://")[2].lower() == host.lower()
