"""`greenroom jobs`: read and steered in the store itself."""

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from click.testing import CliRunner, Result

from adapters.sqlite.database import Database
from adapters.sqlite.jobs import SqliteJobStore
from entrypoints.cli import main
from entrypoints.views import job_view
from ports.jobs import Attempt, Delivery, Job, JobKind, JobStatus, Outcome
from tests.contracts.stores import NOW, SECOND, made_job

Run = Callable[..., Result]
NOBODY = "0d164bd8-a196-457c-81ea-556b3a12208d"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a function that runs a command in a folder of its own, whose data folder has a database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "data").mkdir()
    kept()
    return lambda *arguments: CliRunner().invoke(main, ["jobs", *arguments])


def kept(*jobs: Job) -> None:
    """Keep the jobs in the database of this folder."""

    async def add() -> None:
        async with await Database.open(Path("data/greenroom.db")) as database:
            for job in jobs:
                await SqliteJobStore(database).add(job)

    asyncio.run(add())


def read(job_id: UUID) -> Job:
    async def get() -> Job:
        async with await Database.open(Path("data/greenroom.db")) as database:
            return await SqliteJobStore(database).get(job_id)

    return asyncio.run(get())


def test_jobs_are_listed_newest_first_as_the_api_lists_them(run: Run) -> None:
    jobs = [made_job(kind=JobKind.RENDER, created=NOW + number * SECOND) for number in range(3)]
    kept(*jobs)
    listed = json.loads(run("list", "--json").stdout)
    assert listed == {"items": [json.loads(msgspec.json.encode(job_view(job))) for job in reversed(jobs)], "next": None}


@pytest.mark.parametrize(
    ("options", "places"),
    [
        (["--status", "failed"], [1]),
        (["--kind", "render"], [2]),
        (["--asset", "one"], [3]),
        (["--status", "queued", "--kind", "prepare"], [3, 0]),
        (["--limit", "2"], [3, 2]),
    ],
)
def test_a_list_can_be_narrowed(run: Run, options: list[str], places: list[int]) -> None:
    facts: list[dict[str, Any]] = [{}, {"status": JobStatus.FAILED}, {"kind": JobKind.RENDER}, {"asset_id": "one"}]
    jobs = [made_job(created=NOW + place * SECOND, **fact) for place, fact in enumerate(facts)]
    kept(*jobs)
    items = json.loads(run("list", "--json", *options).stdout)["items"]
    assert [item["id"] for item in items] == [str(jobs[place].id) for place in places]


def test_pages_together_list_every_job_once(run: Run) -> None:
    kept(*(made_job() for _ in range(5)))
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = json.loads(run("list", "--json", "--limit", "2", *(["--cursor", cursor] if cursor else [])).stdout)
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert len(set(seen)) == len(seen) == 5


def test_people_see_a_table_with_whole_ids_and_where_it_goes_on(run: Run) -> None:
    jobs = [made_job(asset_id="a" * 64) for _ in range(2)]
    kept(*jobs)
    told = run("list", "--limit", "1").stdout
    assert sum(str(job.id) in told for job in jobs) == 1
    assert "--cursor" in told
    assert "There are no such jobs" in run("list", "--status", "failed").stdout


def test_attempts_that_were_given_back_are_told_apart_from_those_that_count(run: Run) -> None:
    times: dict[str, Any] = {"started": NOW, "lease": NOW, "renewal": 60.0, "deadline": NOW, "ended": NOW, "worker": "render-1"}
    outcomes = [Outcome.RELEASED, Outcome.FAILED, Outcome.RELEASED, Outcome.RELEASED, Outcome.LOST]
    attempts = tuple(Attempt(number=number, outcome=outcome, **times) for number, outcome in enumerate(outcomes, 1))
    kept(made_job(attempts=attempts), made_job(attempts=attempts[1:2]))
    told = run("list").stdout
    assert "2 of 3, 3 given back" in told
    assert "1 of 3 " in told


def test_one_job_is_shown_as_the_api_shows_it(run: Run) -> None:
    job = made_job(kind=JobKind.RENDER, params={"scene": 1})
    kept(job)
    assert json.loads(run("show", str(job.id), "--json").stdout) == json.loads(msgspec.json.encode(job_view(job)))


def test_its_history_is_told_in_plain_words(run: Run) -> None:
    tries: dict[str, Any] = {"lease": NOW, "renewal": 60.0, "deadline": NOW + timedelta(hours=1)}
    job = made_job(
        status=JobStatus.FAILED,
        error="No audio in it",
        ended=NOW + 9 * SECOND,
        attempts=(
            Attempt(number=1, worker="render-1", started=NOW, ended=NOW + SECOND, outcome=Outcome.LOST, code="lost", **tries),
            Attempt(number=2, worker="x\x1b[2J", started=NOW, ended=NOW, outcome=Outcome.FAILED, message="[red]bad", **tries),
            Attempt(number=3, worker="inline", started=NOW, progress=0.5, message="measuring", **tries),
        ),
        deliveries=(Delivery(at=NOW, status=500, error="It answered 500"), Delivery(at=NOW, status=204)),
    )
    kept(job)
    told = run("show", str(job.id)).stdout
    for words in (
        "attempt 1 was started by render-1",
        "attempt 1 was lost: its worker fell silent",
        "attempt 2 was started by x\\x1b[2J",
        "attempt 2 failed: [red]bad",
        "attempt 3 goes on, 50% done: measuring",
        "the job is failed",
        "the app could not be told (500): It answered 500",
        "the app was told (204)",
        "No audio in it",
    ):
        assert words in told, told
    assert "\x1b" not in told


