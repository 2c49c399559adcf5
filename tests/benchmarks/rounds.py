"""Rounds in which every contender has its turn: what disturbs the machine disturbs them all."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from tests.benchmarks.figures import Sample, Series, series_of
from tests.benchmarks.sizes import Sizes

Turn: TypeAlias = Callable[[], Sample]
Say: TypeAlias = Callable[[str], None]


class Bench(Struct, frozen=True):
    """What each way is given: how much to do and how often, a folder on the disk, and whom to tell how far it is."""

    sizes: Sizes
    rounds: int
    folder: Path
    say: Say

    def inside(self, name: str) -> Path:
        """Return a new folder of that name in the bench's own."""
        path = self.folder / name
        path.mkdir(parents=True)
        return path


def contest(bench: Bench, case: str, unit: str, turns: Mapping[str, Turn], rounds: int | None = None) -> dict[str, Series]:
    """Give each contender one turn a round, another first each time, and return what each did by its name."""
    taken: dict[str, list[Sample]] = {name: [] for name in turns}
    names = list(turns)
    for number in range(rounds or bench.rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            bench.say(f"{case}: {name}, round {number + 1}")
            taken[name].append(turns[name]())
    return {name: series_of(case, name, unit, samples) for name, samples in taken.items()}
