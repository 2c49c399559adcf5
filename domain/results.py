"""What may be read out of a worker's result: sent by anybody who can report, so nothing in it is taken on trust."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

import msgspec

from ports.audio import Figures

UNUSABLE = "unusable"
"""The code of a job whose audio itself can't be prepared."""

FAILED = "failed"
"""The code of a job whose worker reported a failure and said no more."""

ENGINE = "engine"
"""The code of a failure of the worker's machine: its audio engine, its disk, its way to the bytes."""

OUTPUTS = "outputs"
"""The code of an attempt whose outputs did not arrive in storage."""

_CODES = frozenset({UNUSABLE, FAILED, ENGINE, OUTPUTS})

_NOTHING_DONE = {"trimmedHead": 0, "trimmedTail": 0, "gainDb": 0, "limited": False, "damaged": False}
"""What a worker may leave out of its figures."""

_LONGEST_TEXT = 1000


def reported_figures(result: Mapping[str, Any] | None, longest: timedelta) -> Figures | None:
    """Return the figures that a worker states, None unless both `before` and `after` are whole and everything is possible."""
    try:
        figures = msgspec.convert({**_NOTHING_DONE, **(result or {})}, Figures)
    except msgspec.ValidationError:
        return None
    return figures if _are_possible(figures, longest.total_seconds()) else None


def _are_possible(figures: Figures, longest: float) -> bool:
    lengths = figures.before.duration, figures.after.duration
    cuts = figures.trimmed_head, figures.trimmed_tail
    texts = figures.before.codec, figures.after.codec, figures.note or ""
    return (
        all(0 < length <= longest for length in lengths)
        and all(0 <= cut <= longest for cut in cuts)
        and all(len(text) <= _LONGEST_TEXT for text in texts)
    )


def reported_duration(result: Mapping[str, Any] | None, when: str, longest: timedelta) -> float | None:
    """Return the seconds that the figures under `before` or `after` state, None unless they are possible ones."""
    figures = (result or {}).get(when)
    if not isinstance(figures, dict):
        return None
    duration = cast("dict[str, Any]", figures).get("duration")
    if isinstance(duration, bool) or not isinstance(duration, int | float):
        return None
    return float(duration) if 0 < duration <= longest.total_seconds() else None


def reported_code(result: Mapping[str, Any] | None) -> str:
    """Return why a worker failed, as one of the codes that programs may rely on."""
    code = (result or {}).get("code")
    return code if isinstance(code, str) and code in _CODES else FAILED
