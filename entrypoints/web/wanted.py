"""What a listener asks for: an asset, which variant of it, and whether to save it."""

from typing import Annotated, TypeAlias

from litestar.di import NamedDependency, Provide
from litestar.openapi.spec import Parameter, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import PathParameter
from msgspec import Struct

from domain.variants import named_variant
from entrypoints.web.bodies import AnyRequest
from entrypoints.web.ids import AN_ASSET, asset_id_of
from entrypoints.web.queries import MalformedQuery
from ports.assets import Variant

_SWITCH = {"1": True, "true": True, "0": False, "false": False}

DOWNLOAD = Parameter("download", "query", schema=Schema(type=OpenAPIType.BOOLEAN, default=False))


class Wanted(Struct, frozen=True):
    """A variant of an asset; `download`: to be saved as a file."""

    asset_id: str
    variant: Variant
    download: bool


Asked: TypeAlias = NamedDependency[Wanted]


async def _wanted(request: AnyRequest, id: Annotated[str, PathParameter(schema_extra=AN_ASSET)]) -> Wanted:  # noqa: A002  (the path's own word)
    """Read all of it at once: each dependency more would cost a task."""
    asset_id, query = asset_id_of(id), request.query_params
    return Wanted(asset_id, named_variant(query.getall("variant", [])), _switched(query.getall("download", ["0"])))


def _switched(words: list[str]) -> bool:
    if len(words) > 1 or words[0] not in _SWITCH:
        raise MalformedQuery("download", "must be 1, true, 0 or false, once")
    return _SWITCH[words[0]]


WANTED = {"wanted": Provide(_wanted)}
"""Gives handlers below `/{id:str}` what a listener asks for."""
