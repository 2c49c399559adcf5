"""Events as text: one line of data each, whatever stands in it."""

import json
from uuid import uuid4

import pytest

from entrypoints.events.text import job_event, live_event, removed_event
from tests.contracts.stores import made_job


@pytest.mark.parametrize(
    "nasty", ["\n", "\r\n", "\r", "\n\nevent: live\n\n", "\x85", "\u2028", "\u2029", "\x0b\x0c\x1c\x1d\x1e", "\x00", "\\u2028"]
)
def test_an_event_is_its_name_its_number_and_one_line_of_data(nasty: str) -> None:
    text = job_event(made_job(params={nasty: nasty}, error=nasty), 7).decode()
    name, number, data, end = text.splitlines()
    assert (name, number, end, text[-2:]) == ("event: job", "id: 7", "", "\n\n")
    told = json.loads(data.removeprefix("data: "))
    assert (told["params"], told["error"]) == ({nasty: nasty}, nasty)


def test_an_event_of_a_snapshot_has_no_number() -> None:
    assert [line.partition(":")[0] for line in job_event(made_job()).decode().splitlines()] == ["event", "data", ""]


def test_what_is_removed_and_where_to_go_on_from_are_said_briefly() -> None:
    job_id = uuid4()
    assert removed_event(job_id, 3) == f'event: removed\nid: 3\ndata: {{"id":"{job_id}"}}\n\n'.encode()
    assert live_event(4) == b"event: live\nid: 4\ndata: {}\n\n"
