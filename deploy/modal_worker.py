"""Greenroom's worker on Modal: an endpoint that takes tickets and answers at once, and a function that carries each of them out.

`modal deploy deploy/modal_worker.py` prints the endpoint's URL; README.md beside this file says the rest.
"""

import os
from datetime import timedelta
from pathlib import Path

import modal
import msgspec
from litestar import Litestar

from entrypoints.clock import utc_now
from entrypoints.logs import set_up_logs
from entrypoints.settings import load_settings
from entrypoints.wiring.worker import carry_out
from entrypoints.work.pushed import ticket_endpoint, time_allowed
from ports.work import Ticket

LONGEST = timedelta(days=1)
"""What Modal lets a call take at most: GREENROOM_DEADLINE should be less."""

PROXY_AUTH = False
"""Whether Modal itself asks for a proxy-auth token before ours is looked at: GREENROOM_DISPATCH_MODAL_KEY and its secret then."""

SOURCES = ("adapters", "domain", "entrypoints", "ports", "pyproject.toml", "README.md", "LICENSE")


def worker_image() -> modal.Image:
    """Return ffmpeg and this repository, installed. On Modal it is there already."""
    image = modal.Image.debian_slim(python_version="3.11").apt_install("ffmpeg")
    if not modal.is_local():
        return image
    for source in (Path(__file__).resolve().parents[1] / name for name in SOURCES):
        add = image.add_local_dir if source.is_dir() else image.add_local_file
        image = add(source, f"/greenroom/{source.name}", copy=True)
    return image.run_commands("pip install /greenroom")


app = modal.App("greenroom-worker", image=worker_image())
started = modal.Dict.from_name("greenroom-tickets", create_if_missing=True)


@app.function(timeout=int(LONGEST.total_seconds()), retries=0, cpu=2.0, memory=2048)
async def prepare(ticket: bytes) -> None:
    """Carry out a ticket. It is not tried again here: the server starts another attempt if this one is lost."""
    settings = load_settings()
    set_up_logs(settings.log_level, settings.log_format)
    await carry_out(msgspec.json.decode(ticket, type=Ticket), settings)


async def start(key: str, ticket: Ticket) -> None:
    """Have the ticket carried out, unless that was started before. Modal forgets a key a week after it was last of use.

    Two POSTs at the same moment may start it twice: that costs machine time, and the first output and report count.
    """
    if await started.contains.aio(key):
        return
    call = prepare.with_options(timeout=time_allowed(ticket, utc_now(), LONGEST))
    spawned = await call.spawn.aio(msgspec.json.encode(ticket))
    await started.put.aio(key, spawned.object_id)


@app.function(secrets=[modal.Secret.from_name("greenroom-worker", required_keys=["GREENROOM_DISPATCH_TOKEN"])])
@modal.concurrent(max_inputs=100)
@modal.asgi_app(requires_proxy_auth=PROXY_AUTH)
def tickets() -> Litestar:
    """Return the endpoint that GREENROOM_DISPATCH_URL names."""
    return ticket_endpoint(os.environ["GREENROOM_DISPATCH_TOKEN"].encode(), start)
