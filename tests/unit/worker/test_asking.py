"""Asking for tickets: patiently while the server is away, and nothing is lost as the worker is told to stop."""

import asyncio
from collections.abc import Awaitable, Callable, Collection

import pytest
from structlog.testing import capture_logs

from adapters.inline.pool import InlinePool
from entrypoints.work import asking
from entrypoints.work.asking import Outlook, Station, claim_forever
from ports.errors import ClaimRefused, OutOfSpace, Unavailable
from ports.jobs import JobKind
from ports.work import Ticket
from tests.unit.remote.tickets import ticket

pytestmark = pytest.mark.anyio

TICKET = ticket("http://127.0.0.1:9")


class Server:
    """Answers claims as it was told: a ticket, None, or what it raises; then it waits, as for a job to come up."""

    def __init__(self, *answers: Ticket | Exception | None) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, Collection[JobKind], float]] = []
        self.waiting = asyncio.Event()
        self.arrives = asyncio.Event()

    async def claim(self, worker: str, kinds: Collection[JobKind], wait: float) -> Ticket | None:
        self.asked.append((worker, kinds, wait))
        if not self.answers:
            self.waiting.set()
            await self.arrives.wait()
            return TICKET
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def at_once(_: Ticket) -> None:
    return None


def station(server: Server, work: Callable[[Ticket], Awaitable[None]] = at_once, places: int = 1) -> Station:
    pool = InlinePool(places, work)
    return Station(name="w1", kinds=[JobKind.PREPARE], claims=server, dispatcher=pool, room=pool.room)


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(asking, "LONGEST_PAUSE", 0.001)


async def asked_until_it_waits(server: Server, work: Callable[[Ticket], Awaitable[None]] = at_once) -> None:
    claiming = asyncio.create_task(claim_forever(station(server, work)))
    waiting = asyncio.create_task(server.waiting.wait())
    await asyncio.wait([claiming, waiting], return_when=asyncio.FIRST_COMPLETED, timeout=10)
    claiming.cancel()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await claiming


async def test_tickets_are_handed_out_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "ON_ITS_WAY", 0)
    done: list[Ticket] = []

    async def work(given: Ticket) -> None:
        done.append(given)

    server = Server(TICKET, TICKET)
    await asked_until_it_waits(server, work)
    assert done == [TICKET, TICKET]
    assert server.asked[0] == ("w1", [JobKind.PREPARE], 20)


async def test_nothing_is_claimed_while_every_place_is_taken() -> None:
    server, both = Server(TICKET, TICKET, TICKET), asyncio.Event()
    working = 0

    async def forever(_: Ticket) -> None:
        nonlocal working
        working += 1
        if working == 2:
            both.set()
        await asyncio.Event().wait()

    pool = InlinePool(2, forever)
    post = Station(name="w1", kinds=[JobKind.PREPARE], claims=server, dispatcher=pool, room=pool.room)
    claiming = asyncio.create_task(claim_forever(post))
    await asyncio.wait_for(both.wait(), 10)
    await asyncio.sleep(0)
    assert len(server.asked) == 2
    claiming.cancel()
    await asyncio.gather(claiming, return_exceptions=True)
    await pool.close()


async def test_a_server_that_is_away_is_waited_for_and_the_log_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "ON_ITS_WAY", 0)
    away = [Unavailable("The server", 0)] * 4
    with capture_logs() as logs:
        await asked_until_it_waits(Server(*away, TICKET, OutOfSpace("The server")))
    assert [line["event"] for line in logs] == ["waiting for the server", "the server answers again", "waiting for the server"]


async def test_a_server_that_will_not_have_us_ends_it() -> None:
    with pytest.raises(ClaimRefused):
        await claim_forever(station(Server(Unavailable("The server", 0), ClaimRefused("no"))))


async def test_a_server_that_has_had_us_is_waited_for_whatever_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "ON_ITS_WAY", 0)
    server = Server(TICKET, ClaimRefused("the secret changes"), ClaimRefused("the secret changes"), TICKET)
    with capture_logs() as logs:
        await asked_until_it_waits(server)
    assert [line.get("why") for line in logs] == ["the secret changes", None]
    assert len(server.asked) == 5


async def test_a_server_that_says_at_once_that_there_is_nothing_is_not_asked_again_at_once() -> None:
    server = Server(*[None] * 50)
    claiming = asyncio.create_task(claim_forever(station(server)))
    await asyncio.sleep(0.1)
    claiming.cancel()
    await asyncio.gather(claiming, return_exceptions=True)
    assert len(server.asked) == 1


async def test_a_ticket_that_is_on_its_way_as_the_worker_is_told_to_stop_is_given_back() -> None:
    server, told = Server(), []

    async def work(given: Ticket) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            told.append(given)
            raise

    pool = InlinePool(1, work)
    post = Station(name="w1", kinds=[JobKind.PREPARE], claims=server, dispatcher=pool, room=pool.room)
    claiming = asyncio.create_task(claim_forever(post))
    await asyncio.wait_for(server.waiting.wait(), 10)
    claiming.cancel()
    asyncio.get_running_loop().call_soon(server.arrives.set)
    with pytest.raises(asyncio.CancelledError):
        await claiming
    await pool.close()
    assert told == [TICKET]


def test_pauses_grow_with_jitter_and_respect_what_the_server_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "FIRST_PAUSE", 0.5)
    monkeypatch.setattr(asking, "LONGEST_PAUSE", 30)
    for _ in range(50):
        outlook = Outlook()
        pauses = [outlook.pause("away") for _ in range(12)]
        assert all(0 <= pause <= min(2**number, 30) for number, pause in enumerate(pauses))
        assert 7 <= outlook.pause("away", 7) <= 37
    assert max(pauses) > 1
