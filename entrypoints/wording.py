"""The decoder's words for what is wrong with a value, in words that people use."""

import re

_QUOTED = re.compile(r"`([^`]*)`")
_TYPES = {
    "bool": "true or false",
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "object": "an object",
    "array": "a list",
}


def plain(reason: str) -> str:
    """Return msgspec's sentence as the end of one of ours: "Expected `int | null`" is "expected a whole number or null"."""
    said = _QUOTED.sub(lambda quoted: " or ".join(_TYPES.get(name, name) for name in quoted[1].split(" | ")), reason)
    return said[:1].lower() + said[1:]
