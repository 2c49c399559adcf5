"""The server that runs in production, on a free port, for what only a real connection shows."""

import asyncio
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from select import select
from typing import Literal, Self

import uvicorn
from litestar import Litestar


@contextmanager
def served(app: Litestar, protocol: type[asyncio.Protocol] | Literal["httptools"] = "httptools") -> Iterator[int]:
    """Serve `app` from a thread, by uvicorn's own protocol or another, and give its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", http=protocol, loop="uvloop"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        eventually(lambda: server.started)
        try:
            yield int(listening.getsockname()[1])
        finally:
            server.should_exit = server.force_exit = True
            thread.join()


_SIZE = re.compile(rb"content-length: ([0-9]+)\r\n(?:.+\r\n)*\r\n", re.IGNORECASE)


def eventually(condition: Callable[[], object], seconds: float = 5) -> None:
    """Return when the condition holds. Fail if that takes too long."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to pass"
        time.sleep(0.01)


class Connection:
    """A bare connection: sends what it is told, byte by byte."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answers(self, within: float) -> bool:
        """Say whether there is something to read, waiting for it as long as that."""
        return bool(select([self.socket], [], [], within)[0])

    def rest(self) -> bytes:
        """Return what comes until the server hangs up."""
        return b"".join(iter(self.some, b""))

    def answer(self) -> bytes:
        """Return one whole answer that says how long it is, in however many pieces it comes."""
        answer = b""
        while not (said := _SIZE.search(answer)) or len(answer) < answer.index(b"\r\n\r\n") + 4 + int(said[1]):
            some = self.some()
            assert some, "hung up in the middle of an answer"
            answer += some
        return answer

    def some(self) -> bytes:
        try:
            return self.socket.recv(65_536)
        except ConnectionResetError:
            return b""
