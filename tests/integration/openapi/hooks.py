"""What schemathesis can't know by itself: what audio is, what a cursor is, and that nobody waits for work here."""

import base64
import json
from typing import Any

import schemathesis
from hypothesis import strategies as st

from tests.web.calls import wav

PRINTABLE = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=100)


def cursor(moment: str, shown: str) -> str:
    """Return the `next` of a page, as the server writes it."""
    return base64.urlsafe_b64encode(json.dumps({"created": f"{moment}Z", "id": shown}).encode()).decode()


schemathesis.openapi.format(
    "cursor", st.builds(cursor, st.datetimes().map(lambda moment: moment.isoformat()), st.uuids().map(str))
)
schemathesis.openapi.format("printable", PRINTABLE)
schemathesis.openapi.format("name", PRINTABLE.filter(lambda name: not {"/", "\\"} & set(name)))
schemathesis.openapi.media_type("application/octet-stream", st.builds(wav, st.floats(0.1, 0.2), st.sampled_from([8000, 44100])))


@schemathesis.hook
def before_call(_: Any, case: schemathesis.Case[Any], __: Any) -> None:
    """Write whole numbers as JSON does (its schemas take 1.0 for one, too), and wait neither for work nor for what comes next."""
    if isinstance(case.body, dict):
        case.body = _written(case.body)
    if case.operation.path == "/api/worker/claim" and isinstance(case.body, dict) and _is_a_wait(case.body.get("wait")):
        case.body["wait"] = 0
    if str(case.headers.get("Last-Event-ID", "")).isdecimal():
        del case.headers["Last-Event-ID"]


def _written(value: Any) -> Any:
    match value:
        case dict():
            return {name: _written(item) for name, item in value.items()}
        case list():
            return [_written(item) for item in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value


def _is_a_wait(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 25
