"""The decoder's words for what is wrong with a value, in words that people use."""

import re
from collections.abc import Sequence
from typing import Any

from msgspec import inspect

_QUOTED = re.compile(r"`([^`]*)`")
_GOT = re.compile(r", got `[^`]*`")
_BOUND = re.compile(r" (>=|<=|>|<) (-?\d+(?:\.\d*[1-9])?)(?:\.0)?")
_ITEM = re.compile(r"\[[^\]]*\]")
_NO_MEMBER = re.compile(r"Invalid enum value (.*)", re.DOTALL)
_TYPES = {
    "bool": "true or false",
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "object": "an object",
    "array": "a list",
}
_BOUNDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}


def plain(reason: str, kind: Any = None, place: str = "") -> str:
    """Return msgspec's sentence as the end of one of ours: "Expected `int | null`, got `str`", "expected a whole number or null".

    Of words that are none of a few, it names those few if it is told what was decoded, and the dotted place in it.
    """
    if refused := _NO_MEMBER.fullmatch(reason):
        words = [] if kind is None else _words(kind, place)
        return f"must be {_listed(words)}" if words else f"{refused[1]} is not one of the words that are known here"
    said = _BOUND.sub(lambda bound: f" of {_BOUNDS[bound[1]]} {bound[2]}", _GOT.sub("", reason))
    said = _QUOTED.sub(lambda quoted: " or ".join(_TYPES.get(name, name) for name in quoted[1].split(" | ")), said)
    return said[:1].lower() + said[1:]


def _words(kind: Any, place: str) -> list[str]:
    """Return the words that may stand at the place."""
    found = _choices(inspect.type_info(kind))
    for name in filter(None, _ITEM.sub("", place).split(".")):
        fields = [field for choice in found if isinstance(choice, inspect.StructType) for field in choice.fields]
        found = [choice for field in fields if field.encode_name == name for choice in _choices(field.type)]
    return [str(member.value) for choice in found if isinstance(choice, inspect.EnumType) for member in choice.cls]


def _choices(found: inspect.Type) -> Sequence[inspect.Type]:
    match found:
        case inspect.UnionType():
            return found.types
        case inspect.CollectionType():
            return _choices(found.item_type)
        case _:
            return [found]


def _listed(words: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))
