"""Preparing: time, memory and what is reached, beside the bare decode and encode of the same file and ffmpeg-normalize."""

import shutil
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import msgspec

from ports.audio import Format, Recipe
from tests.benchmarks.audio import RATE, SOUNDS, heard, sound
from tests.benchmarks.costs import cost_of
from tests.benchmarks.engine import Done
from tests.benchmarks.figures import CannotMeasure, Goal, Ratio, Sample, Section, Series, ratio, series_of
from tests.benchmarks.needs import program
from tests.benchmarks.rounds import Bench, Turn, contest

NEEDS = ("ffmpeg",)
OURS, FLOOR, NORMALIZE = "engine", "ffmpeg, decode + encode", "ffmpeg-normalize"
USUAL = Recipe()
LOUD = Recipe(target_lufs=-10)
"""As loud as the sounds can be made only by a limiter."""

BESIDE_FLOOR, LIMITED_BESIDE_FLOOR = Goal(at_most=1.8), Goal(at_most=3)
FASTER = Goal(at_least=4)

CODECS: Mapping[Format, tuple[str, ...]] = {
    Format.MP3: ("-c:a", "libmp3lame", "-b:a", "192k"),
    Format.M4A: ("-c:a", "aac", "-b:a", "192k"),
    Format.OPUS: ("-c:a", "libopus", "-b:a", "192k"),
    Format.FLAC: ("-c:a", "flac"),
    Format.WAV: ("-c:a", "pcm_s16le"),
}
"""How ffmpeg is told to write each format, as our engine tells it."""


class Table:
    """The rows as they come about."""

    def __init__(self) -> None:
        self.series: list[Series] = []
        self.ratios: list[Ratio] = []


def run(bench: Bench) -> Section:
    """Prepare every sound at every length, the shortest in every format too, and to a loudness that needs the limiter."""
    table = Table()
    for kind in SOUNDS:
        clips = bench.inside(kind)
        for minutes in bench.sizes.minutes:
            file = sound(clips, kind, minutes)
            _usual(bench, table, kind, minutes, file)
            if minutes == min(bench.sizes.minutes):
                _loud(bench, table, kind, file)
            if minutes == min(bench.sizes.minutes) and kind == "music":
                _formats(bench, table, kind, file)
        shutil.rmtree(clips)
    note = (
        "the engine as the worker in the server's process calls it; `with start-up` is the whole process, Python's start included"
    )
    return Section(way="preparing", series=tuple(table.series), ratios=tuple(table.ratios), notes=(note,))


def _usual(bench: Bench, table: Table, kind: str, minutes: float, file: Path) -> None:
    case = f"{kind}, {minutes:.3g} min, mp3"
    normalize = partial(_normalized, bench, file)
    rounds = _rounds(bench, minutes)
    found = contest(bench, case, "s", {OURS: _ours(bench, file, USUAL), FLOOR: _floor(bench, file, Format.MP3)}, rounds)
    found |= contest(bench, case, "s", {NORMALIZE: normalize}, 1 if minutes > 10 else rounds)
    goal = LIMITED_BESIDE_FLOOR if any(found[OURS].more["limited"]) else BESIDE_FLOOR
    table.series += found.values()
    table.ratios += [ratio(found[OURS], found[FLOOR], goal), ratio(found[NORMALIZE], found[OURS], FASTER)]
    _reached(table, case, OURS, _output(bench, OURS), USUAL)
    _reached(table, case, NORMALIZE, _output(bench, NORMALIZE) / "out.mp3", None)


def _formats(bench: Bench, table: Table, kind: str, file: Path) -> None:
    for form in (each for each in Format if each is not Format.MP3):
        recipe = msgspec.structs.replace(USUAL, format=form)
        found = contest(bench, f"{kind}, {form}", "s", {OURS: _ours(bench, file, recipe), FLOOR: _floor(bench, file, form)})
        table.series += found.values()
        table.ratios.append(ratio(found[OURS], found[FLOOR]))


def _loud(bench: Bench, table: Table, kind: str, file: Path) -> None:
    case = f"{kind}, {LOUD.target_lufs:g} LUFS, limited"
    found = contest(bench, case, "s", {OURS: _ours(bench, file, LOUD), FLOOR: _floor(bench, file, Format.MP3)})
    if not all(found[OURS].more["limited"]):
        raise CannotMeasure(f"{file.name} did not need the limiter at {LOUD.target_lufs} LUFS")
    table.series += found.values()
    table.ratios.append(ratio(found[OURS], found[FLOOR], LIMITED_BESIDE_FLOOR))
    _reached(table, case, OURS, _output(bench, OURS), LOUD)


def _reached(table: Table, case: str, who: str, made: Path, recipe: Recipe | None) -> None:
    """Listen to what was made last; ours has to keep to its recipe."""
    file = made if made.is_file() else next(made.glob("*.mp3"))
    found = heard(file)
    wanted = Goal(at_least=recipe.target_lufs - 0.5, at_most=recipe.target_lufs + 0.5) if recipe else None
    under = Goal(at_most=recipe.true_peak_dbtp) if recipe else None
    table.series.append(series_of(f"{case}: loudness", who, "LUFS", [Sample(found.loudness)], wanted))
    table.series.append(series_of(f"{case}: true peak", who, "dBTP", [Sample(found.peak)], under))


def _rounds(bench: Bench, minutes: float) -> int:
    """Return how often it is worth while: long audio takes minutes a round, and is the less noisy for it."""
    return bench.rounds if minutes <= 1 else min(bench.rounds, 3 if minutes <= 10 else 2)


def _ours(bench: Bench, file: Path, recipe: Recipe) -> Turn:
    def turn() -> Sample:
        into = _emptied(_output(bench, OURS))
        command = [sys.executable, "-m", "tests.benchmarks.engine", str(file), str(into), msgspec.json.encode(recipe).decode()]
        cost = cost_of(command, bench.folder)
        done = msgspec.json.decode(cost.said, type=Done)
        return Sample(done.seconds, {**cost.more, "with start-up s": cost.seconds, "limited": float(done.figures.limited)})

    return turn


def _floor(bench: Bench, file: Path, form: Format) -> Turn:
    def turn() -> Sample:
        out = _emptied(_output(bench, FLOOR)) / f"out.{form}"
        command = [
            program("ffmpeg"),
            "-nostdin",
            "-hide_banner",
            "-loglevel",
            "error",
            "-y",
            "-i",
            str(file),
            *CODECS[form],
            str(out),
        ]
        cost = cost_of(command, bench.folder)
        return Sample(cost.seconds, cost.more)

    return turn


def _normalized(bench: Bench, file: Path) -> Sample:
    out = _emptied(_output(bench, NORMALIZE)) / "out.mp3"
    target = ["-t", str(USUAL.target_lufs), "-tp", str(USUAL.true_peak_dbtp), "-ar", str(RATE), *CODECS[Format.MP3]]
    command = [str(Path(sys.executable).with_name("ffmpeg-normalize")), str(file), "-o", str(out), "-f", "-q", *target]
    cost = cost_of(command, bench.folder)
    return Sample(cost.seconds, cost.more)


def _output(bench: Bench, who: str) -> Path:
    return bench.folder / f"made by {who}"


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder
