"""Whatever is asked of a job store, in whatever order, it answers as the one in memory does."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.memory.jobs import MemoryJobStore
from ports.errors import AlreadyExists, Conflict, NotFound
from ports.jobs import JobKind, JobStatus, JobStore
from ports.paging import Cursor
from tests.contracts.stores import HARNESSES, NOW, SECOND, Harness, made_job

Command: TypeAlias = Callable[[JobStore], Awaitable[object]]

ids = st.integers(1, 4).map(lambda number: UUID(int=number))
times = st.integers(-3, 3).map(lambda seconds: NOW + seconds * SECOND)
statuses = st.sampled_from(JobStatus)
assets = st.sampled_from([None, "one"])
any_job = st.builds(
    made_job,
    id=ids,
    kind=st.sampled_from(JobKind),
    created=times,
    due=times,
    status=statuses,
    asset_id=assets,
    version=st.integers(0, 3),
)
cursors = st.none() | st.builds(Cursor, times, ids.map(str))

commands: st.SearchStrategy[Command] = st.one_of(
    any_job.map(lambda job: lambda store: store.add(job)),
    any_job.map(lambda job: lambda store: store.replace(job)),
    ids.map(lambda job_id: lambda store: store.get(job_id)),
    ids.map(lambda job_id: lambda store: store.remove(job_id)),
    st.builds(
        lambda some, kinds, now, request: lambda store: store.take_due(some, kinds, now, now + SECOND, request),
        st.sets(statuses),
        st.sets(st.sampled_from(JobKind)),
        times,
        st.sampled_from(["one", "two"]),
    ),
    st.builds(
        lambda some, kinds, asset, after, limit: (
            lambda store: store.page(statuses=some, kinds=kinds, asset_id=asset, after=after, limit=limit)
        ),
        st.none() | st.sets(statuses),
        st.none() | st.sets(st.sampled_from(JobKind)),
        assets,
        cursors,
        st.integers(1, 5),
    ),
)


async def outcome(command: Command, store: JobStore) -> object:
    """Return what came of the command, its error by name."""
    try:
        return await command(store)
    except (AlreadyExists, Conflict, NotFound) as error:
        return repr(error)


async def answers_as_memory_does(harness: Harness, asked: list[Command]) -> None:
    model = MemoryJobStore()
    with TemporaryDirectory() as place:
        async with harness.open(Path(place)) as stores:
            for command in asked:
                assert await outcome(command, stores.jobs) == await outcome(command, model)


@pytest.mark.parametrize("harness", [harness for harness in HARNESSES if harness.durable], ids=lambda harness: harness.name)
@settings(max_examples=50, deadline=None)
@given(asked=st.lists(commands, min_size=10, max_size=40))
def test_any_commands_are_answered_as_in_memory(harness: Harness, asked: list[Command]) -> None:
    asyncio.run(answers_as_memory_does(harness, asked))
