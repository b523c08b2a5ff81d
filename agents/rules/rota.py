"""The rota: usual weeks as dated shifts, conflicts between shifts and absences, and the law on rest.

Alternate weeks are counted from the pattern's anchor date, never from ISO week numbers: 2026 has a week
53, after which an odd week follows an odd one. Hours are in local time: 09:00 stays 09:00 across a clock
change, and a shift on such a day is longer or shorter.

Limits on working time are warnings, not refusals: exceptions exist (décret 2000-815, art. 3, II), and a
manager decides. Source: décret n° 2000-815 du 25 août 2000, art. 3, I, which décret n° 2001-623 du 12
juillet 2001, art. 1, applies to local authorities.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from core.localtime import Span, merged, merged_within, overlapping, utc_spans

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


# ---- the usual week --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pattern:
    """A part of an agent's usual week: on these weekdays (0 is Monday), from `starts` to `ends` (local time).

    It holds in every `every_weeks`-th week, counted from the week of `anchor_on`, on the days from
    `from_on` until `until_on` included (None: without end).
    """

    id: int
    agent_id: int
    site_id: int
    weekdays: frozenset[int]
    starts: time
    ends: time
    every_weeks: int
    anchor_on: date
    from_on: date
    until_on: date | None = None

    def holds_on(self, day: date) -> bool:
        if day < self.from_on or (self.until_on is not None and day > self.until_on):
            return False
        if day.weekday() not in self.weekdays:
            return False
        return (_monday(day) - _monday(self.anchor_on)).days // 7 % self.every_weeks == 0


class PlannedShift(NamedTuple):
    """The shift that a pattern gives on a local day."""

    on: date
    agent_id: int
    site_id: int
    starts_at: datetime
    ends_at: datetime


def expand(pattern: Pattern, first: date, end: date, tz: ZoneInfo) -> list[PlannedShift]:
    """The shifts of a pattern on the local days `[first, end)`, in order; aware UTC.

    A shift that falls wholly into the hour skipped when clocks go forward does not exist that day.
    """
    found = []
    first = max(first, pattern.from_on)
    if pattern.until_on is not None:
        end = min(end, pattern.until_on + _DAY)
    for day in days(first, end):
        if not pattern.holds_on(day):
            continue
        local = (datetime.combine(day, pattern.starts), datetime.combine(day, pattern.ends))
        spans = utc_spans([local], tz)
        if spans:
            # One shift, even if the clock shows an hour twice and `spans` has two parts.
            shift = (pattern.agent_id, pattern.site_id, spans[0][0], spans[-1][1])
            found.append(PlannedShift(day, *shift))
    return found


def days(first: date, end: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((end - first).days)]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


# ---- what a changed pattern changes ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Published:
    """What was published for a pattern on a day. `now` is the present shift, or None if deleted."""

    made: PlannedShift
    now: PlannedShift | None

    @property
    def is_untouched(self) -> bool:
        return self.made == self.now


@dataclass(frozen=True, slots=True)
class PublishingPlan:
    """What publishing would do. `touched` are the local days on which somebody changed the shift by hand,
    so that it differs from the pattern; publishing leaves these days as they are."""

    add: tuple[PlannedShift, ...]
    move: tuple[tuple[PlannedShift, PlannedShift], ...]
    remove: tuple[PlannedShift, ...]
    touched: tuple[date, ...]

    def __bool__(self) -> bool:
        return bool(self.add or self.move or self.remove)


def publishing_plan(
    published: Iterable[Published], wanted: Iterable[PlannedShift], now: datetime
) -> PublishingPlan:
    """The changes from what was published to what is wanted now, for the same pattern and the same days.

    Shifts that have begun or were changed by hand stay as they are. A day is never published twice.
    """
    had = {each.made.on: each for each in published}
    want = {each.on: each for each in wanted}
    add, move, remove, touched = [], [], [], []
    for on in sorted(had.keys() | want.keys()):
        old, new = had.get(on), want.get(on)
        if old is None:
            if new is not None and new.starts_at > now:
                add.append(new)
        elif not old.is_untouched:
            if new != old.now:
                touched.append(on)
        elif old.made.starts_at <= now or new == old.made:
            continue
        elif new is None:
            remove.append(old.made)
        elif new.starts_at > now:
            move.append((old.made, new))
    return PublishingPlan(tuple(add), tuple(move), tuple(remove), tuple(touched))


# ---- what contradicts what -------------------------------------------------------------------------


class WorkedShift(NamedTuple):
    """A shift, whether made by hand or from a pattern."""

    agent_id: int
    site_id: int
    starts_at: datetime
    ends_at: datetime


class AwaySpan(NamedTuple):
    agent_id: int
    starts_at: datetime
    ends_at: datetime


class Clash(StrEnum):
    TWO_PLACES = "two_places"
    AWAY = "away"
    TRAVEL = "travel"


class Conflict(NamedTuple):
    """`other` is the later shift, or the absence."""

    kind: Clash
    work: WorkedShift
    other: WorkedShift | AwaySpan


def conflicts(
    works: Iterable[WorkedShift],
    absences: Iterable[AwaySpan] = (),
    travel: Callable[[int, int], timedelta] = lambda _here, _there: timedelta(),
) -> list[Conflict]:
    """For each agent: two shifts at once, a shift during an absence, or too little time between two sites."""
    found: list[Conflict] = []
    away: dict[int, list[AwaySpan]] = defaultdict(list)
    for absence in sorted(absences):
        away[absence.agent_id].append(absence)
    for agent_id, own in _by_agent(works).items():
        coming, current = iter(away[agent_id]), _Current()
        for index, work in enumerate(own):
            found += _with_later(work, own[index + 1 :], travel)
            found += [Conflict(Clash.AWAY, work, absence) for absence in current.overlapping(work, coming)]
    return found


class _Current:
    """The absences of one agent that may overlap the next shifts. Shifts are visited in order of time;
    each absence is added once, and removed when it has ended."""

    def __init__(self) -> None:
        self.open: list[AwaySpan] = []
        self.next: AwaySpan | None = None

    def overlapping(self, work: WorkedShift, coming: Iterator[AwaySpan]) -> list[AwaySpan]:
        self.open = [absence for absence in self.open if absence.ends_at > work.starts_at]
        self.next = self.next or next(coming, None)
        while self.next is not None and self.next.starts_at < work.ends_at:
            if self.next.ends_at > work.starts_at:
                self.open.append(self.next)
            self.next = next(coming, None)
        return [absence for absence in self.open if absence.starts_at < work.ends_at]


def _with_later(
    work: WorkedShift, later: Sequence[WorkedShift], travel: Callable[[int, int], timedelta]
) -> list[Conflict]:
    overlapping = [each for each in later if each.starts_at < work.ends_at]
    if overlapping:
        return [Conflict(Clash.TWO_PLACES, work, each) for each in overlapping]
    # Compare with the next shift only: the one after it is compared with that shift in its turn.
    for each in later[:1]:
        way = travel(work.site_id, each.site_id) if work.site_id != each.site_id else timedelta()
        if each.starts_at - work.ends_at < way:
            return [Conflict(Clash.TRAVEL, work, each)]
    return []


def _by_agent(works: Iterable[WorkedShift]) -> dict[int, list[WorkedShift]]:
    own: dict[int, list[WorkedShift]] = defaultdict(list)
    for work in sorted(works, key=lambda work: (work.agent_id, work.starts_at, work.ends_at, work.site_id)):
        own[work.agent_id].append(work)
    return own


# ---- hours and rest --------------------------------------------------------------------------------


class WorkingTimeRule(StrEnum):
    """The limits of the decree that a rota can exceed."""

    WEEK_48_H = "week_48_h"
    AVERAGE_44_H = "average_44_h"
    DAY_10_H = "day_10_h"
    SPREAD_12_H = "spread_12_h"
    DAILY_REST_11_H = "daily_rest_11_h"
    WEEKLY_REST_35_H = "weekly_rest_35_h"
    BREAK_AFTER_6_H = "break_after_6_h"


class RestWarning(NamedTuple):
    """`on` is the day, or the Monday of the week, on which the limit is exceeded; `minutes` is the amount
    found (worked, from first start to last end, or rested)."""

    rule: WorkingTimeRule
    on: date
    minutes: int


DAY_LIMIT = timedelta(hours=10)
SPREAD_LIMIT = timedelta(hours=12)
DAILY_REST = timedelta(hours=11)
WEEKLY_REST = timedelta(hours=35)
WEEK_LIMIT = timedelta(hours=48)
AVERAGE_LIMIT = timedelta(hours=44)
AVERAGE_WEEKS = 12
UNBROKEN_LIMIT = timedelta(hours=6)
BREAK = timedelta(minutes=20)


def minutes_by_week(spans: Iterable[Span], mondays: Collection[date], tz: ZoneInfo) -> dict[date, int]:
    """Minutes of work in each of these local weeks; overlaps count once, spans are cut at a week's edges."""
    work = _known(spans)
    return {monday: _minutes(_within(work, *_bounds(monday, _WEEK, tz))) for monday in mondays}


