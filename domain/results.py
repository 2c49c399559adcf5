"""What may be read out of a worker's result: sent by anybody who can report, so nothing in it is taken on trust."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

UNUSABLE = "unusable"
"""The code of a job whose audio itself can't be prepared."""

FAILED = "failed"
"""The code of a job whose worker reported a failure and said no more."""

ENGINE = "engine"
"""The code of a failure of the worker's machine: its audio engine, its disk, its way to the bytes."""

OUTPUTS = "outputs"
"""The code of an attempt whose outputs did not arrive in storage."""

_CODES = frozenset({UNUSABLE, FAILED, ENGINE, OUTPUTS})


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
