"""Files over a line that breaks again and again, between the courier and a real server."""

import asyncio
from pathlib import Path

from adapters.remote.claims import HttpClaims
from adapters.remote.client import new_client
from adapters.remote.courier import HttpCourier
from entrypoints.clock import utc_now
from ports.jobs import JobKind
from ports.work import Output
from tests.integration.server.process import SECRET
from tests.integration.worker.process import serving
from tests.integration.worker.proxy import Proxy, running_proxy
from tests.web.calls import wav

AUDIO = wav(60, 48_000)


def test_a_file_comes_whole_over_a_line_that_breaks_hardly_a_byte_twice_and_goes_back(tmp_path: Path) -> None:
    with running_proxy() as proxy, serving(tmp_path, proxy) as (_, client):
        client.post("/api/audio/assets", content=AUDIO)
        came, carried = asyncio.run(there_and_back(proxy, tmp_path))
    assert came == AUDIO
    assert carried < len(AUDIO) * 1.05
    [kept] = (tmp_path / "data" / "storage" / "audio" / "assets").glob("*/prepared-*.mp3")
    assert kept.read_bytes() == AUDIO


async def there_and_back(proxy: Proxy, folder: Path) -> tuple[bytes, int]:
    """Fetch the input of the job that waits, and send it as its output, twice; return it, and how many bytes that has cost."""
    async with new_client("greenroom-test") as client:
        ticket = await HttpClaims(client, proxy.url, SECRET.encode(), utc_now).claim("test", [JobKind.PREPARE], 5)
        assert ticket is not None
        proxy.breaks_after, before = 1_500_000, proxy.carried
        path = await HttpCourier(client).fetch(ticket, folder)
        carried = proxy.carried - before
        proxy.breaks_after = None
        for _ in range(2):
            await HttpCourier(client).send(ticket, Output.PREPARED, path)
    return path.read_bytes(), carried
