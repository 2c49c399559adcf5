"""Calling an asset otherwise: the body that says how."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from domain.labelling import Labels
from entrypoints.web.requests import AppRequest, json_body
from entrypoints.web.strict_json import MalformedBody, decoded


class LabelBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an asset is called from now on; `ref` may be null to have none. What is not named stays."""

    name: (
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=200,
                description="printable characters, without / and \\; blanks around it are dropped",
                extra_json_schema={"format": "name"},
            ),
        ]
        | UnsetType
    ) = UNSET
    ref: Annotated[str, Meta(min_length=1, max_length=200, extra_json_schema={"format": "printable"})] | UnsetType | None = UNSET

    def labels(self) -> Labels:
        """Return it as the rules know it. Raise MalformedBody if it names nothing."""
        if self.name is UNSET and self.ref is UNSET:
            raise MalformedBody("The body must name what is to change: name, ref or both")
        return Labels(name=self.name, ref=self.ref)


async def read_labels(request: AppRequest) -> Labels:
    """Read the body that says how an asset is called."""
    return decoded(await json_body(request), LabelBody).labels()
