"""What the OpenAPI document says of refusals: one shape, and for each status when it comes, with sentences that do come."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIResponse, Reference
from msgspec import UNSET, Struct, UnsetType

from entrypoints.web.openapi.headers import header
from entrypoints.web.openapi.shown import Shown


class Problem(Struct, frozen=True):
    """How every error is answered: a sentence for people, and the part of the request at fault. Some have more fields."""

    error: str
    field: str | UnsetType | None = UNSET


class Refusal(Struct, frozen=True):
    """When a status comes, bodies that it comes with, and the headers that come with it."""

    when: str
    bodies: Sequence[Mapping[str, Any]]
    headers: Sequence[str] = ()


REFUSALS: Mapping[int, Refusal] = {
    400: Refusal(
        "Something in the request is not what it should be; `field` names it.",
        [
            {"error": "id must be 1 to 64 letters, digits, - or _", "field": "id"},
            {"error": "limit: expected a whole number of at least 1", "field": "limit"},
            {"error": "The body is not JSON", "field": None},
        ],
    ),
    401: Refusal("The proof is missing or wrong.", [{"error": "Unauthorized"}], ["WWW-Authenticate"]),
    403: Refusal(
        "No proof would help: the caller is not on this machine and no keys are set, or the link was altered or has expired.",
        [
            {"error": "Without GREENROOM_API_KEYS the API answers this machine only"},
            {"error": "This link has expired"},
        ],
    ),
    404: Refusal(
        "It is not there. A variant that a job is making comes with that `job`, and with Retry-After.",
        [
            {"error": "Job not found"},
            {"error": "Asset not found"},
            {
                "error": "Audio file not found for this asset (variant: prepared)",
                "variant": "prepared",
                "job": {"id": "5a2df33d-c965-4579-a026-121d3cfc81e2", "status": "processing", "progress": 0.4},
            },
        ],
        ["Retry-After"],
    ),
    408: Refusal("The client sent nothing more of the body.", [{"error": "No more of the request body arrived for 30 seconds"}]),
    409: Refusal(
        "It does not go with how things stand. A report is told where its job stands, by `status` and `attempt`; an upload, "
        "which of its parts are `missing`.",
        [
            {"error": "The report is of another attempt than the newest", "status": "processing", "attempt": 2},
            {"error": "A prepare job needs an asset with an original"},
            {"error": "Parts of the upload are missing", "missing": [2, 7]},
        ],
    ),
    411: Refusal("The request does not say how long its body is.", [{"error": "The request needs a Content-Length"}]),
    412: Refusal(
        "The condition does not hold.",
        [{"error": "The object is not as the request expects it"}, {"error": "There is something here already"}],
    ),
    413: Refusal(
        "The body is too large, or the upload that it announces.",
        [{"error": "The request body is larger than 262144 bytes"}, {"error": "The upload is larger than 5368709120 bytes"}],
    ),
    415: Refusal(
        "The body, or what was sent to storage, is not audio of a kind that can be prepared.",
        [{"error": "This is not an audio file of a kind that can be prepared"}],
    ),
    416: Refusal(
        "The range lies outside the object.",
        [{"error": "The object has 4811520 bytes, none of them in this range"}],
        ["Content-Range"],
    ),
    422: Refusal(
        "It was understood, and can't be done as it is. A report of outputs that are not there is told which are `missing`.",
        [
            {"error": "The prepared audio is not in storage", "missing": ["prepared"]},
            {"error": "The audio is 7.2 hours long; at most 6 can be prepared"},
        ],
    ),
    500: Refusal("The server lacks the secret by which callers prove themselves.", [{"error": "Webhook secret not configured"}]),
    503: Refusal(
        "The store or the storage is out of reach: come again, nothing is lost.",
        [{"error": "store is not available at the moment"}],
        ["Retry-After"],
    ),
    507: Refusal("The disk is full.", [{"error": "storage has no space left"}]),
}


def refusal(status: int) -> Reference:
    """Return what an operation says of a refusal with this status."""
    return Reference(f"#/components/responses/{_name(status)}", description=REFUSALS[status].when)


def refusals() -> dict[str, OpenAPIResponse | Reference]:
    """Return the components that operations refer to."""
    return {_name(status): _response(told) for status, told in REFUSALS.items()}


def _name(status: int) -> str:
    return HTTPStatus(status).phrase.replace(" ", "").replace("-", "")


def _response(told: Refusal) -> OpenAPIResponse:
    _, named = msgspec.json.schema_components([Problem], ref_template="{name}")
    examples: dict[str, Example | Reference] = {
        f"example{number}": Example(summary=body["error"], value=Shown(body)) for number, body in enumerate(told.bodies, 1)
    }
    content = {"application/json": OpenAPIMediaType(named["Problem"], examples=examples)}
    return OpenAPIResponse(description=told.when, content=content, headers={name: header(name) for name in told.headers})
