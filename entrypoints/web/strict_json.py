"""JSON from strangers: decoded more strictly than the decoder does by itself."""

import re
from typing import TypeVar

import msgspec

from entrypoints.wording import plain

T = TypeVar("T")
DEEPEST = 64
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.?)*+(?:"|\Z)', re.DOTALL)
"""Possessive, and also met by a string that never ends: no byte is looked at twice, whatever follows."""
_NAMED = re.compile(r"(missing required|contains unknown) field `([^`]*)`")
_BRACKETS = re.compile(rb"[\[\]{}]")


class MalformedBody(Exception):
    """A body that is not the JSON it should be. `field` is the dotted path of the part at fault, None for the whole."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


def decoded(body: bytes, kind: type[T]) -> T:
    """Return the body as a `kind`. Raise MalformedBody if it is not UTF-8, not JSON (RFC 8259), too deep, or of other types."""
    _refuse_other_encodings(body)
    _refuse_depth(body)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise _mismatch(str(error), kind) from None
    except (msgspec.DecodeError, ValueError):
        raise MalformedBody("The body is not JSON") from None


def _mismatch(error: str, kind: type) -> MalformedBody:
    """Turn msgspec's words (`Expected ... - at `$.field``, `... field `name``) into a sentence that names the field."""
    reason, _, where = error.partition(" - at `$")
    place = where.strip(".`")
    if named := _NAMED.search(reason):
        field = f"{place}.{named[2]}".lstrip(".")
        return MalformedBody(f"{field} is missing" if named[1] == "missing required" else f"{field} is not known here", field)
    return MalformedBody(f"{place or 'The body'}: {plain(reason, kind, place)}", place or None)


def _refuse_other_encodings(body: bytes) -> None:
    """Look at every byte: msgspec passes over what is not UTF-8 inside the fields that it skips."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedBody("The body is not UTF-8") from None


def _refuse_depth(body: bytes) -> None:
    """Count the brackets outside strings, in one pass and without recursion."""
    depth = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            raise MalformedBody(f"The body is nested deeper than {DEEPEST} levels")