def minutes_within(spans: Iterable[Span], first: date, end: date, tz: ZoneInfo) -> int:
    """Minutes of work on the local days `[first, end)`."""
    return _minutes(_within(_known(spans), *_bounds(first, end - first, tz)))


def rest_warnings(spans: Iterable[Span], first: date, end: date, tz: ZoneInfo) -> list[RestWarning]:
    """Warnings for the spans (aware) of one agent on the local days `[first, end)`, both Mondays.

    Give the spans around these days too: the rules on rest and averages look beyond them. A stretch without
    work that touches two weeks is the weekly rest of one of them, unless it is long enough for both.
    """
    work = _known(spans)
    found = [warn for day in days(first, end) for warn in _day_warnings(work, day, tz)]
    rests = _weekly_rests(work, end, tz)
    for monday in days(first, end)[::7]:
        found += _week_warnings(work, monday, tz)
        rest = rests.get(monday)
        if rest is not None and rest < WEEKLY_REST:
            found.append(RestWarning(WorkingTimeRule.WEEKLY_REST_35_H, monday, _whole(rest)))
    return sorted(found, key=lambda warn: (warn.on, warn.rule))


def _day_warnings(work: list[Span], day: date, tz: ZoneInfo) -> list[RestWarning]:
    begun = _begun_on(work, day, tz)
    if not begun:
        return []
    found = []
    worked = sum((end - start for start, end in begun), timedelta())
    spread = begun[-1][1] - begun[0][0]
    longest = max(end - start for start, end in merged_within(begun, BREAK))
    if worked > DAY_LIMIT:
        found.append(RestWarning(WorkingTimeRule.DAY_10_H, day, _whole(worked)))
    if spread > SPREAD_LIMIT:
        found.append(RestWarning(WorkingTimeRule.SPREAD_12_H, day, _whole(spread)))
    if longest >= UNBROKEN_LIMIT:
        found.append(RestWarning(WorkingTimeRule.BREAK_AFTER_6_H, day, _whole(longest)))
    first = bisect_left(work, begun[0])
    rest = begun[0][0] - work[first - 1][1] if first else None
    if rest is not None and rest < DAILY_REST:
        found.append(RestWarning(WorkingTimeRule.DAILY_REST_11_H, day, _whole(rest)))
    return found


