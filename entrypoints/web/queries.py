"""Queries, read as strictly as bodies: a parameter that is misspelt is refused, not passed over."""

import difflib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar.openapi.spec import Parameter
from msgspec import Struct
from msgspec.structs import fields, replace

from domain.names import checked_ref
from domain.ordering import Order
from entrypoints.web.bodies import AnyRequest
from entrypoints.web.ids import each_once
from entrypoints.web.openapi.described import schema_of
from entrypoints.wording import plain
from ports.audio import Recipe

T = TypeVar("T")
_RECIPE = tuple(field.encode_name for field in fields(Recipe))


class MalformedQuery(Exception):
    """A parameter that is not known here, or is not what it should be."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field


class UploadQuery(Struct, frozen=True, kw_only=True):
    """How an upload is called, by which `ref` the caller knows it, whether and by which recipe it is prepared."""

    filename: str = ""
    ref: str | None = None
    prepare: bool = True
    recipe: Recipe | None = None

    def order(self) -> Order:
        """Return the job that prepares the upload."""
        return Order(recipe=self.recipe)


UPLOAD = ("filename", "ref", "prepare", *_RECIPE)
"""The parameters of an upload."""


def taking(*known: str) -> Callable[[AnyRequest], Awaitable[None]]:
    """Return what refuses every parameter but these, and those given twice, before anything else is done with the request."""

    async def refuse_others(request: AnyRequest) -> None:
        await each_once(request)
        for name in given(request):
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                raise MalformedQuery(name, "not known here" + (f"; did you mean {near[0]}?" if near else ""))

    return refuse_others


def given(request: AnyRequest) -> Mapping[str, str]:
    """Return the parameters as they were sent: Litestar drops those without a value."""
    return dict(parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True))


async def read_upload(request: AnyRequest) -> UploadQuery:
    """Read how an upload is wanted. Raise MalformedQuery, MalformedId for the `ref`."""
    sent = given(request)
    recipe = {name: value for name, value in sent.items() if name in _RECIPE}
    wanted = _converted({name: value for name, value in sent.items() if name not in _RECIPE}, UploadQuery)
    if recipe and not wanted.prepare:
        raise MalformedQuery(next(iter(recipe)), "there is nothing to prepare with prepare=false")
    ref = checked_ref(wanted.ref) if wanted.ref else None
    return replace(wanted, ref=ref, recipe=_converted(recipe, Recipe) if recipe else None)


def chosen(name: str, text: str | None, kind: type[T]) -> list[T] | None:
    """Return the one word that a parameter names, None where it is not there. Raise MalformedQuery.

    Litestar would take the word null for none.
    """
    try:
        return None if text is None else [msgspec.convert(text, kind)]
    except msgspec.ValidationError as error:
        raise MalformedQuery(name, plain(str(error), kind)) from None


def upload_parameters() -> Sequence[Parameter]:
    """Describe the parameters of an upload."""
    told = schema_of(UploadQuery)["properties"] | schema_of(Recipe)["properties"]
    return [Parameter(name, "query", schema=told[name]) for name in UPLOAD]


def _converted(values: Mapping[str, str], kind: type[T]) -> T:
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        reason, _, where = str(error).partition(" - at `$.")
        field = where.rstrip("`")
        raise MalformedQuery(field, plain(reason, kind, field)) from None
