"""What others reach: this server at its public URL and its webhook; and those whom it calls itself."""

import asyncio
from collections.abc import Mapping

import httpx

from domain.tickets import WEBHOOK
from entrypoints.doctor.findings import Finding, good, trouble, warning
from entrypoints.settings import Dispatch, Settings

WITHIN = 10.0
"""Seconds that an answer may take, however many bytes come meanwhile."""

_MALFORMED = b"{}"


async def answer_of(
    client: httpx.AsyncClient, method: str, url: str, within: float = WITHIN, **more: object
) -> httpx.Response | str:
    """Return what is answered, or in a few words why nothing is: none of the URL's, or of a header's."""
    try:
        async with asyncio.timeout(within):
            return await client.request(method, url, **more)  # type: ignore[arg-type]  # handed on as they came
    except (TimeoutError, httpx.TimeoutException):
        return "it does not answer in time"
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        return _why(error)


def _why(error: Exception) -> str:
    match error:
        case httpx.ConnectError():
            return str(error) or "there is no connection"
        case httpx.LocalProtocolError():
            return "the address or the secret has a character that can't be sent"
        case httpx.InvalidURL() | httpx.UnsupportedProtocol() | UnicodeError():
            return "that is no web address"
        case _:
            return "the connection broke"


async def examine_server(url: str, settings: Settings, client: httpx.AsyncClient) -> list[Finding]:
    """Say whether a Greenroom answers at its public URL, directly."""
    answer = await answer_of(client, "GET", f"{url}/healthz")
    if isinstance(answer, str):
        found = trouble if settings.public_url else warning
        return [found("server", f"No server is reached at {url} ({answer}). Is it started, and does that address lead to it?")]
    if answer.is_redirect:
        where = answer.headers.get("location", "elsewhere")
        return [
            trouble("server", f"{url} redirects to {where}: workers don't follow. Set GREENROOM_PUBLIC_URL to where it leads")
        ]
    if not answer.is_success:
        return [
            trouble(
                "server", f"{url}/healthz answers {answer.status_code}: is it a Greenroom that GREENROOM_PUBLIC_URL leads to?"
            )
        ]
    return [good("server", f"It is reached at {url}")]


async def examine_webhook(url: str, settings: Settings, client: httpx.AsyncClient) -> list[Finding]:
    """Say whether the webhook of the server that runs there knows the same secret as these settings."""
    if settings.webhook_secret is None:
        return []
    bearer = b"Bearer " + settings.webhook_secret.reveal()
    answer = await answer_of(client, "POST", url + WEBHOOK, content=_MALFORMED, headers={b"Authorization": bearer})
    if isinstance(answer, str):
        return [trouble("callbacks", f"The webhook is not reached: {answer}")]
    return [_of_webhook(answer.status_code)]


def _of_webhook(status: int) -> Finding:
    match status:
        case 400:  # it was believed, and what it said was not: as it should be
            return good("callbacks", "Workers reach the webhook, and their secret is believed")
        case 401:
            return trouble(
                "callbacks", "The server that runs has another INTERNAL_WEBHOOK_SECRET than these settings: restart it"
            )
        case 500:
            return trouble("callbacks", "The server that runs has no INTERNAL_WEBHOOK_SECRET: restart it with these settings")
        case _:
            return trouble(
                "callbacks", f"The webhook answers {status}: does something in front of the server keep callbacks out?"
            )


async def examine_called(settings: Settings, client: httpx.AsyncClient) -> list[Finding]:
    """Say whether those answer whom the server calls: the workers' endpoint, and the app that is told."""
    called: Mapping[str, bytes] = {
        name: secret.reveal()
        for name, secret in (
            ("GREENROOM_DISPATCH_URL", settings.dispatch_url if settings.dispatch is Dispatch.PUSH else None),
            ("GREENROOM_NOTIFY_URL", settings.notify_url),
        )
        if secret is not None
    }
    return [await _of_called(name, url.decode(errors="replace"), client) for name, url in called.items()]


async def _of_called(name: str, url: str, client: httpx.AsyncClient) -> Finding:
    """Ask for nothing but an answer: whatever it is, somebody is there."""
    answer = await answer_of(client, "OPTIONS", url)
    if isinstance(answer, str):
        return trouble(name, f"Nobody is reached there: {answer}")
    return good(name, "Somebody answers there")
