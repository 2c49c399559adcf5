"""Making audio fit to air: the recipe, the figures, and the engine that does it."""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Protocol, TypeAlias

from msgspec import Meta, Struct


class Format(StrEnum):
    """An audio format that prepared audio can have. The value is the file's ending."""

    MP3 = "mp3"
    M4A = "m4a"
    OPUS = "opus"
    FLAC = "flac"
    WAV = "wav"


class Recipe(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What a `prepare` job does. Loudness in LUFS (EBU R128), true peak in dBTP (ITU-R BS.1770), bit rate in kbit/s."""

    target_lufs: Annotated[float, Meta(ge=-40, le=-5)] = -16.0
    true_peak_dbtp: Annotated[float, Meta(ge=-12, le=0)] = -1.0
    trim: bool = True
    format: Format = Format.MP3
    bitrate_kbps: Annotated[int, Meta(ge=32, le=320)] = 192


class Measured(Struct, frozen=True, kw_only=True, rename="camel"):
    """The figures of one piece of audio, counted on its decoded samples.

    `loudness_lufs` is None where there is nothing to measure (silence, or less than 0.4 s), `true_peak_dbtp` where every
    sample is zero. Durations are seconds.
    """

    loudness_lufs: float | None
    true_peak_dbtp: float | None
    range_lu: float | None
    duration: float
    sample_rate: int
    channels: int
    codec: str


class Figures(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a `prepare` job reports as its result: the audio before and after, and what was done between."""

    before: Measured
    after: Measured
    trimmed_head: float
    trimmed_tail: float
    gain_db: float
    limited: bool
    damaged: bool
    note: str | None = None


class Prepared(Struct, frozen=True, kw_only=True):
    """What an engine made: files in the folder it was given, and the figures."""

    audio: Path
    content_type: str
    prepared_peaks: Path
    original_peaks: Path
    figures: Figures


class Limits(Struct, frozen=True, kw_only=True):
    """What audio may cost: checked from the header before decoding, and enforced while decoding.

    `decoded_bytes` counts samples as 32-bit floats, all channels together. `output_bytes` bounds each file written, and
    `memory_bytes` the address space of each child process.
    """

    duration: timedelta = timedelta(hours=6)
    channels: int = 8
    min_sample_rate: int = 4_000
    max_sample_rate: int = 192_000
    decoded_bytes: int = 16 * 2**30
    output_bytes: int = 5 * 2**30
    memory_bytes: int = 4 * 2**30


Progress: TypeAlias = Callable[[float, str], None]
"""Told how far the work is (0 to 1, never falling) and what is being done, as a short phrase."""


class AudioEngine(Protocol):
    """Prepares audio files. Never holds a whole file's samples in memory, never opens a network connection."""

    async def prepare(self, source: Path, into: Path, recipe: Recipe, budget: timedelta, progress: Progress) -> Prepared:
        """Prepare the audio in `source` by `recipe`, writing only below the existing folder `into`.

        The loudness is met within 0.5 LU and the true peak kept under the recipe's limit in the encoded file, or the
        figures' note says why not. Silence at both ends goes when the recipe trims; a little air stays.
        Raise Unusable if the file holds no audio that can be prepared, or is outside the limits.
        Raise EngineFailed if the engine is missing or breaks, or if `budget` (wall time) is over.
        When cancelled, every child process is gone before the cancellation goes on.
        """
        ...

    async def version(self) -> str:
        """Say which engine this is, in a line for people. Raise EngineFailed if there is none that works."""
        ...
