"""What the OpenAPI document says of calls that read their requests themselves."""

from dataclasses import dataclass
from typing import Any

import msgspec
from litestar.openapi.spec import OpenAPIMediaType, Operation, Parameter, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from ports.assets import Variant

BEARER: list[dict[str, list[str]]] = [{"bearer": []}]
"""What a guarded call demands, in the words of the document."""


@dataclass
class NamesVariant(Operation):
    """A call with the parameter `variant`."""

    def __post_init__(self) -> None:
        """Add the parameter."""
        schema = Schema(type=OpenAPIType.STRING, enum=list(Variant), default=Variant.ORIGINAL)
        self.parameters = [*(self.parameters or []), Parameter("variant", "query", schema=schema)]


def takes(body: type, *, required: bool = True) -> type[Operation]:
    """Return the kind of call whose body is JSON of this type."""
    [schema], named = msgspec.json.schema_components([body], ref_template="{name}")
    return _takes("application/json", _whole(schema, named), required=required)


def takes_bytes() -> type[Operation]:
    """Return the kind of call whose body is a file."""
    return _takes("application/octet-stream", {"type": "string", "format": "binary"}, required=True)


def _takes(media_type: str, schema: Any, *, required: bool) -> type[Operation]:
    @dataclass
    class Takes(Operation):
        def __post_init__(self) -> None:
            self.request_body = RequestBody({media_type: OpenAPIMediaType(schema)}, required=required)

    return Takes


def _whole(part: Any, named: dict[str, Any]) -> Any:
    """Return a part of a schema with each reference replaced by what it refers to."""
    if isinstance(part, list):
        return [_whole(item, named) for item in part]
    if not isinstance(part, dict):
        return part
    stated = {key: value for key, value in part.items() if key != "$ref"}
    return {key: _whole(value, named) for key, value in {**named.get(part.get("$ref", ""), {}), **stated}.items()}
