"""Announcing a direct upload: the body that says what is going to be sent."""

import re
from typing import Annotated

from msgspec import Meta
from msgspec.structs import asdict, fields

from domain.names import checked_ref
from domain.uploading import Announced
from entrypoints.web.requests import AppRequest, json_body
from entrypoints.web.strict_json import MalformedBody, decoded
from ports.audio import Recipe

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_RECIPE = fields(Recipe)


class UploadBody(Recipe, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A file of `size` bytes, and how it is to be prepared: the fields of a recipe stand beside its own.

    `contentType` helps only where the name says nothing; `sha256` is verified once all has arrived.
    """

    filename: Annotated[str, Meta(min_length=1, max_length=1024)]
    size: Annotated[int, Meta(ge=1, description="bytes")]
    content_type: Annotated[str, Meta(max_length=255)] | None = None
    sha256: Annotated[str, Meta(extra_json_schema={"pattern": f"^{_SHA256.pattern}$"})] | None = None
    ref: Annotated[str, Meta(min_length=1, max_length=200, extra_json_schema={"format": "printable"})] | None = None
    prepare: bool = True

    def announced(self, traceparent: str) -> Announced:
        """Return it as the rules know it. Raise MalformedBody, MalformedId for the `ref`."""
        return Announced(
            name=self.filename,
            size=self.size,
            content_type=self.content_type,
            sha256=self._checked_sha256(),
            ref=None if self.ref is None else checked_ref(self.ref),
            recipe=self._recipe(),
            traceparent=traceparent,
        )

    def _checked_sha256(self) -> str | None:
        if self.sha256 is not None and not _SHA256.fullmatch(self.sha256):
            raise MalformedBody("sha256: expected 64 hex digits", "sha256")
        return self.sha256 and self.sha256.lower()

    def _recipe(self) -> Recipe | None:
        """Return the recipe, None where nothing is to be prepared. Raise MalformedBody for a recipe then."""
        recipe = Recipe(**{field.name: getattr(self, field.name) for field in _RECIPE})
        if self.prepare:
            return recipe
        for field in _RECIPE:
            if asdict(recipe)[field.name] != field.default:
                name = field.encode_name
                raise MalformedBody(f"{name}: there is nothing to prepare without prepare", name)
        return None


async def read_announced(request: AppRequest) -> Announced:
    """Read the body that announces an upload."""
    body = await json_body(request)
    return decoded(body, UploadBody).announced(request.trace)
