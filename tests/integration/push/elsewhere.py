"""A machine elsewhere that takes tickets as the Modal app does, with processes of ours in the place of Modal's.

Its arguments are a port and a token; the rest it must be sent.
"""

import asyncio
import sys

import uvicorn

from entrypoints.logs import set_up_logs
from entrypoints.settings import load_settings
from entrypoints.wiring.worker import carry_out
from entrypoints.work.pushed import ticket_endpoint
from ports.work import Ticket


def main(port: int, token: str) -> None:
    """Take tickets until killed."""
    settings, working = load_settings(), dict[str, asyncio.Task[None]]()
    set_up_logs(settings.log_level, settings.log_format)

    async def start(key: str, ticket: Ticket) -> None:
        if key not in working:
            working[key] = asyncio.create_task(carry_out(ticket, settings))

    uvicorn.run(ticket_endpoint(token.encode(), start), port=port, log_config=None)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
