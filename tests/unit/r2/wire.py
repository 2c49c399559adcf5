"""A server that stands between a client and a real one, or instead of it, and does what servers do when they are not well."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from adapters.r2.bucket import Bucket
from adapters.r2.client import Account, new_client

Serve = Callable[[socket.socket, int], None]
"""What is done with a connection; the number says how many came before it."""


@contextmanager
def listening(serve: Serve) -> Iterator[str]:
    """Serve every connection in a thread of its own; give the address. Sockets are closed at the end."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ExitStack() as opened:
        threading.Thread(target=_accept, args=(listener, serve, opened), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, serve: Serve, opened: ExitStack) -> None:
    number = 0
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            opened.callback(connection.close)
            threading.Thread(target=_quietly, args=(serve, connection, number), daemon=True).start()
            number += 1


def _quietly(serve: Serve, connection: socket.socket, number: int) -> None:
    with suppress(OSError):
        serve(connection, number)


def frozen(connection: socket.socket, _: int) -> None:
    """Take what comes, and say nothing."""
    while connection.recv(65_536):
        pass


def answering(status: str, body: bytes = b"") -> Serve:
    """Answer every request alike, and hang up."""

    def serve(connection: socket.socket, _: int) -> None:
        connection.recv(65_536)
        connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        connection.shutdown(socket.SHUT_WR)
        frozen(connection, 0)

    return serve


def breaking(port: int, after: int, times: int) -> Serve:
    """Carry each connection to the real server; the first ones break when so many bytes have come back."""

    def serve(connection: socket.socket, number: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as real:
            threading.Thread(target=_forward, args=(connection, real), daemon=True).start()
            carried = 0
            while data := real.recv(16_384):
                carried += len(data)
                if number < times and carried > after:
                    break
                connection.sendall(data)
        connection.shutdown(socket.SHUT_RDWR)

    return serve


def _forward(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)


def bucket_at(account: Account, name: str = "bucket") -> Bucket:
    """Return a bucket of this account."""
    return Bucket(client=new_client(account), name=name)


def nobody_at(url: str) -> Account:
    """Return an account of whatever listens there."""
    return Account(endpoint=url, region="us-east-1", key_id="key", secret="secret")
