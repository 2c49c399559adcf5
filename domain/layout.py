"""Where things lie in storage: the keys of originals, of prepared audio, and of the peaks beside them."""

from collections.abc import Mapping
from uuid import UUID

from ports.assets import Asset, Rendition
from ports.audio import Format
from ports.jobs import Job
from ports.work import Output

PEAKS_TYPE = "application/json"

ASSETS = "audio/assets/"
"""What every key of ours begins with."""

CONTENT_TYPES: Mapping[Format, str] = {
    Format.MP3: "audio/mpeg",
    Format.M4A: "audio/mp4",
    Format.OPUS: "audio/ogg",
    Format.FLAC: "audio/flac",
    Format.WAV: "audio/wav",
}


def original_key(asset_id: str, token: str, extension: str) -> str:
    """Return the key of an upload; `token`, eight hex digits, tells one upload to an asset from another."""
    return f"{_folder(asset_id)}/original-{token}.{extension}"


def peaks_key(audio_key: str) -> str:
    """Return the key of the peaks of the audio under `audio_key`: beside it."""
    stem, dot, _ = audio_key.rpartition(".")
    return f"{stem if dot else audio_key}.peaks.json"


def output_keys(job: Job, attempt: int, original: str) -> dict[Output, str]:
    """Return the keys that one attempt at a `prepare` job may write; `original` is the key of what it prepares."""
    if job.recipe is None or job.asset_id is None:
        return {}
    prepared = f"{_folder(job.asset_id)}/prepared-{job.id}-{attempt}.{job.recipe.format}"
    return {
        Output.PREPARED: prepared,
        Output.PREPARED_PEAKS: peaks_key(prepared),
        Output.ORIGINAL_PEAKS: peaks_key(original),
    }


def own_output_keys(job: Job) -> list[str]:
    """Return every key that belongs to this job alone: what its attempts wrote, or may have written."""
    shared = Output.ORIGINAL_PEAKS
    attempts = [output_keys(job, attempt.number, "") for attempt in job.attempts]
    return [key for keys in attempts for output, key in keys.items() if output is not shared]


def keys_of(rendition: Rendition) -> list[str]:
    """Return where a rendition lies, and its peaks if it has any."""
    return [key for key in (rendition.key, rendition.peaks) if key]


def shown_keys(asset: Asset) -> set[str]:
    """Return every key that the asset shows."""
    return {key for rendition in asset.renditions.values() for key in keys_of(rendition)}


def content_type_of(job: Job, output: Output) -> str:
    """Return the content type that an output is written with."""
    if output is Output.PREPARED and job.recipe is not None:
        return CONTENT_TYPES[job.recipe.format]
    return PEAKS_TYPE


def laid_by_hand(asset_id: str) -> str:
    """Return the prefix under which a worker that knows only the webhook puts prepared audio."""
    return f"{_folder(asset_id)}/prepared"


def is_ticketed(key: str) -> bool:
    """Say whether a key below `laid_by_hand` is one that a ticket gave out: `prepared-{job}-{attempt}.{ending}`."""
    name = key.rpartition("/")[2]
    parts = name.removeprefix("prepared-").split(".")[0].split("-")
    return name.startswith("prepared-") and [len(part) for part in parts[:5]] == [8, 4, 4, 4, 12] and len(parts) == 6


def ticketed_job(key: str) -> UUID | None:
    """Return the job whose ticket gave out the key, None if no ticket did."""
    if not is_ticketed(key):
        return None
    try:
        return UUID(key.rpartition("/")[2].removeprefix("prepared-")[:36])
    except ValueError:
        return None


def laid_prefixes(asset_id: str) -> list[str]:
    """Return what the keys of all that may be an asset's begin with, whoever put it there."""
    return [f"{_folder(asset_id)}/original", laid_by_hand(asset_id)]


def _folder(asset_id: str) -> str:
    return f"{ASSETS}{asset_id}"
