"""Who may call: the worker's webhook by secret or token, the API by key, or from this machine alone."""

import hmac
from collections import OrderedDict
from collections.abc import Callable, Iterable

import structlog
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from entrypoints.settings import Settings
from entrypoints.values import Secret
from entrypoints.web.callers import Connection, caller_address, is_this_machine

log = structlog.get_logger(__name__)
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


def webhook_guard(settings: Settings, log_refusal: Callable[[str], None]) -> Guard:
    """Return the guard of the worker's webhook, which judges the bearer before the body is read.

    It accepts the shared secret, the one before it, and a ticket's token; what the token names is put into the request's state.
    Raise SecretNotConfigured before everything else, Unauthorized.
    """

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        if settings.webhook_secret is None:
            raise SecretNotConfigured
        bearer = bearer_of(connection)
        holder = connection.app.state.parts.tokens.holder(bearer or b"")
        if holder is None and not _is_shared_secret(bearer, settings):
            log_refusal(caller_address(connection, settings.trusted_proxies))
            raise Unauthorized
        connection.state.holder = holder

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


def same_secret(given: bytes, secrets: Iterable[Secret]) -> list[bool]:
    """Compare with each secret, as bytes and in constant time."""
    return [hmac.compare_digest(given, secret.reveal()) for secret in secrets]


def _is_shared_secret(bearer: bytes | None, settings: Settings) -> bool:
    known = [secret for secret in (settings.webhook_secret, settings.webhook_secret_previous) if secret]
    matches = same_secret(bearer or b"", known)
    if any(matches):
        log.debug("webhook secret matched", which="current" if matches[0] else "previous")
    return any(matches)


def _demand_key(bearer: bytes | None, keys: Iterable[Secret]) -> None:
    if not any(same_secret(bearer or b"", keys)):
        raise Unauthorized


def _demand_this_machine(connection: Connection, settings: Settings) -> None:
    """Refuse other machines, names that could be rebound to this one, and pages of other sites (DNS rebinding, CSRF)."""
    host = connection.headers.get("host", "")
    if not is_this_machine(_bracketed(caller_address(connection, settings.trusted_proxies))) or not is_this_machine(host):
        raise Forbidden("Without GREENROOM_API_KEYS the API answers this machine only")
    origin = connection.headers.get("origin")
    if origin is not None and connection.scope.get("method") not in SAFE_METHODS and not _is_same_origin(origin, host):
        raise Forbidden("Without GREENROOM_API_KEYS pages of other sites may not change anything")


def _is_same_origin(origin: str, host: str) -> bool:
    return origin.partition("://")[2].lower() == host.lower()


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


class RefusalLog:
    """Logs refused callbacks: one line an address in ten seconds, with the count of those in between."""

    def __init__(self, clock: Callable[[], float], every: float = 10.0, capacity: int = 1000) -> None:
        self._clock = clock
        self._every = every
        self._capacity = capacity
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def __call__(self, address: str) -> None:
        """Take note of a refusal."""
        now = self._clock()
        logged, silent = self._seen.get(address, (now - self._every, 0))
        if now - logged < self._every:
            self._seen[address] = (logged, silent + 1)
            return
        log.warning(f"[Webhook] Unauthorized request from {address}", suppressed=silent)
        self._seen[address] = (now, 0)
        self._seen.move_to_end(address)
        if len(self._seen) > self._capacity:
            self._seen.popitem(last=False)
