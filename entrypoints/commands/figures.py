"""The figures of prepared audio as a table for people."""

from collections.abc import Mapping
from typing import Any

from rich.table import Table

ROWS = (
    ("Loudness", "loudnessLufs", "LUFS"),
    ("True peak", "truePeakDbtp", "dBTP"),
    ("Loudness range", "rangeLu", "LU"),
    ("Length", "duration", "s"),
    ("Sample rate", "sampleRate", "Hz"),
    ("Channels", "channels", ""),
    ("Codec", "codec", ""),
)


def figures_table(result: Mapping[str, Any]) -> Table:
    """Return the table of a `prepare` job's result: before beside after, then what was done between."""
    table = Table("", "before", "after", title="What was measured", title_justify="left")
    for name, key, unit in ROWS:
        table.add_row(name, _written(result["before"][key], unit), _written(result["after"][key], unit))
    table.caption = _deeds(result)
    table.caption_justify = "left"
    return table


def _deeds(result: Mapping[str, Any]) -> str:
    deeds = [
        f"gain {result['gainDb']:+.1f} dB",
        f"{result['trimmedHead']:.2f} s taken off the head, {result['trimmedTail']:.2f} s off the tail",
        "peaks limited" if result["limited"] else "no limiter needed",
    ]
    damaged = ["the file is damaged: what could be decoded was prepared"] if result["damaged"] else []
    note = [result["note"]] if result.get("note") else []
    return "; ".join([*deeds, *damaged, *note])


def _written(value: float | str | None, unit: str) -> str:
    if value is None:
        return "nothing to measure"
    shown = f"{value:.1f}" if isinstance(value, float) and unit != "Hz" else str(value)
    return f"{shown} {unit}".strip()
