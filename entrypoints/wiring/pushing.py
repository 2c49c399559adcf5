"""Pushing: the endpoint that tickets are sent to, how we prove ourselves there, and who sends them."""

from contextlib import AsyncExitStack

import httpx

from adapters.inline.pool import InlinePool
from adapters.remote.client import new_client
from adapters.remote.push import PushDispatcher
from domain.policy import TAKEN_FOR
from entrypoints.background.outlook import Outlook
from entrypoints.background.pushing import ANSWERED_WITHIN, push_again_forever, push_forever
from entrypoints.background.sender import Sender
from entrypoints.parts import Parts
from entrypoints.settings import InvalidSettings, Settings
from entrypoints.version import VERSION
from entrypoints.wiring.tasks import keep_running

AT_ONCE = 16
"""How many tickets a server has on their way at a time."""

LAST_PORT = 65_535
NO_ADDRESS = "GREENROOM_DISPATCH_URL is not a web address such as https://worker.example.com"

LAST_ANSWERS = 1.0
"""Seconds that tickets on their way have for their answers once the server is told to stop. The others are sent again."""


def endpoint_of(settings: Settings) -> tuple[httpx.URL, dict[str, str]]:
    """Return where tickets are sent, and the headers that prove us there. Raise InvalidSettings."""
    secrets = [
        ("GREENROOM_DISPATCH_TOKEN", settings.dispatch_token, "Authorization", "Bearer "),
        ("GREENROOM_DISPATCH_MODAL_KEY", settings.dispatch_modal_key, "Modal-Key", ""),
        ("GREENROOM_DISPATCH_MODAL_SECRET", settings.dispatch_modal_secret, "Modal-Secret", ""),
    ]
    given = [(variable, secret.reveal(), header, scheme) for variable, secret, header, scheme in secrets if secret]
    return _url(settings), {header: scheme + _sendable(variable, value) for variable, value, header, scheme in given}


async def start_pushing(parts: Parts, stack: AsyncExitStack) -> None:
    """Send tickets until the stack closes. Raise InvalidSettings."""
    url, proof = endpoint_of(parts.settings)
    client = await stack.enter_async_context(new_client(f"greenroom/{VERSION}"))
    outlook = Outlook()
    sender = Sender(parts, PushDispatcher(client, url, proof, _patience(parts)), outlook)
    pool = InlinePool(AT_ONCE, sender.send)
    stack.push_async_callback(pool.close, LAST_ANSWERS)
    keep_running(stack, push_forever(parts, pool, pool.room, outlook))
    keep_running(stack, push_again_forever(parts, pool))


def _url(settings: Settings) -> httpx.URL:
    try:
        url = httpx.URL(settings.dispatch_url.reveal().decode() if settings.dispatch_url else "")
    except (httpx.InvalidURL, UnicodeDecodeError) as error:
        raise InvalidSettings(NO_ADDRESS) from error
    if (url.port or 0) > LAST_PORT:
        raise InvalidSettings(NO_ADDRESS)
    return url


def _patience(parts: Parts) -> float:
    """Return the seconds that an answer may take: it is waited for no longer than nobody else sends the ticket."""
    return ANSWERED_WITHIN * min(parts.policy.lease / TAKEN_FOR, 1)


def _sendable(variable: str, secret: bytes) -> str:
    if not all(0x21 <= byte < 0x7F for byte in secret):
        raise InvalidSettings(f"{variable} has a character that no header can carry: visible ASCII alone can be sent")
    return secret.decode()
