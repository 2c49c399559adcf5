"""A TCP proxy between a worker and its server that goes dark, answers for a busy server, or loses what was said."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

BUSY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Proxy:
    """What it does to the connections through it to `target`, a port of `host`, as its attributes say at the moment.

    `dark`: nothing goes through, either way, until there is light again. `busy`: each request is answered 503. `loses_requests`
    and `loses_answers`: those with these bytes in them, or to such a request, are lost with their connection. `lost` counts all
    that came to nothing. `breaks_after`: each connection breaks when so many bytes have come from the server; `carried` counts
    them all.
    """

    def __init__(self) -> None:
        self.url = ""
        self.host = "127.0.0.1"
        self.target = 0
        self.dark = False
        self.busy = False
        self.loses_requests: bytes | None = None
        self.loses_answers: bytes | None = None
        self.lost = 0
        self.breaks_after: int | None = None
        self.carried = 0

    async def carry(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Carry one connection to its end."""
        with suppress(OSError), closing(back):
            server, forth = await asyncio.open_connection(self.host, self.target)
            asked: list[bytes] = [b""]
            ways = {
                asyncio.create_task(self._forth(client, forth, back, asked)),
                asyncio.create_task(self._back(server, back, asked)),
            }
            with closing(forth):
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                for way in ways:
                    way.cancel()

    async def _forth(
        self, client: asyncio.StreamReader, forth: asyncio.StreamWriter, back: asyncio.StreamWriter, asked: list[bytes]
    ) -> None:
        with suppress(OSError):
            while data := await client.read(65_536):
                await self._light()
                if self.busy:
                    back.write(BUSY)
                    await back.drain()
                if self.busy or (self.loses_requests is not None and self.loses_requests in data):
                    self.lost += 1
                    return
                asked[0] = data
                forth.write(data)
                await forth.drain()

    async def _back(self, server: asyncio.StreamReader, back: asyncio.StreamWriter, asked: list[bytes]) -> None:
        carried = 0
        with suppress(OSError):
            while data := await server.read(16_384):
                await self._light()
                if self.loses_answers is not None and self.loses_answers in asked[0]:
                    self.lost += 1
                    return
                if self.breaks_after is not None and carried >= self.breaks_after:
                    return
                carried += len(data)
                self.carried += len(data)
                back.write(data)
                await back.drain()

    async def _light(self) -> None:
        while self.dark:  # noqa: ASYNC110  (set from another thread)
            await asyncio.sleep(0.01)


@contextmanager
def running_proxy() -> Iterator[Proxy]:
    """Run a proxy in a thread, on a free port."""
    proxy, loop = Proxy(), asyncio.new_event_loop()
    listening = loop.run_until_complete(asyncio.start_server(proxy.carry, "127.0.0.1", 0))
    proxy.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(_end(listening), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(listening: asyncio.Server) -> None:
    listening.close()
    await asyncio.sleep(0)  # a connection that was just accepted can be closed once its task has begun
    carrying = asyncio.all_tasks() - {asyncio.current_task()}
    for task in carrying:
        task.cancel()
    await asyncio.gather(*carrying, return_exceptions=True)
    await asyncio.sleep(0)  # what was closed is closed at the next turn of the loop
