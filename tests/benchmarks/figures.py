"""What a bench finds: figures of each contender in each round, ratios between two of them, and the goals they are held to."""

from collections.abc import Mapping, Sequence
from statistics import median

from msgspec import Struct, field


class CannotMeasure(Exception):
    """A row can't be produced; the sentence says why."""


class Goal(Struct, frozen=True, kw_only=True):
    """What a median should reach: one bound, or both."""

    at_least: float | None = None
    at_most: float | None = None

    def reached(self, value: float) -> bool:
        """Say whether a figure is good enough."""
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    def __str__(self) -> str:
        bounds = (("≥", self.at_least), ("≤", self.at_most))
        return " and ".join(f"{sign} {bound:g}" for sign, bound in bounds if bound is not None)


class Sample(Struct, frozen=True):
    """One contender's figure in one round, and more that was seen on the way, each under its name with its unit."""

    value: float
    more: Mapping[str, float] = field(default_factory=dict[str, float])


class Series(Struct, frozen=True, kw_only=True):
    """What one contender did in a case, round by round."""

    case: str
    who: str
    unit: str
    values: tuple[float, ...]
    more: Mapping[str, tuple[float, ...]] = field(default_factory=dict[str, tuple[float, ...]])
    goal: Goal | None = None

    @property
    def key(self) -> str:
        """Return what tells it from the others of its way."""
        return f"{self.case}: {self.who}"


class Ratio(Struct, frozen=True, kw_only=True):
    """One contender's figures divided by those of another in the same round."""

    case: str
    who: str
    beside: str
    values: tuple[float, ...]
    goal: Goal | None = None

    @property
    def key(self) -> str:
        """Return what tells it from the others of its way."""
        return f"{self.case}: {self.who} / {self.beside}"


class Section(Struct, frozen=True, kw_only=True):
    """The rows of one way, and what a reader has to know of how they came about."""

    way: str
    series: tuple[Series, ...]
    ratios: tuple[Ratio, ...]
    notes: tuple[str, ...] = ()


class Spread(Struct, frozen=True):
    """The middle of some figures, and both ends."""

    median: float
    least: float
    most: float


def spread(values: Sequence[float]) -> Spread:
    """Return the spread of one figure or more."""
    return Spread(median(values), min(values), max(values))


def series_of(case: str, who: str, unit: str, samples: Sequence[Sample], goal: Goal | None = None) -> Series:
    """Put a contender's rounds together."""
    names = dict.fromkeys(name for sample in samples for name in sample.more)
    more = {name: tuple(sample.more[name] for sample in samples if name in sample.more) for name in names}
    return Series(case=case, who=who, unit=unit, values=tuple(sample.value for sample in samples), more=more, goal=goal)


def ratio(ours: Series, beside: Series, goal: Goal | None = None, case: str | None = None) -> Ratio:
    """Divide round by round; where one had fewer rounds, the first ones count."""
    values = tuple(one / other for one, other in zip(ours.values, beside.values, strict=False))
    return Ratio(case=case or ours.case, who=ours.who, beside=beside.who, values=values, goal=goal)