def test_a_job_is_cancelled(run: Run) -> None:
    job = made_job()
    kept(job)
    assert f"Cancelled job {job.id}" in run("cancel", str(job.id)).stdout
    assert read(job.id).status is JobStatus.CANCELLED
    assert json.loads(run("cancel", str(job.id), "--json").stdout)["status"] == "cancelled"


def test_a_failed_job_is_tried_again_as_a_new_one(run: Run) -> None:
    job = made_job(kind=JobKind.RENDER, status=JobStatus.FAILED, params={"scene": 1}, ended=NOW)
    kept(job)
    again = json.loads(run("retry", str(job.id), "--json").stdout)
    assert (again["retryOf"], again["status"], again["params"]) == (str(job.id), "queued", {"scene": 1})
    assert read(UUID(again["id"])).retry_of == job.id
    assert f"which tries {job.id} again" in run("retry", str(job.id)).stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["show", NOBODY], "Job not found"),
        (["cancel", NOBODY], "Job not found"),
        (["retry", NOBODY], "Job not found"),
        (["list", "--cursor", "x"], "cursor must be"),
    ],
)
def test_what_can_not_be_done_is_said_in_a_sentence_on_standard_error(run: Run, arguments: list[str], sentence: str) -> None:
    told = run(*arguments, "--json")
    assert (told.exit_code, told.stdout) == (1, "")
    assert sentence in told.stderr


def test_a_job_that_is_at_its_end_is_neither_cancelled_nor_tried_again(run: Run) -> None:
    job = made_job(status=JobStatus.COMPLETE, ended=NOW)
    kept(job)
    for command in ("cancel", "retry"):
        told = run(command, str(job.id))
        assert (told.exit_code, told.stdout) == (1, "")
        assert "A job that is complete cannot be" in told.stderr


def test_a_job_whose_asset_is_gone_is_not_tried_again(run: Run) -> None:
    job = made_job(status=JobStatus.FAILED, ended=NOW, asset_id="gone")
    kept(job)
    assert "Asset not found" in run("retry", str(job.id)).stderr


@pytest.mark.parametrize("arguments", [["show", "x"], ["show"], ["list", "--status", "done"], ["list", "--limit", "0"], ["sing"]])
def test_a_wrong_call_is_told_apart(run: Run, arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize("variables", [{}, {"GREENROOM_DATABASE_URL": "sqlite:////nowhere/at/all.db"}])
def test_where_no_server_ever_ran_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    told = CliRunner().invoke(main, ["jobs", "list"])
    assert told.exit_code == 1
    assert "There is no database at" in told.stderr
    assert list(tmp_path.iterdir()) == []


@contextmanager
def not_as_root() -> Iterator[None]:
    """Be nobody for a while, if we are root: root may write everywhere."""
    if os.getuid():
        yield
        return
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.mark.parametrize(("place", "mode"), [("data", 0o555), ("data/greenroom.db", 0o444)])
@pytest.mark.parametrize("command", [["jobs", "list"], ["jobs", "show", NOBODY], ["housekeep"]])
def test_what_can_only_be_read_is_named_and_so_is_the_setting_that_says_where_it_is(
    run: Run, place: str, mode: int, command: list[str]
) -> None:
    run("list")
    CliRunner().invoke(main, ["housekeep"])  # loads what nobody may not be allowed to load
    for path, usual in (Path(), 0o755), (Path("data"), 0o777), (Path("data/greenroom.db"), 0o666), (Path(place), mode):
        path.chmod(usual)
    with not_as_root():
        told = CliRunner().invoke(main, command)
    assert told.exit_code == 1
    assert told.stderr == f"Error: GREENROOM_DATA_DIR can't be used: It must be writable, even to read ({place})\n"


def test_a_setting_that_is_wrong_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_DATABASE_URL", "postgres://")
    told = run("list")
    assert told.exit_code == 1
    assert "GREENROOM_DATABASE_URL" in told.stderr


def test_a_refusal_is_one_line_however_long_and_cannot_pass_for_another(run: Run) -> None:
    told = run("list", "--cursor", "x" * 200 + "\nError: none")
    assert (told.exit_code, told.stdout) == (1, "")
    assert told.stderr == "Error: cursor must be the `next` of an earlier page\n"


def test_a_refusal_that_names_what_was_given_is_one_line_too(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["init", "-o", str(tmp_path / ("x" * 80) / "a\nb")])
    assert (told.exit_code, told.stdout, told.stderr.count("\n")) == (1, "", 1)
    assert told.stderr.startswith(f"Error: {tmp_path}/{'x' * 80}/a\\nb can't be written")
