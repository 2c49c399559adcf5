"""The links to what is kept locally: our own answer to the presigned URLs of S3 and R2."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, cast
from urllib.parse import parse_qsl, unquote

from litestar import put, route
from litestar.enums import HttpMethod
from litestar.openapi.spec import OpenAPIMediaType, Parameter, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.types import ASGIApp

from entrypoints.parts import Local
from entrypoints.web.bodies import streamed
from entrypoints.web.delivery import by_link, delivered
from entrypoints.web.openapi import examples
from entrypoints.web.openapi.described import BYTES, content_of, described
from entrypoints.web.openapi.shown import Shown
from entrypoints.web.requests import AppRequest
from entrypoints.web.sending import Bare
from ports.errors import LinkRefused
from ports.links import Grant

_FOLDER = "/api/storage/"

WHOLE = content_of("audio/*", "application/json", "application/octet-stream", says="The whole object")
PART = content_of("audio/*", "application/json", "application/octet-stream", says="The part that was asked for")
_JSON: Any = {"type": "object"}
OBJECT = RequestBody(
    {"audio/*": OpenAPIMediaType(BYTES), "application/json": OpenAPIMediaType(_JSON, example=Shown(examples.PEAKS))},
    required=True,
)
OF_OBJECT = ["ETag", "Last-Modified", "Cache-Control", "Accept-Ranges", "Content-Disposition", "Content-Length"]
CONDITIONS = [Parameter(name, "header", schema=Schema(type=OpenAPIType.STRING)) for name in ("Range", "If-Range", "If-Match")]
IF_NONE_MATCH = Parameter("If-None-Match", "header", schema=Schema(const="*"), description="Always `*`, but for a part.")


class LengthRequired(Exception):
    """A PUT must say how long its body is (RFC 9110, 15.5.12), as it must at S3."""

    def __init__(self) -> None:
        super().__init__("The request needs a Content-Length")


@route(
    "/api/storage/{key:path}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    status_code=200,
    tags=["links"],
    operation_class=described(
        *(403, 404, 412, 416, 503),
        parameters=CONDITIONS,
        answers={200: WHOLE, 206: PART, 304: None},
        sends={
            200: OF_OBJECT,
            206: [*OF_OBJECT, "Content-Range"],
            304: OF_OBJECT[:4],
        },
    ),
)
async def read_object(request: AppRequest) -> ASGIApp:
    """Read an object by its link.

    What stream and playback lead to, as S3 would answer for it: ranges, conditions and HEAD by RFC 9110. The query is a part of
    the link, which says for how long it is good.
    """
    now = request.now()
    key, grant = _admitted(request, now)
    return delivered(request, await _local(request).files.open(key), by_link(grant, now), now)


@put(
    "/api/storage/{key:path}",
    status_code=200,
    tags=["links"],
    response_description="It is stored",
    operation_class=described(
        *(400, 403, 404, 408, 411, 412, 413, 503, 507),
        takes=OBJECT,
        parameters=[IF_NONE_MATCH],
        answers={200: None},
        sends={200: ["ETag"]},
    ),
)
async def write_object(request: AppRequest) -> ASGIApp:
    """Write an object by its link, or a part of one.

    What a direct upload and the outputs of a ticket lead to. With the type that the link was made for and `If-None-Match: *`;
    whole or not at all, and only once: 412 says that something is there already. A part of a direct upload needs neither
    header, and may be sent again.
    """
    key, grant = _admitted(request, request.now())
    _compare(request, grant)
    body = streamed(request, limit=request.settings.max_upload_bytes, idle=request.settings.idle_seconds)
    etag = await _written(key, grant, body, request)
    return Bare(200, {"ETag": etag, "Content-Length": "0"})


async def _written(key: str, grant: Grant, body: AsyncIterator[bytes], request: AppRequest) -> str:
    """Store what a link allows to be stored, and return its ETag."""
    if grant.part is not None and grant.length is not None:
        return await _local(request).part_writer.write(key, grant.part, grant.length, body)
    return (await request.parts.storage.put(key, body, grant.content_type)).etag


def _admitted(request: AppRequest, now: datetime) -> tuple[str, Grant]:
    """Return the key and what the link allows. Raise LinkRefused.

    Both are read from what was sent: Litestar forgives double slashes in the path and drops parameters without a value.
    An encoded slash is not a slash (RFC 3986, 2.2).
    """
    path = request.scope["raw_path"].partition(b"?")[0].decode("latin-1").partition(_FOLDER)[2]
    if "%2f" in path.lower():
        raise LinkRefused("This link is not valid")
    key = unquote(path)
    query = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return key, _local(request).gate.admit(request.method, key, query, now)


def _local(request: AppRequest) -> Local:
    return cast(Local, request.parts.local)  # a storage elsewhere has no routes here


def _compare(request: AppRequest, grant: Grant) -> None:
    """Raise LinkRefused if the request differs from the one that was signed, and LengthRequired if it has no length."""
    if grant.part is None and request.headers.getall("content-type", []) != [grant.content_type]:
        raise LinkRefused("The Content-Type is not the one that this link was made for")
    if grant.part is None and request.headers.getall("if-none-match", []) != ["*"]:
        raise LinkRefused("This link was made for a request with If-None-Match: *")
    if grant.length is not None and request.content_length != grant.length:
        raise LinkRefused("The Content-Length is not the one that this link was made for")
    if request.content_length is None:
        raise LengthRequired
