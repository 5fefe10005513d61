"""What a benchmark finds, and the arithmetic on the way there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


class BrokenRunError(Exception):
    """Something other than slowness went wrong, so that there is nothing to measure."""


@dataclass(frozen=True)
class Figure:
    """One thing measured. An aim is the most that it should be, or the least where that is said."""

    what: str
    value: float
    unit: str
    aim: float | None = None
    #: What it was made of, for whoever doubts it.
    detail: str = ""
    aims_high: bool = False

    @property
    def is_met(self) -> bool | None:
        """Whether it is as it should be; None: there is no aim."""
        if self.aim is None:
            return None
        return self.value >= self.aim if self.aims_high else self.value <= self.aim

    @property
    def as_json(self) -> dict[str, Any]:
        """For the file."""
        return asdict(self) | {"is_met": self.is_met}


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed; by nearest rank."""
    if not values:
        raise BrokenRunError("there is nothing to take a percentile of")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def ratio(
    what: str, above: Sequence[float], below: Sequence[float], aim: float | None, unit: str, aims_high: bool = False
) -> Figure:
    """The ratio of the medians of all rounds; `unit` is that of the values, which the detail tells."""
    figure = median(above) / median(below)
    if len(above) > 5:
        rounds = f"{_value(median(above))}/{_value(median(below))} of {len(above)} rounds,"
    else:
        rounds = ", ".join(f"{_value(a)}/{_value(b)}" for a, b in zip(above, below, strict=True))
    return Figure(what, figure, "×", aim, f"{rounds} {unit}", aims_high)


def _value(value: float) -> str:
    return f"{value:.0f}" if value >= 1000 else f"{value:.2f}"


def inverted_share(ranks: Sequence[int]) -> float:
    """The share of all pairs that stand the wrong way round: 0 in order, 0.5 at random, 1 reversed."""
    pairs = len(ranks) * (len(ranks) - 1) / 2
    return _inversions(list(ranks))[0] / pairs if pairs else 0.0


def _inversions(ranks: list[int]) -> tuple[int, list[int]]:
    """Counts while merging: whoever is overtaken stands the wrong way round to all that still wait."""
    if len(ranks) < 2:
        return 0, ranks
    middle = len(ranks) // 2
    (left_count, left), (right_count, right) = _inversions(ranks[:middle]), _inversions(ranks[middle:])
    count, merged, taken = left_count + right_count, [], 0
    for rank in left:
        while taken < len(right) and right[taken] < rank:
            merged.append(right[taken])
            taken += 1
        count += taken
        merged.append(rank)
    return count, merged + right[taken:]
