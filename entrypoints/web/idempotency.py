"""Idempotency-Key: what is ordered once more under its key is the same job (draft-ietf-httpapi-idempotency-key-header)."""

import re
from uuid import UUID, uuid4, uuid5

from litestar.di import NamedDependency, Provide
from litestar.openapi.spec import Parameter, Schema
from litestar.openapi.spec.enums import OpenAPIType

from domain.errors import MalformedId
from entrypoints.web.bodies import AnyRequest

NewId = NamedDependency[UUID]

_HEADER = "Idempotency-Key"
_KEY = re.compile(r"[ -~]{1,255}")
_NAMESPACE = UUID("6f1e0bd4-7c1c-4f43-8f3a-27f5a7a1c0de")

KEY = Parameter(_HEADER, "header", schema=Schema(type=OpenAPIType.STRING, pattern=r"^[!-~]([ -~]{0,253}[!-~])?$"))
"""The header by which an order is known again."""


async def _new_id(request: AnyRequest) -> UUID:
    """Return the id of the job to be: made from the key, all orders having one space of keys, by chance where there is none."""
    keys = request.headers.getall(_HEADER, [])
    if not keys:
        return uuid4()
    if len(keys) > 1 or not _KEY.fullmatch(keys[0]):
        raise MalformedId(_HEADER, "given once, as 1 to 255 printable ASCII characters")
    return uuid5(_NAMESPACE, keys[0])


NEW_ID = {"new_id": Provide(_new_id)}
"""Gives handlers that order a job the id that it will have."""
