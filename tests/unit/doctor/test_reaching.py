"""What the doctor finds of those who are to be reached."""

from pathlib import Path

import httpx
import pytest

from entrypoints.doctor.clock import examine_clock
from entrypoints.doctor.findings import State
from entrypoints.doctor.reaching import examine_called, examine_server, examine_webhook
from entrypoints.settings import Settings, load_settings
from tests.services.freeport import free_port
from tests.unit.doctor.answering import answering

pytestmark = pytest.mark.anyio

URL = "http://audio.example"
SECRET = {"INTERNAL_WEBHOOK_SECRET": "a secret of this test"}


def settings(folder: Path, **environment: str) -> Settings:
    return load_settings(environment, folder / ".env")


async def test_a_server_that_answers_is_good(tmp_path: Path) -> None:
    [finding] = await examine_server(URL, settings(tmp_path), answering({"GET": 200}))
    assert finding.state is State.GOOD


@pytest.mark.parametrize(
    ("status", "named"),
    [(301, "redirects to https://audio.example/healthz: workers don't follow"), (404, "/healthz answers 404: is it a Greenroom")],
)
async def test_a_public_url_that_leads_elsewhere_is_trouble(tmp_path: Path, status: int, named: str) -> None:
    elsewhere = answering({"GET": status}, {"Location": "https://audio.example/healthz"})
    [finding] = await examine_server(URL, settings(tmp_path, GREENROOM_PUBLIC_URL=URL), elsewhere)
    assert (finding.state, named in finding.says) == (State.TROUBLE, True)


@pytest.mark.parametrize(("public", "state"), [(True, State.TROUBLE), (False, State.WARNING)])
async def test_a_server_that_is_not_reached_is_trouble_where_others_are_sent_to_it(
    tmp_path: Path, public: bool, state: State
) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    chosen = settings(tmp_path, **({"GREENROOM_PUBLIC_URL": url} if public else {}))
    async with httpx.AsyncClient(trust_env=False) as client:
        [finding] = await examine_server(url, chosen, client)
    assert (finding.state, finding.says.startswith(f"No server is reached at {url}")) == (state, True)


@pytest.mark.parametrize(
    ("status", "state", "named"),
    [
        (400, State.GOOD, "their secret is believed"),
        (401, State.TROUBLE, "another INTERNAL_WEBHOOK_SECRET"),
        (500, State.TROUBLE, "no INTERNAL_WEBHOOK_SECRET"),
        (403, State.TROUBLE, "something in front of the server"),
        (302, State.TROUBLE, "answers 302"),
    ],
)
async def test_the_webhook_s_answer_says_whether_callbacks_arrive(tmp_path: Path, status: int, state: State, named: str) -> None:
    [finding] = await examine_webhook(URL, settings(tmp_path, **SECRET), answering({"POST": status}))
    assert (finding.state, named in finding.says) == (state, True)


async def test_without_a_secret_there_is_no_webhook_to_ask(tmp_path: Path) -> None:
    assert await examine_webhook(URL, settings(tmp_path), answering({})) == []


async def test_those_who_are_called_are_named_where_nobody_answers(tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/?key=hush"
    chosen = settings(
        tmp_path,
        GREENROOM_DISPATCH="push",
        GREENROOM_PUBLIC_URL=URL,
        GREENROOM_DISPATCH_URL=nobody,
        GREENROOM_NOTIFY_URL=nobody,
        GREENROOM_NOTIFY_SECRET=f"whsec_{'A' * 32}",
    )
    async with httpx.AsyncClient(trust_env=False) as client:
        found = await examine_called(chosen, client)
    assert [(finding.what, finding.state) for finding in found] == [
        ("GREENROOM_DISPATCH_URL", State.TROUBLE),
        ("GREENROOM_NOTIFY_URL", State.TROUBLE),
    ]
    assert "hush" not in str(found)
    there = await examine_called(chosen, answering({"OPTIONS": 405}))
    assert {finding.state for finding in there} == {State.GOOD}


@pytest.mark.parametrize(
    ("date", "states"),
    [
        ("Sun, 22 Nov 2020 12:00:00 GMT", [State.TROUBLE]),
        ("Sun, 22 Nov 2099 12:00:00 GMT", [State.TROUBLE]),
        ("yesterday", []),
    ],
)
async def test_a_clock_that_differs_from_others_is_trouble(date: str, states: list[State]) -> None:
    assert [finding.state for finding in await examine_clock([URL], answering({"GET": 200}, {"Date": date}))] == states
