"""The bytes: a large file and ranges of it by a local signed link, beside nginx on the same file; and many who listen slowly."""

import os
import random
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from msgspec import Struct

from tests.benchmarks.figures import CannotMeasure, Goal, Ratio, Sample, Section, Series, ratio
from tests.benchmarks.memory import MB, computed, held
from tests.benchmarks.rounds import Bench, contest
from tests.benchmarks.seeding import assets, seed
from tests.benchmarks.servers import Serving, greenroom, nginx
from tests.benchmarks.wrk import load

NEEDS = ("wrk", "nginx")
OURS, NGINX = "local link", "nginx"
WHOLE, RANGES = Goal(at_least=0.6), Goal(at_least=0.4)
SMALL = Goal(at_most=200)
"""MB that a server may hold."""

_OFFSETS = 200


class Sending(Struct, frozen=True):
    """A server that sends the file: at which URL, and which process does it, with its children."""

    url: str
    process: int


def run(bench: Bench) -> Section:
    """Have both send the file, whole and by ranges, to some numbers of connections; then hold many connections open."""
    series: list[Series] = []
    ratios: list[Ratio] = []
    sizes = bench.sizes
    with ExitStack() as stack:
        contenders = _contenders(bench, stack)
        ranges = _ranges(bench)
        for connections in sizes.byte_connections:
            for what, file, goal in (("whole file", None, WHOLE), ("ranges", ranges, RANGES)):
                turns = {name: partial(_sent, each, connections, sizes.seconds, file) for name, each in contenders.items()}
                found = contest(bench, f"{what}, {connections} connections", "GB/s", turns)
                series += found.values()
                ratios.append(ratio(found[OURS], found[NGINX], goal))
        case = f"{sizes.listeners} slow listeners"
        held_by = contest(
            bench, case, "MB RSS", {name: partial(_held, each, sizes.listeners) for name, each in contenders.items()}, 1
        )
    ours = Series(case=case, who=OURS, unit="MB RSS", values=held_by[OURS].values, more=held_by[OURS].more, goal=SMALL)
    return Section(way="bytes", series=(*series, ours, held_by[NGINX]), ratios=tuple(ratios), notes=_notes(bench))


def _notes(bench: Bench) -> tuple[str, ...]:
    file = f"the file has {bench.sizes.file_bytes // MB} MB, a range {bench.sizes.range_bytes / MB:g} MB"
    return (
        file,
        "wrk takes a core itself: what it can take in bounds both, and then the server's CPU seconds a GB tell them apart",
    )


def _sent(sending: Sending, connections: int, seconds: float, ranges: Path | None) -> Sample:
    script, arguments = ("told", []) if ranges is None else ("turns", [str(ranges), "Range"])
    before = computed(sending.process)
    run = load(sending.url, connections=connections, seconds=seconds, script=script, arguments=arguments)
    return Sample(run.gigabytes, {"CPU s/GB": (computed(sending.process) - before) / run.bytes * 10**9})


def _held(sending: Sending, listeners: int) -> Sample:
    """Say how much the server holds while so many have read the beginning of the file and go on slowly."""
    before = held(sending.process)
    with _listening(sending.url, listeners):
        return Sample(held(sending.process) / MB, {"MB before": before / MB})


@contextmanager
def _listening(url: str, listeners: int) -> Iterator[None]:
    """Hold connections that have the beginning of an answer, and small buffers for the rest."""
    parts = urlsplit(url)
    request = f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
    with ExitStack() as stack:
        for _ in range(listeners):
            listener = stack.enter_context(socket.socket())
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
            listener.settimeout(30)
            listener.connect((parts.hostname or "", parts.port or 80))
            listener.sendall(request)
            if not listener.recv(12).startswith(b"HTTP/1.1 200"):
                raise CannotMeasure(f"A listener was refused at {parts.path}")
        yield


def _contenders(bench: Bench, stack: ExitStack) -> Mapping[str, Sending]:
    folder = bench.inside("bytes")
    [asset] = assets(1)
    [original] = asset.renditions.values()
    served = stack.enter_context(greenroom(folder, {}))
    seed(served.environment, items=[asset])
    root = folder / "data" / "storage"
    file = root / original.key
    file.parent.mkdir(parents=True)
    _fill(file, bench.sizes.file_bytes)
    plain = stack.enter_context(nginx(bench.inside("nginx"), root))
    return {
        OURS: Sending(_link(served, asset.id), served.process),
        NGINX: Sending(f"{plain.url}/{original.key}", plain.process),
    }


def _link(served: Serving, asset_id: str) -> str:
    answer = httpx.get(f"{served.url}/api/audio/assets/{asset_id}/stream", trust_env=False)
    return served.url + answer.headers["location"]


def _fill(file: Path, size: int) -> None:
    block = os.urandom(MB)
    with file.open("wb") as out:
        for start in range(0, size, MB):
            out.write(block[: size - start])


def _ranges(bench: Bench) -> Path:
    """Write down ranges that begin anywhere in the file."""
    chance, sizes = random.Random(1), bench.sizes
    starts = [chance.randrange(sizes.file_bytes - sizes.range_bytes) for _ in range(_OFFSETS)]
    path = bench.folder / "ranges"
    path.write_text("".join(f"bytes={start}-{start + sizes.range_bytes - 1}\n" for start in starts))
    return path
