"""The rows of a helper's usual week together: which two overlap, and which kinds of weeks they make."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from math import lcm

from agents.rules.rota import Pattern, days

_WEEK = timedelta(days=7)
_MOST_WEEKS = 60
"""So many weeks are looked at: more than a year, and each rhythm of up to four weeks several times."""


def first_overlap(one: Pattern, other: Pattern, since: date) -> date | None:
    """The first day from `since` on when both rows want the helper at the same hour, or None."""
    if one.ends <= other.starts or other.ends <= one.starts:
        return None
    first = max(since, one.from_on, other.from_on)
    rounds = lcm(one.every_weeks, other.every_weeks) * _WEEK
    lasts = [each.until_on for each in (one, other) if each.until_on is not None]
    end = min([first + rounds, *(last + timedelta(days=1) for last in lasts)])
    return next((day for day in days(first, end) if one.holds_on(day) and other.holds_on(day)), None)


type ClosedDay = tuple[int, int]
"""The id of a row and a weekday on which its place is never open then."""


@dataclass(frozen=True)
class KindOfWeek:
    """A week that the rows make again and again. `mondays`: when, in order; `rows`: of each day from Monday
    to Sunday; `is_last`: from some day on there is no other; `is_only`: there never is."""

    mondays: tuple[date, ...]
    rows: tuple[tuple[Pattern, ...], ...]
    is_last: bool
    is_only: bool

    def minutes(self, closed: Collection[ClosedDay] = ()) -> int:
        """Without the days on which a row's place is closed."""
        return sum(
            _minutes(row for row in rows if (row.id, weekday) not in closed)
            for weekday, rows in enumerate(self.rows)
        )

    @property
    def is_unbroken(self) -> bool:
        """Whether no other week comes between its first and its last."""
        return self.mondays[-1] - self.mondays[0] == (len(self.mondays) - 1) * _WEEK


def kinds_of_weeks(rows: Sequence[Pattern], monday: date) -> list[KindOfWeek]:
    """The different weeks that the rows make from this Monday on, in the order in which they come; not those
    without any row."""
    rounds = lcm(*(row.every_weeks for row in rows)) if rows else 1
    changes = [day for row in rows for day in (row.from_on, row.until_on) if day is not None and day > monday]
    weeks = min(_MOST_WEEKS, 3 * rounds + max(((day - monday).days // 7 + 1 for day in changes), default=0))
    mondays = [monday + n * _WEEK for n in range(weeks)]
    found: dict[tuple[tuple[Pattern, ...], ...], list[date]] = defaultdict(list)
    for each in mondays:
        week = tuple(_held(rows, day) for day in days(each, each + _WEEK))
        found[week].append(each)
    return [
        KindOfWeek(tuple(when), week, is_last=when[-rounds:] == mondays[-rounds:], is_only=len(found) == 1)
        for week, when in found.items()
        if any(week)
    ]


def average_minutes(rows: Sequence[Pattern], monday: date, closed: Collection[ClosedDay] = ()) -> int | None:
    """The minutes of a week on average over a round of the rhythms, without the days on which a row's place
    is closed; None where all rows hold every week, or where a row begins or ends within the round."""
    rounds = lcm(*(row.every_weeks for row in rows)) if rows else 1
    end = monday + rounds * _WEEK
    inner = [day for row in rows for day in (row.from_on, row.until_on) if day and monday < day < end]
    if rounds == 1 or inner:
        return None
    total = sum(
        _minutes(row for row in _held(rows, day) if (row.id, day.weekday()) not in closed)
        for day in days(monday, end)
    )
    return round(total / rounds)


def _held(rows: Iterable[Pattern], day: date) -> tuple[Pattern, ...]:
    return tuple(sorted((row for row in rows if row.holds_on(day)), key=lambda row: (row.starts, row.id)))


def _minutes(rows: Iterable[Pattern]) -> int:
    """Of the rows of one day in order; what overlaps counts once."""
    minutes, known = 0, 0
    for row in rows:
        start, end = max(known, _minute(row.starts)), _minute(row.ends)
        minutes, known = minutes + max(0, end - start), max(known, end)
    return minutes


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
