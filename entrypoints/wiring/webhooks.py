"""Standard Webhooks, in and out: whose signatures are believed, and how the app is told."""

from contextlib import AsyncExitStack

import httpx

from adapters.standardwebhooks.notifier import WebhookNotifier, new_client
from adapters.standardwebhooks.signatures import StandardSignatures
from entrypoints.background import notice
from entrypoints.settings import InvalidSettings, Settings
from entrypoints.version import VERSION


def signatures_of(settings: Settings) -> StandardSignatures | None:
    """Return what verifies the signatures of workers, None where none are accepted."""
    if settings.signing_secret is None:
        return None
    previous = settings.signing_secret_previous
    return StandardSignatures(settings.signing_secret.reveal(), previous.reveal() if previous else None)


async def notifier_of(settings: Settings, stack: AsyncExitStack) -> WebhookNotifier | None:
    """Return what tells the app, None where it is not to be told; the stack closes it. Raise InvalidSettings."""
    if settings.notify_url is None or settings.notify_secret is None:
        return None
    try:
        url = httpx.URL(settings.notify_url.reveal().decode())
    except (httpx.InvalidURL, UnicodeDecodeError) as error:
        raise InvalidSettings("GREENROOM_NOTIFY_URL is not a web address such as https://audio.example.com") from error
    secrets = [settings.notify_secret, *([settings.notify_secret_previous] if settings.notify_secret_previous else [])]
    client = await stack.enter_async_context(new_client(f"greenroom/{VERSION}"))
    return WebhookNotifier(client, url, [secret.reveal() for secret in secrets], notice.written)
