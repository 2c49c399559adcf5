"""How a worker proves itself: by the shared secret, by a ticket's token, or by a signature of what it says."""

import asyncio
from collections.abc import Callable
from typing import TypeAlias, cast

from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from entrypoints.parts import Parts
from entrypoints.settings import Settings
from entrypoints.web.bodies import LARGEST_JSON, AnyRequest, BodyStalled, whole
from entrypoints.web.callers import Connection, caller_address
from entrypoints.web.guards import Unauthorized, bearer_of, same_secret
from ports.proofs import Signed, Signer

LogPrevious: TypeAlias = Callable[[str, str], None]
"""Takes note of who still proves itself by a secret that is being changed: the setting, and the address."""


class SecretNotConfigured(Exception):
    """The server has no webhook secret: nothing can prove itself."""

    def __init__(self) -> None:
        super().__init__("Webhook secret not configured")


def webhook_guard(settings: Settings, log_previous: LogPrevious) -> Guard:
    """Return the guard of the worker's webhook. A bearer is judged before the body is read, a signature after.

    It accepts a ticket's token, and what `claim_guard` accepts; what the token names is put into the request's state.
    Raise SecretNotConfigured before everything else, Unauthorized.
    """

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        _demand_secret_is_set(settings)
        holder = connection.app.state.parts.tokens.holder(bearer_of(connection) or b"")
        connection.scope["state"]["holder"] = holder
        if holder is None:
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
        connection.scope["state"]["previous_secret"] = previous
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
    body = await _body_of_a_stranger(cast(AnyRequest, connection), settings.idle_seconds)
    signer = parts.signatures.signer(body, signed, parts.clock())
    if signer is None:
        raise Unauthorized
    return None if signer is Signer.CURRENT else "INTERNAL_WEBHOOK_SIGNING_SECRET_PREVIOUS"


async def _body_of_a_stranger(request: AnyRequest, seconds: float) -> bytes:
    """Return the body, which may not trickle in for ever: nobody knows yet who sends it. Raise what `whole` raises."""
    try:
        async with asyncio.timeout(seconds):
            return await whole(request, limit=LARGEST_JSON, idle=seconds)
    except TimeoutError:
        raise BodyStalled(seconds) from None


def _signed(connection: Connection) -> Signed | None:
    """Return the headers of a signature (Standard Webhooks), None unless each is there once."""
    names = (b"webhook-id", b"webhook-timestamp", b"webhook-signature")
    found = [[value for name, value in connection.scope["headers"] if name == wanted] for wanted in names]
    return Signed(*(value for [value] in found)) if all(len(values) == 1 for values in found) else None
