"""How an upload is wanted: by what stands in its query, as a raw body or in a form (design 4.4)."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.web.calls import Api, wav
from tests.web.conftest import Serve

pytestmark = pytest.mark.anyio

ASSETS = "/api/audio/assets"
BOUNDARY = "x-boundary"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def part(disposition: str, content: bytes = wav(), more: str = "") -> bytes:
    return f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\n{more}\r\n".encode() + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()
FILE = 'form-data; name="file"; filename="talk.wav"'


async def send(api: Api, content: bytes, **query: str) -> httpx.Response:
    return await api.client.post(ASSETS, content=content, headers=FORM, params=query)


async def nothing_stays(api: Api) -> bool:
    listed = (await api.client.get(ASSETS)).json()["items"]
    return await api.kept() == [] and listed == [] and (await api.client.get("/api/jobs")).json()["items"] == []


async def test_the_file_of_a_form_is_an_upload(api: Api) -> None:
    answer = await api.client.post(ASSETS, files={"file": ("ta“lk”.wav", wav(), "text/html")})
    assert answer.status_code == 201, answer.text
    asset = answer.json()["asset"]
    assert (asset["name"], asset["renditions"]["original"]["contentType"]) == ("ta“lk”.wav", "audio/wav")
    assert (await api.client.get(f"{ASSETS}/{asset['id']}/stream", follow_redirects=True)).content == wav()


async def test_the_query_wins_over_the_form_s_own_name(api: Api) -> None:
    assert (await send(api, part(FILE) + END)).json()["asset"]["name"] == "talk.wav"
    assert (await send(api, part(FILE) + END, filename="best.wav")).json()["asset"]["name"] == "best.wav"
    assert (await send(api, part('form-data; name="file"') + END)).json()["asset"]["name"] == "Untitled"


async def test_a_form_that_comes_byte_by_byte_is_an_upload_all_the_same(api: Api) -> None:
    content = part(FILE, wav(0.1)) + END

    async def drops() -> AsyncIterator[bytes]:
        for byte in content:
            yield bytes([byte])

    answer = await api.client.post(ASSETS, content=drops(), headers=FORM)
    assert answer.status_code == 201, answer.text
    assert answer.json()["asset"]["renditions"]["original"]["size"] == len(wav(0.1))


BROKEN = {
    "no part": END,
    "nothing": b"",
    "no file": part('form-data; name="ref"', b"abc") + END,
    "an option before the file": part('form-data; name="ref"', b"abc") + part(FILE) + END,
    "an option behind the file": part(FILE) + part('form-data; name="ref"', b"abc") + END,
    "two files": part(FILE) + part(FILE) + END,
    "cut in the file": (part(FILE) + END)[:-200],
    "cut before the end": part(FILE),
    "cut in a header": part(FILE)[:40],
    "a line break in the name": part('form-data; name="file"; filename="a\r\nX-Evil: 1"') + END,
    "a bare line feed in the name": part('form-data; name="file"; filename="a\nb"') + END,
    "a NUL in the name": part('form-data; name="file"; filename="a\x00b"') + END,
    "a name that is no UTF-8": part(FILE).replace(b"talk", b"t\xe4lk") + END,
    "a quote that never ends": part('form-data; name="file"; filename="talk.wav') + END,
    "headers too long": part(FILE, more=f"X-Long: {'x' * 10_000}\r\n") + END,
    "too many headers": part(FILE, more="X-Many: 1\r\n" * 100) + END,
    "a header that is none": part(FILE, more="zork\r\n") + END,
    "two dispositions": part(FILE, more=f"Content-Disposition: {FILE}\r\n") + END,
    "no disposition": f"--{BOUNDARY}\r\n\r\n".encode() + wav() + b"\r\n" + END,
    "an attachment": part('attachment; name="file"') + END,
    "a part without a name": part('form-data; filename="talk.wav"') + END,
    "something behind a boundary": part(FILE) + f"--{BOUNDARY}zork".encode(),
    "a length that is not true": part(FILE, more="Content-Length: 3\r\n") + END,
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_form_that_is_broken_or_not_one_file_is_400_and_nothing_stays(api: Api, name: str) -> None:
    answer = await send(api, BROKEN[name])
    assert answer.status_code == 400, answer.text
    assert set(answer.json()) == {"error", "field"}
    assert await nothing_stays(api)


@pytest.mark.parametrize(
    "boundary", ["", "; boundary=", f"; boundary={'x' * 71}", '; boundary="x "', "; boundary=ü", "; boundary=a*b"]
)
async def test_a_boundary_that_is_none_is_400(api: Api, boundary: str) -> None:
    headers = {b"Content-Type": f"multipart/form-data{boundary}".encode("latin-1")}
    answer = await api.client.post(ASSETS, content=part(FILE) + END, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (400, "file")
    assert "boundary" in answer.json()["error"]


async def test_an_option_in_a_form_is_refused_with_where_it_belongs(api: Api) -> None:
    answer = await send(api, part('form-data; name="targetLufs"', b"-14") + part(FILE) + END)
    assert answer.json() == {
        "error": "targetLufs: a form has the file alone, all else stands in the query", "field": "targetLufs"
    }  # fmt: skip


async def test_the_limit_counts_the_bytes_of_the_file(serve: Serve) -> None:
    api = await serve(GREENROOM_MAX_UPLOAD_BYTES=str(len(wav())))
    assert (await send(api, part(FILE, wav()) + END)).status_code == 201

    async def chunked(content: bytes) -> AsyncIterator[bytes]:
        yield content

    for content in (part(FILE, wav() + b"\x00") + END, part(FILE, wav(20)) + END, part(FILE) + END + bytes(200_000)):
        for body in (content, chunked(content)):
            answer = await api.client.post(ASSETS, content=body, headers=FORM)
            assert answer.status_code == 413, answer.text
    assert len(await api.kept()) == 1


@pytest.mark.parametrize("sent", [30, 200, 5_000])
async def test_a_form_that_stalls_is_408_and_nothing_stays(serve: Serve, sent: int) -> None:
    api = await serve(GREENROOM_IDLE_SECONDS="0.2")

    async def stalling() -> AsyncIterator[bytes]:
        yield part(FILE)[:sent]
        await asyncio.Event().wait()

    answer = await api.client.post(ASSETS, content=stalling(), headers=FORM)
    assert answer.status_code == 408, answer.text
    assert await nothing_stays(api)


async def test_what_is_no_audio_is_415_in_a_form_too(api: Api) -> None:
    for content in (b"", b"hello"):
        assert (await send(api, part(FILE, content) + END)).status_code == 415
    assert await nothing_stays(api)


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "multipart/mixed; boundary=x", "", "zork", "text/html"]
)
async def test_of_any_other_type_the_body_is_the_file(api: Api, content_type: str) -> None:
    answer = await api.client.post(ASSETS, content=wav(), headers={"Content-Type": content_type})
    assert answer.status_code == 201, answer.text


async def test_the_recipe_of_an_upload_stands_in_its_query(api: Api) -> None:
    wanted = {"targetLufs": "-14.5", "truePeakDbtp": "-2", "trim": "false", "format": "opus", "bitrateKbps": "96"}
    answer = await api.upload(wav(), **wanted)
    assert answer.json()["job"]["recipe"] == {
        "targetLufs": -14.5, "truePeakDbtp": -2, "trim": False, "format": "opus", "bitrateKbps": 96
    }  # fmt: skip
    assert (await api.upload(wav(), format="flac")).json()["job"]["recipe"]["targetLufs"] == -16


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("targetLufs", "-100", "targetLufs: expected a number of at least -40"),
        ("targetLufs", "loud", "targetLufs: expected a number"),
        ("targetLufs", "nan", "targetLufs: expected a number of at least -40"),
        ("truePeakDbtp", "3", "truePeakDbtp: expected a number of at most 0"),
        ("trim", "maybe", "trim: expected true or false"),
        ("format", "exe", "format: must be mp3, m4a, opus, flac or wav"),
        ("bitrateKbps", "1.5", "bitrateKbps: expected a whole number"),
        ("bitrateKbps", "", "bitrateKbps: expected a whole number"),
        ("prepare", "", "prepare: expected true or false"),
        ("ref", "a\nb", "ref must be 1 to 200 printable characters"),
        ("ref", "x" * 201, "ref must be 1 to 200 printable characters"),
        ("targetLuf", "-14", "targetLuf: not known here; did you mean targetLufs?"),
        ("zork", "1", "zork: not known here"),
        ("recipe", "{}", "recipe: not known here; did you mean prepare?"),
    ],
)
async def test_a_query_that_makes_no_sense_is_400_before_the_body_is_read(api: Api, field: str, value: str, said: str) -> None:
    read = []

    async def body() -> AsyncIterator[bytes]:
        read.append(True)
        yield wav()

    answer = await api.client.post(ASSETS, content=body(), params={field: value})
    assert (answer.status_code, answer.json()) == (400, {"error": said, "field": field})
    assert read == []
    assert await nothing_stays(api)


async def test_a_recipe_for_what_is_not_prepared_is_400(api: Api) -> None:
    answer = await api.upload(wav(), prepare="false", format="flac")
    assert (answer.status_code, answer.json()["field"]) == (400, "format")


async def test_a_caller_s_own_ref_is_kept_as_it_is(api: Api) -> None:
    ref = "Bestellung #7/ü 🎵"
    asset = (await api.upload(wav(), ref=ref)).json()["asset"]
    assert asset["ref"] == ref
    assert (await api.client.get(f"{ASSETS}/{asset['id']}")).json()["ref"] == ref
    assert (await api.upload(wav(), ref="", filename="")).json()["asset"]["ref"] is None
