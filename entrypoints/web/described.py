"""What the OpenAPI document says of calls that read their requests themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import msgspec
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Operation, Parameter, Reference, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType
from msgspec import UNSET, Struct, UnsetType

from ports.assets import Variant

BEARER: list[dict[str, list[str]]] = [{"bearer": []}]
"""What a guarded call demands, in the words of the document."""

VARIANT = Parameter("variant", "query", schema=Schema(type=OpenAPIType.STRING, enum=list(Variant), default=Variant.ORIGINAL))
"""The parameter of calls that are about one variant of an asset."""

FILE = RequestBody(
    {"application/octet-stream": OpenAPIMediaType({"type": "string", "format": "binary"})},  # type: ignore[arg-type]
    required=True,
)
"""A body that is a file."""

_PROBLEM = "#/components/responses/Problem"


class Problem(Struct, frozen=True):
    """How every error is answered: a sentence, and the part of the request at fault if there is one. Some have more fields."""

    error: str
    field: str | UnsetType = UNSET


def described(
    *errors: int,
    takes: RequestBody | None = None,
    parameters: Sequence[Parameter] = (),
    answers: Mapping[int, type] | None = None,
) -> type[Operation]:
    """Return the kind of call that may be refused with these statuses, and gives these `answers` beside its usual one."""
    given = {str(status): _answer(status, kind) for status, kind in (answers or {}).items()}
    refused = {str(status): Reference(_PROBLEM, description=HTTPStatus(status).phrase) for status in errors}

    @dataclass
    class Described(Operation):
        def __post_init__(self) -> None:
            """Put ours in the place of what the framework believes: it would state an error shape of its own."""
            usual = {status: answer for status, answer in (self.responses or {}).items() if status < "400"}
            self.responses = {**usual, **given, **refused}
            self.request_body = takes or self.request_body
            self.parameters = [*(self.parameters or []), *parameters] or None

    return Described


def json_of(body: type, *, required: bool = True) -> RequestBody:
    """Describe a body that is JSON of this type."""
    return RequestBody({"application/json": OpenAPIMediaType(_schema(body))}, required=required)


def problem() -> dict[str, OpenAPIResponse | Reference]:
    """Return the component that every refusal refers to."""
    return {"Problem": OpenAPIResponse(description="refused", content={"application/json": OpenAPIMediaType(_schema(Problem))})}


def _answer(status: int, kind: type) -> OpenAPIResponse:
    return OpenAPIResponse(description=HTTPStatus(status).phrase, content={"application/json": OpenAPIMediaType(_schema(kind))})


def _schema(kind: type) -> Any:
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
