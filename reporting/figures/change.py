"""Whether a difference between two periods may be called a change. Pure."""

from dataclasses import dataclass
from math import sqrt

FEWEST = 30
"""Both periods need so many visits before a change is spoken of."""


@dataclass(frozen=True, slots=True)
class Change:
    """`percent`: by how much `now` is more (or less, below 0) than `before`; None where it is about the
    same."""

    now: int
    before: int
    percent: int | None

    @property
    def is_more(self) -> bool:
        return self.percent is not None and self.now > self.before

    @property
    def size(self) -> int:
        return abs(self.percent or 0)


def change(now: int, before: int, *, complete: bool) -> Change | None:
    """Of two counts. None where nothing may be said: a period that is not over, or too few in one of them. It
    is a change only if it is larger than what chance alone does to counts: |a - b| > 2√(a + b)."""
    if not complete or min(now, before) < FEWEST:
        return None
    if abs(now - before) <= 2 * sqrt(now + before):
        return Change(now, before, None)
    return Change(now, before, int((now - before) * 100 / before + (0.5 if now > before else -0.5)))


def share_change(part: int, whole: int, part_before: int, whole_before: int, *, complete: bool) -> int | None:
    """By how many points a share has changed; 0: about the same; None: nothing may be said. The shares' own
    chance is that of two proportions."""
    if not complete or min(whole, whole_before) < FEWEST:
        return None
    one, other = part / whole, part_before / whole_before
    chance = 2 * sqrt(one * (1 - one) / whole + other * (1 - other) / whole_before)
    points = int(abs(one - other) * 100 + 0.5)
    if abs(one - other) <= chance or not points:
        return 0
    return points if one > other else -points
