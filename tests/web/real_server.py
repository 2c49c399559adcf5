"""The server that runs in production, on a free port, for what only a real connection shows."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Self

import uvicorn
from litestar import Litestar


@contextmanager
def served(app: Litestar) -> Iterator[int]:
    """Serve `app` from a thread and give its port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", http="httptools", loop="uvloop"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        eventually(lambda: server.started)
        try:
            yield int(listening.getsockname()[1])
        finally:
            server.should_exit = server.force_exit = True
            thread.join()


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

    def rest(self) -> bytes:
        """Return what comes until the server hangs up."""
        return b"".join(iter(self.some, b""))

    def some(self) -> bytes:
        try:
            return self.socket.recv(65_536)
        except ConnectionResetError:
            return b""