def _week_warnings(work: list[Span], monday: date, tz: ZoneInfo) -> list[RestWarning]:
    found = []
    start, end = _bounds(monday, _WEEK, tz)
    minutes = _minutes(_within(work, start, end))
    if minutes > _whole(WEEK_LIMIT):
        found.append(RestWarning(WorkingTimeRule.WEEK_48_H, monday, minutes))
    since, _ = _bounds(monday - (AVERAGE_WEEKS - 1) * _WEEK, _DAY, tz)
    average = _minutes(_within(work, since, end)) / AVERAGE_WEEKS
    if average > _whole(AVERAGE_LIMIT):
        found.append(RestWarning(WorkingTimeRule.AVERAGE_44_H, monday, int(average)))
    return found


def _weekly_rests(work: list[Span], end: date, tz: ZoneInfo) -> dict[date, timedelta]:
    """By Monday, the rest of each week with work until `end`, from the first known week on. Each week takes
    the first stretch that is long enough and that no earlier week has taken, so that none counts twice.
    """
    found: dict[date, timedelta] = {}
    taken: dict[Span, int] = defaultdict(int)
    gaps = [(before[1], after[0]) for before, after in pairwise(work)]
    monday = _monday(work[0][0].astimezone(tz).date()) if work else end
    while monday < end:
        week = _bounds(monday, _WEEK, tz)
        if overlapping(work, week):
            # Before the first known span and after the last, nobody works.
            edge = work[0][0] > week[0] or work[-1][1] < week[1]
            left = {
                gap: gap[1] - gap[0] - taken[gap] * WEEKLY_REST
                for gap in overlapping(gaps, (week[0], week[1]))
            }
            enough = next((gap for gap, length in left.items() if length >= WEEKLY_REST), None)
            if enough is not None:
                taken[enough] += 1
            longest = max(left.values(), default=timedelta())
            found[monday] = max(longest, WEEKLY_REST) if edge else max(longest, timedelta())
        monday += _WEEK
    return found


def _begun_on(work: list[Span], day: date, tz: ZoneInfo) -> list[Span]:
    start, end = _bounds(day, _DAY, tz)
    return [span for span in overlapping(work, (start, end)) if start <= span[0]]


def _known(spans: Iterable[Span]) -> list[Span]:
    """The spans in UTC: Python subtracts two instants of one zone by wall-clock time, an hour wrong at a
    clock change."""
    return merged((start.astimezone(UTC), end.astimezone(UTC)) for start, end in spans)


def _bounds(day: date, length: timedelta, tz: ZoneInfo) -> Span:
    start, end = datetime.combine(day, time(), tz), datetime.combine(day + length, time(), tz)
    return start.astimezone(UTC), end.astimezone(UTC)


def _within(work: Sequence[Span], start: datetime, end: datetime) -> list[Span]:
    return [(max(first, start), min(last, end)) for first, last in overlapping(work, (start, end))]


def _minutes(spans: Iterable[Span]) -> int:
    return _whole(sum((end - start for start, end in spans), timedelta()))


def _whole(length: timedelta) -> int:
    return int(length.total_seconds() // 60)
