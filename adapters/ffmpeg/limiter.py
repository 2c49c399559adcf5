"""The limiter, and how much gain must make up for what it takes: found by trying it, without encoding anything."""

from msgspec.structs import replace

from adapters.ffmpeg.decode import QUIET, decoding, raw
from adapters.ffmpeg.faults import Complaints, check_alive
from adapters.ffmpeg.gain import TOLERANCE_LU, Plan
from adapters.ffmpeg.loudness import Meters
from adapters.ffmpeg.original import Original
from adapters.ffmpeg.process import Command, Ffmpeg
from adapters.ffmpeg.silence import Kept
from ports.errors import EngineFailed

OVERSAMPLED = 176_400
"""Samples a second at which the peaks between samples show: BS.1770 asks for four times the usual rates."""

NEGLIGIBLE_DB = TOLERANCE_LU
"""Limiting takes no more loudness than peaks stand above the ceiling: so little needs no trial."""

EXTRA_DB = 4.0
"""The most gain that is added to make up for limiting: more would only make it audible."""


def cut(kept: Kept, seconds: float) -> str:
    """Return the filter that keeps this part of audio of `seconds`; the sum of its samples is exact at an uncut end."""
    end = f":end={kept.end:.6f}" if kept.end < seconds else ""
    return f"atrim=start={kept.start:.6f}{end},asetpts=PTS-STARTPTS"


def limiting(ceiling: float) -> str:
    """Return the filter that keeps every sample under `ceiling` (dBFS): it looks 5 ms ahead, and does not raise the rest."""
    return f"alimiter=limit={10 ** (ceiling / 20):.6f}:level=disabled:attack=5:release=50:asc=disabled:latency=enabled"


def oversampled(rate: int) -> int:
    """Return the whole multiple of `rate` at which true peaks are limited."""
    return rate * max(1, round(OVERSAMPLED / rate))


async def compensated(ffmpeg: Ffmpeg, original: Original, plan: Plan, target: float) -> Plan:
    """Return `plan` with the gain that reaches `target` LUFS through its limiter, as nearly as EXTRA_DB allows."""
    peak = original.loudness.peak
    if plan.ceiling_dbtp is None or peak is None or peak + plan.gain_db - plan.ceiling_dbtp < NEGLIGIBLE_DB:
        return plan
    as_planned, louder = await _try(ffmpeg, original, plan, plan.ceiling_dbtp)
    missing = missing_gain(as_planned, louder, target)
    return replace(plan, gain_db=plan.gain_db + missing, exhausted=louder < target - TOLERANCE_LU)


def missing_gain(as_planned: float, louder: float, target: float) -> float:
    """Return the gain to add, in dB, given the loudness that a limiter leaves without it and with EXTRA_DB."""
    short = target - as_planned
    if short <= 0 or louder - as_planned < 0.1:
        return 0.0
    return min(EXTRA_DB, EXTRA_DB * short / (louder - as_planned))


async def _try(ffmpeg: Ffmpeg, original: Original, plan: Plan, ceiling: float) -> tuple[float, float]:
    decoder, meters = Complaints(), Meters()
    decode = Command(decoding(original.source.path, original.shape), decoder.hear)
    arms = (_arm("planned", plan.gain_db, ceiling), _arm("louder", plan.gain_db + EXTRA_DB, ceiling))
    graph = f"[0:a]{cut(plan.kept, original.seconds)},asplit=2[planned][louder];" + ";".join(graph for graph, _ in arms)
    nowhere = tuple(argument for _, out in arms for argument in out)
    hear = Command((*QUIET, "-v", "info", *raw(original.shape), "-filter_complex", graph, *nowhere), meters.hear)
    decoded, tried = await ffmpeg.run(decode, hear)
    check_alive(decoded)
    check_alive(tried)
    return _integrated(meters, "planned"), _integrated(meters, "louder")


def _arm(name: str, gain: float, ceiling: float) -> tuple[str, tuple[str, ...]]:
    graph = f"[{name}]volume={gain:.3f}dB:precision=float,{limiting(ceiling)},ebur128@{name}=framelog=verbose[{name}_out]"
    return graph, ("-map", f"[{name}_out]", "-c:a", "pcm_f64le", "-f", "null", "-")


def _integrated(meters: Meters, name: str) -> float:
    loudness = meters.read(name).integrated
    if loudness is None:
        raise EngineFailed("The limiter could not be tried")
    return loudness
