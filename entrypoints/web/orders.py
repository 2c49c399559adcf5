"""Ordering a job: the bodies that ask for one, what they mean, and how it is queued."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from domain.ordering import Order, order_job
from entrypoints.web.ids import AN_ASSET
from entrypoints.web.requests import AppRequest
from entrypoints.web.strict_json import MalformedBody
from ports.audio import Recipe
from ports.jobs import Job, JobKind


class OrderBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another job for an asset: kind `prepare` by a recipe (the default one where none is sent), or `render` from params."""

    kind: JobKind = JobKind.PREPARE
    recipe: Recipe | None = None
    params: dict[str, Any] | None = None

    def order(self) -> Order:
        """Return it as the rules know it. Raise MalformedBody if it has what another kind of job is ordered by."""
        if self.kind is JobKind.RENDER and self.recipe is not None:
            raise MalformedBody("recipe: a job of kind render is ordered by params", "recipe")
        if self.kind is JobKind.PREPARE and self.params is not None:
            raise MalformedBody("params: a job of kind prepare is ordered by a recipe", "params")
        return Order(kind=self.kind, recipe=self.recipe, params=self.params)


ORDER: Any = Annotated[
    OrderBody,
    Meta(
        extra_json_schema={
            "anyOf": [
                {"properties": {"kind": {"const": "prepare"}, "params": {"type": "null"}}},
                {"properties": {"kind": {"const": "render"}, "recipe": {"type": "null"}}, "required": ["kind"]},
            ]
        }
    ),
]
"""What the OpenAPI document says of the body: each kind is ordered by its own."""


class RenderBody(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A job of kind `render`, with params, for an asset or for none."""

    kind: Annotated[JobKind, Meta(extra_json_schema={"enum": [JobKind.RENDER.value]})] = JobKind.RENDER
    params: dict[str, Any] = {}
    asset_id: Annotated[str, Meta(extra_json_schema=AN_ASSET)] | None = None

    def order(self) -> Order:
        """Return it as the rules know it. Raise MalformedBody if it is of another kind."""
        if self.kind is not JobKind.RENDER:
            raise MalformedBody(f"kind: a job of kind {self.kind} is ordered at /api/audio/assets/{{id}}/jobs", "kind")
        return Order(kind=self.kind, params=self.params)


async def ordered(order: Order, asset_id: str | None, new_id: UUID, request: AppRequest) -> Job:
    """Queue a job, wake who hands jobs out, and return it. Raise what `order_job` raises."""
    parts = request.parts
    job = await order_job(
        order,
        asset_id,
        new_id=new_id,
        jobs=parts.jobs,
        assets=parts.assets,
        policy=parts.policy,
        now=request.now(),
        traceparent=request.trace,
    )
    parts.wake.ring()
    return job
