"""The words for what is wrong with a value."""

from enum import StrEnum
from typing import Annotated

import msgspec
import pytest
from msgspec import Meta, Struct

from entrypoints.wording import plain


class Size(StrEnum):
    SMALL, LARGE = "small", "large"


class Cup(Struct):
    size: Size | None = None
    degrees: Annotated[float, Meta(ge=-12.5, le=-5)] = -6
    number: Annotated[int, Meta(gt=0, lt=10)] = 1
    saucer: "Cup | None" = None
    spares: list[Size] = []


@pytest.mark.parametrize(
    ("sent", "place", "sentence"),
    [
        ({"size": "huge"}, "size", "must be small or large"),
        ({"saucer": {"size": "huge"}}, "saucer.size", "must be small or large"),
        ({"size": "a\nb"}, "size", "must be small or large"),
        ({"spares": ["small", "huge"]}, "spares[1]", "must be small or large"),
        ({"degrees": -4}, "degrees", "expected a number of at most -5"),
        ({"degrees": -13}, "degrees", "expected a number of at least -12.5"),
        ({"number": 0}, "number", "expected a whole number of at least 1"),
        ({"number": 10}, "number", "expected a whole number of at most 9"),
        ({"number": "1"}, "number", "expected a whole number"),
        ({"saucer": 1}, "saucer", "expected an object or null"),
    ],
)
def test_what_the_decoder_says_is_said_plainly(sent: object, place: str, sentence: str) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(sent, Cup)
    reason, _, where = str(refused.value).partition(" - at `$.")
    assert where == place + "`"
    assert plain(reason, Cup, place) == sentence


def test_words_that_are_not_known_here_are_not_named() -> None:
    assert plain("Invalid enum value 'huge'") == "'huge' is not one of the words that are known here"
