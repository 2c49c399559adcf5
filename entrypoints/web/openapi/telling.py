"""What the OpenAPI document says of the call that this server makes itself: the user's app is told of each job that has ended."""

from litestar.openapi.spec import OpenAPIResponse, Operation, Parameter, PathItem, Reference, Schema
from litestar.openapi.spec.enums import OpenAPIType

from entrypoints.background.notice import Notice
from entrypoints.web.openapi import examples
from entrypoints.web.openapi.described import json_of
from entrypoints.web.openapi.parameters import explained

ABOUT = """\
POSTed to `GREENROOM_NOTIFY_URL`, signed with `GREENROOM_NOTIFY_SECRET` (Standard Webhooks), until it is answered 2xx. It may come
twice, with the same `webhook-id`.
"""

_TEXT = Schema(type=OpenAPIType.STRING)
_SIGNED = [Parameter(f"webhook-{part}", "header", _TEXT, required=True) for part in ("id", "timestamp", "signature")]


def webhooks() -> dict[str, PathItem | Reference]:
    """Return the calls that are made to the user's app."""
    told = Operation(
        operation_id="jobEnded",
        tags=["jobs"],
        summary="A job has ended",
        description=ABOUT,
        parameters=explained(_SIGNED),
        request_body=json_of(Notice, shows=examples.NOTICE),
        responses={"2XX": OpenAPIResponse("It was told"), "default": OpenAPIResponse("It is told again")},
    )
    return {"jobEnded": PathItem(post=told)}
