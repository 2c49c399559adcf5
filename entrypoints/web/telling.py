"""What the OpenAPI document says of the call that this server makes itself: the user's app is told of each job that has ended."""

from litestar.openapi.spec import OpenAPIResponse, Operation, Parameter, PathItem, Reference, Schema
from litestar.openapi.spec.enums import OpenAPIType

from entrypoints.notice import Notice
from entrypoints.web import examples
from entrypoints.web.described import json_of
from entrypoints.web.parameters import explained

SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature")


def webhooks() -> dict[str, PathItem | Reference]:
    """Return the calls of the user's app."""
    told = Operation(
        operation_id="jobEnded",
        tags=["jobs"],
        summary="A job has ended",
        description="POSTed to `GREENROOM_NOTIFY_URL`, signed with `GREENROOM_NOTIFY_SECRET` (Standard Webhooks), until it is answered "
        "2xx: at least once, so that `webhook-id` may come again.",
        parameters=explained(
            [Parameter(name, "header", schema=Schema(type=OpenAPIType.STRING), required=True) for name in SIGNED]
        ),
        request_body=json_of(Notice, shows=examples.NOTICE),
        responses={"2XX": OpenAPIResponse(description="It was told"), "default": OpenAPIResponse(description="It is told again")},
    )
    return {"jobEnded": PathItem(post=told)}
