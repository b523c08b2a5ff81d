"""When an agent was shown so many people in an hour that managers are told. Pure."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from core.looked import Shown
from privacy.enums import AlarmKind
from privacy.looked.stretches import OPENED, SEARCHED

HOUR = timedelta(hours=1)

SEARCHED_TIMES = 5
"""So many times the bound of records opened may be read as names in searches: a name that is typed shows
others too (docs/desk-day.md has an hour that was counted)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One consultation of one agent."""

    at: datetime
    kind: Shown
    resident_id: int


@dataclass(frozen=True, slots=True)
class Ring:
    """`people`: how many different ones were seen in the hour that ended `at`."""

    at: datetime
    kind: AlarmKind
    people: int


def rings(seen: Iterable[Seen], *, bound: int, last: datetime | None = None) -> Iterator[Ring]:
    """The alarms of one agent: each time when more different people than `bound` were opened, or more than
    five times as many were read in searches, within an hour. What is exactly an hour ago no longer counts.
    After an alarm (`last`: the one before) none for an hour. `seen` in order of time."""
    counted = {
        AlarmKind.OPENED: _Hour(OPENED, bound),
        AlarmKind.SEARCHED: _Hour(SEARCHED, SEARCHED_TIMES * bound),
    }
    for at, together in groupby(seen, key=lambda each: each.at):
        now = list(together)
        for kind, hour in counted.items():
            people = hour.add(at, now)
            if people > hour.bound and (last is None or at >= last + HOUR):
                last = at
                yield Ring(at, kind, people)


class _Hour:
    """Who was seen on some kinds of pages in the hour that has just passed."""

    def __init__(self, kinds: frozenset[Shown], bound: int) -> None:
        self.kinds, self.bound = kinds, bound
        self.seen: deque[Seen] = deque()
        self.times: Counter[int] = Counter()

    def add(self, at: datetime, now: Iterable[Seen]) -> int:
        """How many different people there are with these."""
        while self.seen and self.seen[0].at <= at - HOUR:
            gone = self.seen.popleft().resident_id
            self.times[gone] -= 1
            if not self.times[gone]:
                del self.times[gone]
        for each in now:
            if each.kind in self.kinds:
                self.seen.append(each)
                self.times[each.resident_id] += 1
        return len(self.times)
