"""What the OpenAPI document says of a call beyond what its handler's signature tells: `described(...)` is its operation class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec
from litestar.openapi.spec import Link, OpenAPIMediaType, OpenAPIResponse, Operation, Parameter, Reference, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from entrypoints.web.openapi.headers import header
from entrypoints.web.openapi.parameters import explained
from entrypoints.web.openapi.refusals import refusal
from entrypoints.web.openapi.shown import Shown
from ports.assets import Variant

BEARER: list[dict[str, list[str]]] = [{"apiKey": []}]
"""What a call of the API demands, in the words of the document."""

SIGNED: dict[str, list[str]] = {"webhookId": [], "webhookTimestamp": [], "webhookSignature": []}

CLAIMING: list[dict[str, list[str]]] = [{"webhookSecret": []}, SIGNED]
"""What a call demands that hands out work."""

REPORTING: list[dict[str, list[str]]] = [{"webhookSecret": []}, {"ticketToken": []}, SIGNED]
"""What a call demands that speaks of work."""

VARIANT = Parameter("variant", "query", schema=Schema(type=OpenAPIType.STRING, enum=list(Variant), default=Variant.ORIGINAL))
"""The parameter of calls that are about one variant of an asset."""

BYTES: Any = {"type": "string", "format": "binary"}
_FORM: Any = {"type": "object", "properties": {"file": BYTES}, "required": ["file"]}

FILE = RequestBody(
    {
        "application/octet-stream": OpenAPIMediaType(BYTES),
        "multipart/form-data": OpenAPIMediaType(_FORM),
    },
    required=True,
)
"""A body that is a file, or has it in a form."""


def described(
    *errors: int,
    takes: RequestBody | None = None,
    parameters: Sequence[Parameter] = (),
    answers: Mapping[int, type | OpenAPIResponse | None] | None = None,
    shows: Mapping[int, Any] | None = None,
    sends: Mapping[int, Sequence[str]] | None = None,
    leads: Mapping[int, Mapping[str, Link | Reference]] | None = None,
) -> type[Operation]:
    """Return the kind of call that may be refused with these statuses, and gives these `answers` beside its usual one.

    By status, an answer `shows` an example of its JSON, `sends` headers, and `leads` to other calls. The docstring's first line
    is the summary, what follows is the description. A call without a word about security is open.
    """
    given = {str(status): _answer(status, kind) for status, kind in (answers or {}).items()}
    refused = {str(status): refusal(status) for status in errors}
    shown, sent, leading = shows or {}, sends or {}, leads or {}

    @dataclass
    class Described(Operation):
        def __post_init__(self) -> None:
            """Put ours in the place of what the framework believes: it would state an error shape of its own."""
            usual = {status: answer for status, answer in (self.responses or {}).items() if status < "400"}
            self.responses = {**usual, **given, **refused}
            self.request_body = takes or self.request_body
            self.parameters = explained([*(self.parameters or []), *parameters])
            self.summary, self.description = _told(self.description or "")
            self.security = self.security or []
            for status, answer in {**usual, **given}.items():
                _complete(answer, shown.get(int(status)), sent.get(int(status), ()), leading.get(int(status)))

    return Described


def json_of(body: type, *, required: bool = True, shows: Any = None) -> RequestBody:
    """Describe a body that is JSON of this type, with an example."""
    return RequestBody({"application/json": OpenAPIMediaType(schema_of(body), example=Shown(shows))}, required=required)


def content_of(*media_types: str, schema: Any = None, says: str, shows: Any = None) -> OpenAPIResponse:
    """Describe an answer in one of these types; without a schema it is bytes."""
    example = None if shows is None else Shown(shows)
    content = {kind: OpenAPIMediaType(schema or BYTES, example=example) for kind in media_types}
    return OpenAPIResponse(description=says, content=content)


def _told(docstring: str) -> tuple[str, str]:
    """Return the summary and the description that a docstring has."""
    summary, _, rest = docstring.partition("\n")
    return summary.rstrip("."), rest.strip() or summary


def _complete(answer: Any, example: Any, sent: Sequence[str], links: Any) -> None:
    for content in (answer.content or {}).values():
        content.example = content.example if example is None else Shown(example)
    answer.headers = {name: header(name) for name in sent} or None
    answer.links = links


def _answer(status: int, kind: type | OpenAPIResponse | None) -> OpenAPIResponse:
    if isinstance(kind, OpenAPIResponse):
        return kind
    content = None if kind is None else {"application/json": OpenAPIMediaType(schema_of(kind))}
    return OpenAPIResponse(description=HTTPStatus(status).phrase, content=content)


def schema_of(kind: type) -> Any:
    """Return the schema of a type, whole: it refers to nothing."""
    [schema], named = msgspec.json.schema_components([kind], ref_template="{name}")
    return _whole(schema, named)


def _whole(part: Any, named: dict[str, Any]) -> Any:
    """Return a part of a schema with each reference replaced by what it refers to."""
    if isinstance(part, list):
        return [_whole(item, named) for item in part]
    if not isinstance(part, dict):
        return part
    stated = {key: value for key, value in part.items() if key != "$ref"}
    return {key: _whole(value, named) for key, value in {**named.get(part.get("$ref", ""), {}), **stated}.items()}
