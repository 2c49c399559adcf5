"""Row by row, the worker callback's table (design 4.1)."""

import json
import logging
import time
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.web.calls import NOBODY, SECRET, WEBHOOK, Api, start_attempt, wav
from tests.web.conftest import Serve

pytestmark = pytest.mark.anyio


async def test_without_a_secret_the_answer_is_500_before_everything_else(serve: Serve) -> None:
    api = await serve(INTERNAL_WEBHOOK_SECRET="")
    answer = await api.report(content=b"not even JSON")
    assert answer.status_code == 500
    assert answer.json() == {"error": "Webhook secret not configured"}


async def test_a_previous_secret_alone_is_no_secret(serve: Serve) -> None:
    api = await serve(INTERNAL_WEBHOOK_SECRET="", INTERNAL_WEBHOOK_SECRET_PREVIOUS="old")
    assert (await api.report(bearer="old")).status_code == 500


@pytest.mark.parametrize(
    "authorization",
    [
        [],
        [b""],
        [b"Bearer"],
        [b"Bearer "],
        [b"Bearer wrong"],
        [b"Basic " + SECRET.encode()],
        [SECRET.encode()],
        [b"Bearer " + SECRET.encode() + b"x"],
        [b"Bearer " + SECRET.upper().encode()],
        ["Bearer sécret".encode()],
        ["Bearer sécret".encode("latin-1")],
        [b"Bearer \xff\xfe"],
        [b"Bearer " + SECRET.encode(), b"Bearer " + SECRET.encode()],
        [b"Bearer wrong", b"Bearer " + SECRET.encode()],
        [b"Bearer " + b"x" * 60_000],
        [b"Bearer grt_00000000000000000000000000000000.1." + b"A" * 43],
    ],
)
async def test_a_missing_or_wrong_secret_is_401_before_the_body_is_read(api: Api, authorization: list[bytes]) -> None:
    headers = [(b"Authorization", value) for value in authorization]
    answer = await api.client.post(WEBHOOK, headers=headers, content=b"\xff not JSON")
    assert answer.status_code == 401
    assert answer.json() == {"error": "Unauthorized"}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer "])
async def test_the_case_of_the_scheme_does_not_matter(api: Api, scheme: str) -> None:
    answer = await api.client.post(WEBHOOK, headers={"Authorization": f"{scheme} {SECRET}"}, content=b"{}")
    assert answer.status_code == 400


@pytest.mark.parametrize("secret", ["pässwörd ключ 鍵", "s", "x" * 4000])
async def test_any_secret_that_can_be_set_can_be_proved(serve: Serve, secret: str) -> None:
    api = await serve(INTERNAL_WEBHOOK_SECRET=secret)
    answer = await api.client.post(WEBHOOK, headers=[(b"Authorization", b"Bearer " + secret.encode())], content=b"{}")
    assert answer.status_code == 400


async def test_the_previous_secret_is_accepted_too(serve: Serve) -> None:
    api = await serve(INTERNAL_WEBHOOK_SECRET_PREVIOUS="the old one")
    job = await api.new_job()
    assert (await api.report(bearer="the old one", jobId=job, status="processing")).status_code == 200
    assert (await api.report(jobId=job, status="complete")).status_code == 200


