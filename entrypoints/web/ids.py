"""Ids as they stand in paths and bodies, and other parameters of many calls: checked before anything is looked up."""

import re
from collections import Counter
from typing import Annotated, TypeAlias
from urllib.parse import parse_qsl
from uuid import UUID

from litestar.di import NamedDependency, Provide
from litestar.params import PathParameter, QueryParameter

from domain.errors import MalformedId
from domain.names import ASSET_ID as _ASSET
from entrypoints.web.bodies import AnyRequest

AssetId: TypeAlias = NamedDependency[str]
UploadId: TypeAlias = NamedDependency[str]
JobId: TypeAlias = NamedDependency[UUID]
Limit = Annotated[int, QueryParameter(ge=1, le=200)]

_JOB = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

AN_ASSET = {"pattern": f"^{_ASSET.pattern}$"}
A_JOB = {"pattern": f"^{_JOB.pattern}$", "format": "uuid"}
"""What the OpenAPI document says of them: Litestar is not to check them, its sentences would be others."""


class GivenTwice(Exception):
    """A parameter stands more than once in the query: nobody knows which one was meant."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} is given more than once")
        self.field = field


async def each_once(request: AnyRequest) -> None:
    """Raise GivenTwice for a parameter that is doubled, before Litestar takes the last or makes a list of them."""
    given = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    for name, times in Counter(name for name, _ in given).items():
        if times > 1:
            raise GivenTwice(name)


def asset_id_of(text: str, field: str = "id") -> str:
    """Return the id. Raise MalformedId if it can't be an asset's."""
    if not _ASSET.fullmatch(text):
        raise MalformedId(field, "1 to 64 letters, digits, - or _")
    return text


def job_id_of(text: str, field: str = "id") -> UUID:
    """Return the id. Raise MalformedId if it is not a UUID with its hyphens, in any case."""
    if not _JOB.fullmatch(text):
        raise MalformedId(field, "a UUID with hyphens")
    return UUID(text)


async def _asset_id(id: Annotated[str, PathParameter(schema_extra=AN_ASSET)]) -> str:  # noqa: A002  (the path's own word)
    return asset_id_of(id)


async def _job_id(id: Annotated[str, PathParameter(schema_extra=A_JOB)]) -> UUID:  # noqa: A002  (the path's own word)
    return job_id_of(id)


ASSET_ID = {"asset_id": Provide(_asset_id)}
"""Gives handlers below `/{id:str}` the checked id of an asset."""

UPLOAD_ID = {"upload_id": Provide(_asset_id)}
"""Gives handlers below `/{id:str}` the checked id of a direct upload, which is that of its asset."""

JOB_ID = {"job_id": Provide(_job_id)}
"""Gives handlers below `/{id:str}` the checked id of a job."""
