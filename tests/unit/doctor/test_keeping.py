"""What the doctor finds of a store and a storage that do not do what is asked of them."""

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from typing import Any

import pytest

from adapters.memory.storage import MemoryStorage
from entrypoints.doctor.findings import Finding, State
from entrypoints.doctor.keeping import examine_storage, examine_store
from entrypoints.parts import Kept, Objects, Promise
from ports.errors import OutOfSpace, Unavailable
from ports.storage import StoredObject

pytestmark = pytest.mark.anyio


class Sick:
    """A storage whose calls may be told to fail, and which may give back other bytes than were asked for."""

    def __init__(self, troubles: Mapping[str, Exception] | None = None, *, whole: bool = False) -> None:
        self.kept = MemoryStorage()
        self._troubles = troubles or {}
        self._whole = whole

    async def check(self) -> None:
        self._suffer("check")

    async def put(self, key: str, body: AsyncIterable[bytes], content_type: str) -> StoredObject:
        self._suffer("put")
        return await self.kept.put(key, body, content_type)

    async def read(self, key: str, start: int, length: int) -> AsyncIterator[bytes]:
        self._suffer("read")
        async for chunk in self.kept.read(key) if self._whole else self.kept.read(key, start, length):
            yield chunk

    async def remove(self, key: str) -> None:
        self._suffer("remove")
        await self.kept.remove(key)

    def _suffer(self, call: str) -> None:
        if call in self._troubles:
            raise self._troubles[call]


async def found_of(sick: Any) -> Finding:
    [finding] = await examine_storage(Objects(storage=sick, links=sick, multipart=sick, check=sick, sweep=sick))
    return finding


@pytest.mark.parametrize("call", ["check", "put", "read", "remove"])
async def test_a_storage_that_refuses_one_call_is_trouble(call: str) -> None:
    sick = Sick({call: Unavailable("storage")})
    finding = await found_of(sick)
    assert (finding.state, "do its credentials allow" in finding.says) == (State.TROUBLE, True)
    assert (call == "remove") == bool([item async for item in sick.kept.list("")])


async def test_a_storage_that_is_full_says_so_and_not_that_it_is_forbidden() -> None:
    finding = await found_of(Sick({"put": OutOfSpace("storage")}))
    assert (finding.state, "no space left: make room" in finding.says, "credentials" in finding.says) == (
        State.TROUBLE,
        True,
        False,
    )


async def test_a_storage_that_gives_all_where_a_part_was_asked_for_is_trouble() -> None:
    finding = await found_of(Sick(whole=True))
    assert (finding.state, "could not seek" in finding.says) == (State.TROUBLE, True)


async def test_a_storage_that_does_all_is_good_and_left_empty() -> None:
    sick = Sick()
    assert (await found_of(sick)).state is State.GOOD
    assert not [item async for item in sick.kept.list("")]


def store(check: Exception | None = None, promise: Promise | None = None) -> Kept:
    sick: Any = Sick({"check": check} if check else {})
    return Kept(
        jobs=sick,
        assets=sick,
        uploads=sick,
        census=sick,
        feed=sick,
        due_jobs=sick,
        due_assets=sick,
        due_uploads=sick,
        check=sick,
        promise=promise,
    )


@pytest.mark.parametrize(
    ("error", "told"),
    [(Unavailable("store"), "is the server there that its URL names"), (OutOfSpace("store"), "no space left: make room")],
)
async def test_a_store_that_cannot_be_used_is_trouble(error: Exception, told: str) -> None:
    [finding] = await examine_store(store(error))
    assert (finding.state, told in finding.says) == (State.TROUBLE, True)


@pytest.mark.parametrize(("weak", "state"), [(True, State.WARNING), (False, State.GOOD)])
async def test_what_a_store_promises_is_told_as_it_is(state: State, *, weak: bool) -> None:
    found = await examine_store(store(promise=Promise("A sentence", weak)))
    assert [(finding.state, finding.says) for finding in found] == [
        (State.GOOD, "It can be read and changed"),
        (state, "A sentence"),
    ]
