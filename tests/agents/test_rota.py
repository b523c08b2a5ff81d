"""The rota, against a reading of the calendar minute by minute and day by day."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agents.rules.rota import (
    AwaySpan,
    Clash,
    Conflict,
    Pattern,
    PlannedShift,
    Published,
    PublishingPlan,
    RestWarning,
    WorkedShift,
    WorkingTimeRule,
    conflicts,
    expand,
    minutes_by_week,
    publishing_plan,
    rest_warnings,
)
from tests.profiles import share

PARIS = ZoneInfo("Europe/Paris")
ZONES = [PARIS, ZoneInfo("America/Miquelon"), ZoneInfo("Indian/Reunion"), ZoneInfo("Pacific/Noumea")]
QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)

zones = st.sampled_from(ZONES)
# Around both clock changes, and around the end of 2026, which has a week 53.
dates = st.one_of(
    st.dates(date(2026, 10, 12), date(2026, 11, 8)),
    st.dates(date(2026, 12, 14), date(2027, 1, 24)),
    st.dates(date(2027, 3, 15), date(2027, 4, 11)),
)
quarters = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    starts, ends = sorted(draw(st.sets(quarters, min_size=2, max_size=2)))
    from_on = draw(dates)
    return Pattern(
        id=1,
        agent_id=2,
        site_id=3,
        weekdays=frozenset(draw(st.sets(st.integers(0, 6), max_size=7))),
        starts=starts,
        ends=ends,
        every_weeks=draw(st.integers(1, 4)),
        anchor_on=draw(dates),
        from_on=from_on,
        until_on=draw(st.none() | st.integers(-3, 40).map(lambda n: from_on + n * DAY)),
    )


# ---- expansion -------------------------------------------------------------------------------------


def is_week_of(pattern: Pattern, day: date) -> bool:
    """Walks from the anchor's week to the day's, week by week, counting."""
    here = pattern.anchor_on
    while here.weekday():
        here -= DAY
    target = day
    while target.weekday():
        target -= DAY
    count = 0
    while here != target:
        here += 7 * DAY if target > here else -7 * DAY
        count += 1
    return count % pattern.every_weeks == 0


def worked_quarters(pattern: Pattern, day: date, tz: ZoneInfo) -> list[datetime]:
    """The quarters of an hour of real time at which the local clock shows a time of the pattern."""
    if not pattern.from_on <= day <= (pattern.until_on or date.max):
        return []
    if day.weekday() not in pattern.weekdays or not is_week_of(pattern, day):
        return []
    instant = datetime.combine(day, time(), UTC) - DAY
    found = []
    while instant < datetime.combine(day, time(), UTC) + 2 * DAY:
        local = instant.astimezone(tz)
        if local.date() == day and pattern.starts <= local.time() < pattern.ends:
            found.append(instant)
        instant += QUARTER
    return found


@given(patterns(), dates, st.integers(0, 30), zones)
def test_expansion_is_what_the_clock_on_the_wall_says_day_by_day(
    pattern: Pattern, first: date, length: int, tz: ZoneInfo
) -> None:
    expected = []
    for n in range(length):
        worked = worked_quarters(pattern, first + n * DAY, tz)
        if worked:
            expected.append(PlannedShift(first + n * DAY, 2, 3, worked[0], worked[-1] + QUARTER))
    assert expand(pattern, first, first + length * DAY, tz) == expected


def usual(**publishing_plan: Any) -> Pattern:
    values = {
        "id": 1,
        "agent_id": 2,
        "site_id": 3,
        "weekdays": frozenset(range(5)),
        "starts": time(9),
        "ends": time(12),
        "every_weeks": 1,
        "anchor_on": date(2026, 11, 23),
        "from_on": date(2026, 1, 1),
    }
    return Pattern(**{**values, **publishing_plan})


def test_nine_stays_nine_when_clocks_change() -> None:
    friday, monday = expand(usual(), date(2026, 10, 23), date(2026, 10, 27), PARIS)
    assert [friday.starts_at.astimezone(PARIS).hour, monday.starts_at.astimezone(PARIS).hour] == [9, 9]
    assert [friday.starts_at.hour, monday.starts_at.hour] == [7, 8]


def test_alternate_weeks_go_on_over_week_53() -> None:
    found = expand(usual(weekdays=frozenset({0}), every_weeks=2), date(2026, 12, 1), date(2027, 2, 1), PARIS)
    assert [each.on for each in found] == [
        date(2026, 12, 7),
        date(2026, 12, 21),
        date(2027, 1, 4),
        date(2027, 1, 18),
    ]


def test_the_anchor_may_lie_behind_or_ahead() -> None:
    behind = usual(every_weeks=3, anchor_on=date(2026, 9, 21))
    ahead = usual(every_weeks=3, anchor_on=date(2027, 1, 29))
    assert behind.holds_on(date(2026, 11, 25)) and ahead.holds_on(date(2026, 11, 27))
    assert not behind.holds_on(date(2026, 12, 2)) and not ahead.holds_on(date(2026, 12, 2))


# ---- what a changed pattern changes ------------------------------------------------------------------

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Published], list[PlannedShift]]:
    """What was published, removed or touched since, and what is wanted now, over ten days."""
    published, wanted = [], []
    for n in range(10):
        on = date(2026, 11, 20) + n * DAY
        made, other, new = (
            PlannedShift(on, 2, 3, at, at + timedelta(hours=3))
            for at in (datetime.combine(on, time(hour), UTC) for hour in draw(st.permutations([8, 12, 16])))
        )
        if draw(st.booleans()):
            published.append(Published(made, draw(st.sampled_from([made, made, other, None]))))
        if draw(st.booleans()):
            wanted.append(draw(st.sampled_from([made, new])))
    return published, wanted


def apply(published: list[Published], found: PublishingPlan) -> list[Published]:
    """What stands after publishing."""
    by_day = {each.made.on: each for each in published}
    for old, new in found.move:
        assert by_day[old.on].made == old
        by_day[old.on] = Published(new, new)
    for old in found.remove:
        assert by_day.pop(old.on).made == old
    for new in found.add:
        assert new.on not in by_day, "nothing is published twice"
        by_day[new.on] = Published(new, new)
    return list(by_day.values())


@given(histories())
def test_a_changed_pattern_reaches_what_is_ahead_and_untouched_and_nothing_else(
    history: tuple[list[Published], list[PlannedShift]],
) -> None:
    published, wanted = history
    found = publishing_plan(published, wanted, NOW)
    after = {each.made.on: each for each in apply(published, found)}
    want = {each.on: each for each in wanted}
    for each in published:
        if not each.is_untouched or each.made.starts_at <= NOW:
            assert after[each.made.on] == each
        elif each.made.on not in want:
            assert each.made.on not in after
        elif want[each.made.on].starts_at > NOW:
            assert after[each.made.on].now == want[each.made.on]
    for on, new in want.items():
        if on not in {each.made.on for each in published}:
            assert (on in after) == (new.starts_at > NOW)
    assert not publishing_plan(list(after.values()), wanted, NOW), "publishing again does nothing"


def test_a_shift_that_someone_removed_does_not_come_back() -> None:
    (planned,) = expand(usual(), date(2026, 11, 26), date(2026, 11, 27), PARIS)
    found = publishing_plan([Published(planned, None)], [planned], NOW)
    assert not found
    assert found.touched == (date(2026, 11, 26),)


# ---- conflicts -----------------------------------------------------------------------------------------

START = datetime(2026, 10, 24, 18, tzinfo=UTC)
ticks = st.tuples(st.integers(0, 40), st.integers(1, 12))


@st.composite
def works(draw: st.DrawFn) -> list[WorkedShift]:
    found = []
    for agent in (1, 2):
        for start, length in draw(st.lists(ticks, max_size=5)):
            begin = START + start * QUARTER
            found.append(WorkedShift(agent, draw(st.integers(1, 3)), begin, begin + length * QUARTER))
    return found


absences = st.lists(
    st.tuples(st.integers(1, 2), ticks).map(
        lambda each: AwaySpan(each[0], START + each[1][0] * QUARTER, START + sum(each[1]) * QUARTER)
    ),
    max_size=4,
)


def shares_time(one: Any, other: Any) -> bool:
    instant = START
    while instant < START + 60 * QUARTER:
        if one.starts_at <= instant < one.ends_at and other.starts_at <= instant < other.ends_at:
            return True
        instant += QUARTER
    return False


@given(works(), absences)
def test_conflicts_are_the_times_that_two_things_share(
    works: list[WorkedShift], absences: list[AwaySpan]
) -> None:
    found = conflicts(works, absences)
    twice = {
        (index, other)
        for index in range(len(works))
        for other in range(index)
        if works[index].agent_id == works[other].agent_id and shares_time(works[index], works[other])
    }
    assert len([each for each in found if each.kind == Clash.TWO_PLACES]) == len(twice)
    away = [(w, a) for w in works for a in absences if w.agent_id == a.agent_id and shares_time(w, a)]
    assert sorted((each.work, each.other) for each in found if each.kind == Clash.AWAY) == sorted(away)
    assert not [each for each in found if each.kind == Clash.TRAVEL], "without distances"


@pytest.mark.parametrize(("gap", "expected"), [(29, 1), (30, 0), (0, 1)])
def test_the_way_between_two_places_takes_time(gap: int, expected: int) -> None:
    morning = WorkedShift(1, 1, START, START + 4 * QUARTER)
    after = WorkedShift(1, 2, morning.ends_at + timedelta(minutes=gap), morning.ends_at + timedelta(hours=3))
    found = conflicts([after, morning], travel=lambda here, there: timedelta(minutes=30))
    assert found == [Conflict(Clash.TRAVEL, morning, after)] * expected


def test_touching_shifts_at_one_place_are_no_conflict() -> None:
    morning = WorkedShift(1, 1, START, START + 4 * QUARTER)
    after = WorkedShift(1, 1, morning.ends_at, morning.ends_at + QUARTER)
    assert conflicts([morning, after], travel=lambda here, there: timedelta(hours=1)) == []


# ---- hours and rest ----------------------------------------------------------------------------------------


def local(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=PARIS)


Hours = tuple[datetime, datetime]

spans = st.lists(
    st.tuples(st.integers(0, 14 * 96), st.integers(1, 60)).map(
        lambda pair: (
            datetime(2026, 10, 18, 22, tzinfo=UTC) + pair[0] * QUARTER,
            datetime(2026, 10, 18, 22, tzinfo=UTC) + sum(pair) * QUARTER,
        )
    ),
    max_size=14,
)


def working(spans: list[Hours], instant: datetime) -> bool:
    return any(start <= instant < end for start, end in spans)


@given(spans)
def test_hours_of_a_week_are_counted_quarter_by_quarter(spans: list[Hours]) -> None:
    mondays = [date(2026, 10, 19), date(2026, 10, 26), date(2026, 11, 2)]
    counted = dict.fromkeys(mondays, 0)
    instant = datetime(2026, 10, 18, 20, tzinfo=UTC)
    while instant < datetime(2026, 11, 9, 4, tzinfo=UTC):
        day = instant.astimezone(PARIS).date()
        monday = day - day.weekday() * DAY
        if monday in counted and working(spans, instant):
            counted[monday] += 15
        instant += QUARTER
    assert minutes_by_week(spans, mondays, PARIS) == counted


@settings(max_examples=share(0.5))
@given(spans)
@example(
    [(local(24, 20, month=10), local(25, 6, 30, month=10))]
)  # a night of 11 h 30 on the clocks of 10 h 30
def test_each_limit_is_passed_exactly_when_a_walk_through_the_quarters_says_so(spans: list[Hours]) -> None:
    first, end = date(2026, 10, 19), date(2026, 11, 2)
    found = rest_warnings(spans, first, end, PARIS)
    runs = runs_of(spans)
    for n in range(14):
        day = first + n * DAY
        begun = [run for run in runs if run[0].astimezone(PARIS).date() == day]
        before = [run for run in runs if begun and run[0] < begun[0][0]]
        worked = sum((to_minutes(*run) for run in begun), 0)
        expected = {
            WorkingTimeRule.DAY_10_H: worked > 600,
            WorkingTimeRule.SPREAD_12_H: bool(begun) and to_minutes(begun[0][0], begun[-1][1]) > 720,
            WorkingTimeRule.DAILY_REST_11_H: bool(before) and to_minutes(before[-1][1], begun[0][0]) < 660,
            # Quarters are shorter than the break of twenty minutes: one apart does not part two stretches.
            WorkingTimeRule.BREAK_AFTER_6_H: any(
                to_minutes(*run) >= 360 for run in runs_of(begun, bridging=timedelta(minutes=15))
            ),
        }
        warned = {warn.rule for warn in found if warn.on == day}
        assert {rule for rule, passed in expected.items() if passed} == warned & expected.keys()
    for monday in (first, first + 7 * DAY):
        minutes = minutes_by_week(spans, [monday], PARIS)[monday]
        assert (WorkingTimeRule.WEEK_48_H in {warn.rule for warn in found if warn.on == monday}) == (
            minutes > 48 * 60
        )


def to_minutes(start: datetime, end: datetime) -> int:
    return round((end.timestamp() - start.timestamp()) / 60)


def runs_of(spans: list[Hours], bridging: timedelta = timedelta()) -> list[Hours]:
    """Stretches of work, found by walking."""
    runs: list[Hours] = []
    instant = datetime(2026, 10, 18, 20, tzinfo=UTC)
    while instant < datetime(2026, 11, 4, tzinfo=UTC):
        if working(spans, instant):
            if runs and runs[-1][1] + bridging >= instant:
                runs[-1] = (runs[-1][0], instant + QUARTER)
            else:
                runs.append((instant, instant + QUARTER))
        instant += QUARTER
    return runs


def week(day: int, *hours: tuple[int, int], month: int = 11) -> list[Hours]:
    """The same hours on seven days from this Monday."""
    return [
        (local(day, start, month=month) + n * DAY, local(day, end, month=month) + n * DAY)
        for n in range(7)
        for start, end in hours
    ]


def test_a_plain_week_passes_no_limit() -> None:
    plain = [span for n in range(3) for span in week(9 + 7 * n, (9, 12), (14, 17))[: 5 * 2]]
    assert rest_warnings(plain, date(2026, 11, 16), date(2026, 11, 23), PARIS) == []


def test_seven_days_in_a_row_leave_no_weekly_rest() -> None:
    work = [*week(9, (9, 12)), *week(16, (9, 12)), *week(23, (9, 12))]
    assert rest_warnings(work, date(2026, 11, 16), date(2026, 11, 23), PARIS) == [
        RestWarning(WorkingTimeRule.WEEKLY_REST_35_H, date(2026, 11, 16), 21 * 60)
    ]


def test_a_free_day_is_enough_rest_even_over_the_week_s_edge() -> None:
    work = [*week(9, (9, 12)), *week(16, (9, 12)), *week(23, (9, 12))[1:]]
    assert rest_warnings(work, date(2026, 11, 16), date(2026, 11, 23), PARIS) == []


def test_a_free_stretch_between_two_weeks_is_the_rest_of_one_of_them() -> None:
    free = (local(15, 12), local(17, 9))  # from Sunday noon to Tuesday: 45 hours
    work = [*week(2, (9, 12)), *week(9, (9, 12)), *week(16, (9, 12))[1:], *week(23, (9, 12))]
    assert free in [(before[1], after[0]) for before, after in pairwise(work)]
    found = rest_warnings(work, date(2026, 11, 9), date(2026, 11, 23), PARIS)
    assert [(warn.rule, warn.on) for warn in found] == [
        (WorkingTimeRule.WEEKLY_REST_35_H, date(2026, 11, 16))
    ]


def test_a_stretch_long_enough_for_two_weeks_is_the_rest_of_both() -> None:
    work = [*week(2, (9, 12)), *week(9, (9, 12))[:-1], *week(16, (9, 12))[2:], *week(23, (9, 12))]
    assert rest_warnings(work, date(2026, 11, 9), date(2026, 11, 23), PARIS) == []


def test_the_average_over_twelve_weeks_is_warned_of() -> None:
    begin = date(2026, 9, 7)
    work = [
        (datetime.combine(day, time(8), PARIS), datetime.combine(day, time(17), PARIS))
        for n in range(12)
        for day in (begin + 7 * n * DAY + weekday * DAY for weekday in range(5))
    ]
    monday = begin + 11 * 7 * DAY
    found = {warn.rule: warn.minutes for warn in rest_warnings(work, monday, monday + 7 * DAY, PARIS)}
    assert found[WorkingTimeRule.AVERAGE_44_H] == 45 * 60
    assert WorkingTimeRule.WEEK_48_H not in found
