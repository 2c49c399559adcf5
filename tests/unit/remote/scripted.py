"""A server of HTTP that answers as it was told, one answer a connection, and remembers what it was asked."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Asked:
    """A request as it came: names of headers in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


def answer(status: int, body: bytes = b"", length: int | None = None, **headers: str) -> bytes:
    """Return an answer, word for word. `length` is what it claims of its body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    told = {"Content-Length": str(len(body) if length is None else length), "Connection": "close", **named}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 {status} Told\r\n{head}\r\n".encode() + body


@dataclass
class Scripted:
    """The answers still to give, the last of them again and again: bytes, or what makes them of the request."""

    answers: list[bytes | Callable[[Asked], bytes]]
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = lines[0].split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.asked.append(Asked(method, path, headers, body))
        told = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        writer.write(told if isinstance(told, bytes) else told(self.asked[-1]))
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def scripted(*answers: bytes | Callable[[Asked], bytes]) -> AsyncIterator[Scripted]:
    """Serve on a free port."""
    script = Scripted(list(answers))
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    script.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield script