async def test_the_log_warns_of_who_still_uses_the_previous_secret(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    api = await serve(peer="203.0.113.7", INTERNAL_WEBHOOK_SECRET_PREVIOUS="the old one")
    line = "[Webhook] Accepted INTERNAL_WEBHOOK_SECRET_PREVIOUS from 203.0.113.7"
    with caplog.at_level(logging.WARNING):
        await api.report(jobId=NOBODY, status="complete")
        assert line not in caplog.text
        for _ in range(3):
            await api.report(bearer="the old one", jobId=NOBODY, status="complete")
    assert caplog.text.count(line) == 1
    assert "the old one" not in caplog.text


async def test_a_tickets_token_is_accepted_for_its_own_job_and_attempt(api: Api) -> None:
    job = await api.new_job()
    ticket = await start_attempt(api.parts)
    other = await api.new_job()
    token = ticket.callback.token
    assert (await api.report(bearer=token, jobId=other, status="complete")).status_code == 401
    assert (await api.report(bearer=token, jobId=job, attempt=2, status="complete")).status_code == 401
    assert (await api.report(bearer=token, jobId=job, status="complete")).json() == {"success": True}
    assert (await api.report(bearer=token, jobId=job, attempt=1, status="complete")).status_code == 200


async def test_a_token_used_for_another_job_is_logged_as_unauthorized_and_as_nothing_else(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    await api.new_job()
    ticket = await start_attempt(api.parts)
    other = await api.new_job()
    with caplog.at_level(logging.INFO):
        for _ in range(2):
            assert (await api.report(bearer=ticket.callback.token, jobId=other, status="complete")).status_code == 401
        assert (await api.report(bearer="wrong")).status_code == 401
    assert caplog.text.count("[Webhook] Unauthorized request from 127.0.0.1") == 1
    assert "Received callback" not in caplog.text


async def test_the_token_of_an_older_attempt_is_stale(api: Api) -> None:
    job = await api.new_job()
    old = await start_attempt(api.parts)
    await api.report(jobId=job, status="released")
    await start_attempt(api.parts)
    answer = await api.report(bearer=old.callback.token, jobId=job, status="complete")
    assert answer.status_code == 409
    assert answer.json()["attempt"] == 2


async def test_a_report_that_is_applied_is_answered_with_success_alone(api: Api) -> None:
    job = await api.new_job()
    answer = await api.report(jobId=job, status="complete", result={"any": ["thing", 1, None]})
    assert answer.status_code == 200
    assert answer.content == b'{"success":true}'
    kept = await api.job(job)
    assert (kept["status"], kept["result"]) == ("complete", {"any": ["thing", 1, None]})


@pytest.mark.parametrize("status", ["complete", "failed"])
async def test_the_same_report_again_changes_nothing(api: Api, status: str) -> None:
    job = await api.new_job()
    await api.report(jobId=job, status=status)
    before = await api.job(job)
    answer = await api.report(jobId=job, status=status)
    assert answer.status_code == 200
    assert answer.json() == {"success": True, "applied": False}
    assert await api.job(job) == before


async def test_lower_progress_changes_nothing(api: Api) -> None:
    job = await api.new_job()
    await api.report(jobId=job, status="processing", progress=0.5)
    answer = await api.report(jobId=job, status="processing", progress=0.25)
    assert answer.json() == {"success": True, "applied": False}
    assert (await api.job(job))["progress"] == 0.5


MALFORMED = [
    (b"", None),
    (b"null", None),
    (b"[]", None),
    (b'"text"', None),
    (b"{", None),
    (b"{}", "jobId"),
    (b'{"jobId": "%s"}' % NOBODY.encode(), "status"),
    (b'{"status": "complete"}', "jobId"),
    (b'{"jobId": 1, "status": "complete"}', "jobId"),
    (b'{"jobId": null, "status": "complete"}', "jobId"),
    (b'{"jobId": "", "status": "complete"}', "jobId"),
    (b'{"jobId": "%s", "status": "complete"}' % NOBODY.replace("-", "").encode(), "jobId"),
    (b'{"jobId": "{%s}", "status": "complete"}' % NOBODY.encode(), "jobId"),
    (b'{"jobId": "urn:uuid:%s", "status": "complete"}' % NOBODY.encode(), "jobId"),
    (b'{"jobId": "%s ", "status": "complete"}' % NOBODY.encode(), "jobId"),
    (b'{"jobId": "../../etc/passwd", "status": "complete"}', "jobId"),
    (b'{"jobId": "%s", "status": "done"}' % NOBODY.encode(), "status"),
    (b'{"jobId": "%s", "status": "Complete"}' % NOBODY.encode(), "status"),
    (b'{"jobId": "%s", "status": 1}' % NOBODY.encode(), "status"),
    (b'{"jobId": "%s", "status": "complete"} trailing' % NOBODY.encode(), None),
    (b"\xef\xbb\xbf{}", None),
    (b'{"jobId": "%s", "status": "complete", "x": "\xff"}' % NOBODY.encode(), None),
    (b"\xff\xfe{\x00}\x00", None),
]


@pytest.mark.parametrize(("body", "field"), MALFORMED)
async def test_a_malformed_body_is_400_and_names_the_field(api: Api, body: bytes, field: str | None) -> None:
    answer = await api.report(content=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["field"] == field
    assert answer.json()["error"]


OPTIONAL = [
    ("result", "null"),
    ("result", "[]"),
    ("result", '"text"'),
    ("result", '{"a": NaN}'),
    ("result", '{"a": Infinity}'),
    ("result", '{"a": 1e999}'),
    ("result", '{"a": %s}' % ("9" * 5000)),
    ("error", "null"),
    ("error", "{}"),
    ("error", '"\\ud800"'),
    ("attempt", "null"),
    ("attempt", "0"),
    ("attempt", "-1"),
    ("attempt", "1.5"),
    ("attempt", '"1"'),
    ("attempt", "true"),
    ("attempt", str(2**31)),
    ("attempt", str(2**63)),
    ("attempt", str(2**64)),
    ("progress", "null"),
    ("progress", "-0.01"),
    ("progress", "1.01"),
    ("progress", '"0.5"'),
    ("progress", "true"),
    ("message", "null"),
    ("message", "1"),
    ("retryable", "null"),
    ("retryable", "0"),
    ("retryable", '"yes"'),
]


@pytest.mark.parametrize(("field", "value"), OPTIONAL)
async def test_a_wrong_value_of_an_optional_field_is_400_and_changes_nothing(api: Api, field: str, value: str) -> None:
    job = await api.new_job()
    answer = await api.report(content=f'{{"jobId": "{job}", "status": "failed", "{field}": {value}}}'.encode())
    assert answer.status_code == 400, answer.text
    assert "field" in answer.json()
    assert (await api.job(job))["status"] == "queued"


@pytest.mark.parametrize("brackets", ["[]", "{}"])
async def test_nesting_counts_to_64_levels(api: Api, brackets: str) -> None:
    job = await api.new_job()

    def body(depth: int) -> bytes:
        inner = "1"
        for _ in range(depth):
            inner = f"[{inner}]" if brackets == "[]" else f'{{"a": {inner}}}'
        return f'{{"jobId": "{job}", "status": "processing", "unknown": {inner}}}'.encode()

    assert (await api.report(content=body(63))).status_code == 200
    assert (await api.report(content=body(64))).status_code == 400
    assert (await api.report(content=body(20_000))).status_code == 400


async def test_brackets_inside_strings_are_not_nesting(api: Api) -> None:
    job = await api.new_job()
    assert (await api.report(jobId=job, status="processing", message='["{' * 100)).status_code == 200


@pytest.mark.parametrize(
    "body", [b'"' + b'\\"' * 131_000, b'"' + b'\\"' * 131_000 + b"\\", b'"' * 262_001, b'{"' + b"[" * 262_000]
)
async def test_a_string_that_never_ends_is_refused_at_once(api: Api, body: bytes) -> None:
    began = time.perf_counter()
    assert (await api.report(content=body)).status_code == 400
    assert time.perf_counter() - began < 0.5


async def test_unknown_fields_are_ignored(api: Api) -> None:
    job = await api.new_job()
    answer = await api.report(jobId=job, status="complete", outputUrl="http://169.254.169.254/", key="../../secret", code=7)
    assert answer.json() == {"success": True}


async def test_the_id_may_be_written_in_any_case(api: Api) -> None:
    job = await api.new_job()
    assert (await api.report(jobId=job.upper(), status="complete")).json() == {"success": True}


async def test_an_unknown_job_is_404(api: Api) -> None:
    answer = await api.report(jobId=str(uuid4()), status="complete")
    assert answer.status_code == 404
    assert answer.json() == {"error": "Job not found"}


@pytest.mark.parametrize(
    ("reports", "last", "attempt"),
    [
        ([], {"status": "processing", "attempt": 1}, None),
        ([{"status": "processing"}], {"status": "complete", "attempt": 2}, 1),
        ([{"status": "complete"}], {"status": "failed"}, 1),
        ([{"status": "complete"}], {"status": "processing"}, 1),
        ([{"status": "complete"}], {"status": "released"}, 1),
        ([{"status": "failed"}], {"status": "complete"}, 1),
        ([{"status": "failed"}], {"status": "processing"}, 1),
        ([{"status": "processing"}, {"status": "released"}], {"status": "processing"}, 1),
    ],
)
async def test_a_report_that_does_not_count_is_409_and_says_where_the_job_stands(
    api: Api, reports: list[dict[str, Any]], last: dict[str, Any], attempt: int | None
) -> None:
    job = await api.new_job()
    for report in reports:
        assert (await api.report(jobId=job, **report)).status_code == 200
    before = await api.job(job)
    answer = await api.report(jobId=job, **last)
    assert answer.status_code == 409, answer.text
    assert answer.json()["status"] == before["status"]
    assert answer.json()["attempt"] == attempt
    assert await api.job(job) == before


async def test_a_report_that_names_no_attempt_is_409_after_several_were_issued(api: Api) -> None:
    job = await api.two_attempts()
    assert (await api.report(jobId=job, status="complete")).status_code == 409
    assert (await api.report(jobId=job, status="complete", attempt=1)).status_code == 409
    assert (await api.report(jobId=job, status="complete", attempt=2)).json() == {"success": True}


async def test_a_cancelled_job_refuses_every_report(api: Api) -> None:
    asset, job = await api.new_asset()
    await api.client.delete(f"/api/audio/assets/{asset}")
    for status in ("processing", "complete", "failed", "released"):
        answer = await api.report(jobId=job, status=status)
        assert answer.status_code == 409
        assert answer.json()["status"] == "cancelled"


async def test_complete_without_the_owed_output_is_422_and_the_job_stays_as_it_was(api: Api) -> None:
    _, job = await api.new_asset()
    await api.report(jobId=job, status="processing")
    before = await api.job(str(job))
    results: tuple[dict[str, Any], ...] = ({}, {"result": {"prepared": "https://example.com/prepared.mp3"}})
    for result in results:
        answer = await api.report(jobId=job, status="complete", **result)
        assert answer.status_code == 422
        assert answer.json()["missing"] == ["prepared"]
    assert await api.job(str(job)) == before


async def test_complete_that_names_no_attempt_registers_what_lies_in_the_users_own_layout(api: Api) -> None:
    asset, job = await api.new_asset()
    await api.lay(asset, "prepared-notes.txt", b"no audio, though newer")
    await api.lay(asset, "prepared.wav", wav(2))
    assert (await api.report(jobId=job, status="complete")).json() == {"success": True}
    answer = await api.client.get(f"/api/audio/assets/{asset}/stream?variant=prepared", follow_redirects=True)
    assert answer.content == wav(2)
    assert answer.headers["content-type"] == "audio/wav"


async def test_complete_by_ticket_needs_the_tickets_own_output_in_the_promised_format(api: Api) -> None:
    asset, job = await api.new_asset()
    ticket = await start_attempt(api.parts)
    await api.lay(asset, "prepared.wav", wav(2))
    assert (await api.report(bearer=ticket.callback.token, jobId=job, status="complete")).status_code == 422
    target = ticket.outputs["prepared"]
    stored = await api.client.put(target.url, headers=target.headers, content=wav())
    assert stored.status_code == 200
    answer = await api.report(bearer=ticket.callback.token, jobId=job, status="complete")
    assert answer.status_code == 422
    assert "format" in answer.json()["error"]


async def test_failed_without_an_error_gets_a_default_message(api: Api) -> None:
    job = await api.new_job()
    assert (await api.report(jobId=job, status="failed")).json() == {"success": True}
    assert "without saying why" in (await api.job(job))["error"]


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_256_kib_is_413(api: Api, chunked: bool) -> None:
    async def pieces() -> object:
        for _ in range(300):
            yield b" " * 1024

    content = pieces() if chunked else b" " * 300 * 1024
    answer = await api.client.post(WEBHOOK, headers={"Authorization": f"Bearer {SECRET}"}, content=content)  # type: ignore[arg-type]
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"


async def test_a_body_of_just_256_kib_is_read(api: Api) -> None:
    job = await api.new_job()
    body = json.dumps({"jobId": job, "status": "complete", "result": {"a": ""}}).encode()
    padded = body.replace(b'"a": ""', b'"a": "' + b"x" * (256 * 1024 - len(body)) + b'"')
    assert len(padded) == 256 * 1024
    assert (await api.report(content=padded)).json() == {"success": True}


async def test_what_is_logged_of_a_callback_is_fixed(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    job = await api.new_job()
    with caplog.at_level(logging.INFO):
        await api.report(jobId=job.upper(), status="complete")
        await api.report(bearer="wrong")
        await api.report(bearer="wrong")
    text = caplog.text
    assert f"[Webhook] Received callback for job {UUID(job)}: complete" in text
    assert text.count("[Webhook] Unauthorized request from 127.0.0.1") == 1
    assert SECRET not in text


async def test_the_address_in_the_log_is_the_callers_only_as_far_as_trusted_proxies_say(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    trusting = await serve(peer="10.0.0.1", GREENROOM_TRUSTED_PROXIES="10.0.0.0/8")
    with caplog.at_level(logging.INFO):
        await trusting.client.post(WEBHOOK, headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.7, 10.0.0.2"})
        await trusting.client.post(WEBHOOK, headers={"X-Forwarded-For": "evil\x1b[31m"})
    assert "Unauthorized request from 203.0.113.7" in caplog.text
    assert "Unauthorized request from 10.0.0.1" in caplog.text
    assert "evil" not in caplog.text
