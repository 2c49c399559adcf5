"""What a listener asks for beside the asset: which variant, and whether to save it."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from litestar.di import NamedDependency, Provide
from litestar.openapi.spec import Parameter, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import SkipValidation

from domain.variants import named_variant
from entrypoints.web.bodies import AnyRequest
from entrypoints.web.queries import MalformedQuery
from ports.assets import Asset, Rendition, Variant

_SWITCH = {"1": True, "true": True, "0": False, "false": False}

Wanted: TypeAlias = NamedDependency[Variant]
AsFile: TypeAlias = NamedDependency[bool]

Placing: TypeAlias = Callable[[Asset, Variant, Rendition, bool], tuple[str, datetime | None]]
"""Says where a rendition plays (or, with True, is saved from), relative where it is here, and until when."""

Place: TypeAlias = NamedDependency[SkipValidation[Placing]]

DOWNLOAD = Parameter("download", "query", schema=Schema(type=OpenAPIType.BOOLEAN, default=False))


async def provide_variant(request: AnyRequest) -> Variant:
    """Read the one `variant` parameter."""
    return named_variant(request.query_params.getall("variant", []))


async def provide_download(request: AnyRequest) -> bool:
    """Read the one `download` parameter: whether the audio is to be saved as a file."""
    words = request.query_params.getall("download", ["0"])
    if len(words) > 1 or words[0] not in _SWITCH:
        raise MalformedQuery("download", "must be 1, true, 0 or false, once")
    return _SWITCH[words[0]]


WANTED = {"variant": Provide(provide_variant), "download": Provide(provide_download)}
