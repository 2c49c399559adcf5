"""The way to the endpoint of a worker that is checked: the one that servers go."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from adapters.remote.client import new_client
from adapters.remote.push import PushDispatcher
from entrypoints.settings import Settings
from entrypoints.version import VERSION
from ports.work import Dispatcher

ANSWERED_WITHIN = 30.0
"""Seconds."""


@asynccontextmanager
async def dispatcher_to(url: str, settings: Settings) -> AsyncIterator[Dispatcher]:
    """Yield what sends tickets to `url`, proved as the settings say."""
    async with new_client(f"greenroom/{VERSION}") as client:
        yield PushDispatcher(client, httpx.URL(url), _proof(settings), ANSWERED_WITHIN)


def _proof(settings: Settings) -> dict[str, str]:
    bearer, key, secret = settings.dispatch_token, settings.dispatch_modal_key, settings.dispatch_modal_secret
    given = (("Authorization", "Bearer ", bearer), ("Modal-Key", "", key), ("Modal-Secret", "", secret))
    return {name: scheme + value.reveal().decode() for name, scheme, value in given if value}
