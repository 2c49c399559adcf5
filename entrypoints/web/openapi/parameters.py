"""What the OpenAPI document says of parameters: a name means the same wherever it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from litestar.openapi.spec import Parameter, Reference, Schema

from entrypoints.web.ids import AN_ASSET
from ports.jobs import JobKind, JobStatus

MEANINGS: Mapping[str, str] = {
    "id": "Which one: the id that its making was answered with.",
    "variant": "The upload as it came, or what was made of it.",
    "cursor": "The `next` of the page before; none begins with the newest.",
    "limit": "How many a page has at most.",
    "status": "Those alone that are in this state.",
    "kind": "Those alone of this kind.",
    "filename": "The name that people see, and that a download gets.",
    "ref": "Your own name for it, for you to find it by.",
    "prepare": "Whether to queue a job that prepares it.",
    "targetLufs": "Integrated loudness to reach, in LUFS (EBU R128).",
    "truePeakDbtp": "Highest true peak of the result, in dBTP.",
    "trim": "Take off the silence at both ends.",
    "format": "The format of the prepared audio.",
    "bitrateKbps": "Bit rate of the lossy formats, in kbit/s.",
    "q": "The beginning of the name, in capitals or not.",
    "key": "The object's place in storage. It is a part of the signed link: take the link as it is.",
    "download": "1 to save the file under its name instead of playing it.",
    "Idempotency-Key": "Names this order: sent again under the same key it makes no second job.",
    "Range": "The bytes that are wanted, such as `bytes=0-1048575`, or `bytes=-1000` for the last ones.",
    "If-Range": "The part only if the ETag is still this one, the whole otherwise.",
    "If-Match": "The ETag that it must have: 412 otherwise.",
    "webhook-id": "The notice's id, the same when it comes again.",
    "webhook-timestamp": "When it was sent, in seconds since 1970.",
    "webhook-signature": "`v1,` and a signature, with a space between several.",
    "Last-Event-ID": "The last event that was seen: what came after it follows.",
}

SHAPES: Mapping[str, Mapping[str, Any]] = {
    "cursor": {"format": "cursor"},
    "ref": {"format": "printable", "maxLength": 200},
    "assetId": AN_ASSET,
    "key": {"format": None},
    "status": {"enum": list(JobStatus)},
    "kind": {"enum": list(JobKind)},
}


def explained(parameters: Sequence[Parameter | Reference]) -> list[Parameter | Reference] | None:
    """Return the parameters with what is known of them by name. One in the query is absent or a value, it is never null."""
    return [one if isinstance(one, Reference) else _explained(one) for one in parameters] or None


def _explained(one: Parameter) -> Parameter:
    meaning = one.description or MEANINGS.get(one.name)
    return replace(one, description=meaning, schema=_shaped(_not_null(one.schema), SHAPES.get(one.name, {})))


def _not_null(schema: Any) -> Any:
    """Return what a value may be that may be left out: the framework's schemas say so by `oneOf`, msgspec's by `anyOf`."""
    if isinstance(schema, Schema) and schema.one_of:
        [schema] = [kind for kind in schema.one_of if getattr(kind, "type", None) != "null"]
    elif isinstance(schema, dict) and "anyOf" in schema:
        [schema] = [kind for kind in schema["anyOf"] if kind != {"type": "null"}]
    return schema


def _shaped(schema: Any, shape: Mapping[str, Any]) -> Any:
    """Return the schema with what is added. A reference stays the one that the framework will put right."""
    if not shape:
        return schema
    return {**schema, **shape} if isinstance(schema, dict) else replace(schema, **shape)
