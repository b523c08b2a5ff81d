"""A plain week written as an `opening_hours` value means that week."""

from datetime import date, time, timedelta
from time import monotonic
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from communes.hours_forms import WeekForm
from communes.opening.coming_dates import coming_dates
from communes.opening.dated_hours import Dates
from communes.opening.hours import parse
from communes.opening.usual_week import (
    DATED,
    DAYS,
    HOLIDAYS,
    clash,
    to_expression,
    week_expression,
    week_values,
)

MONDAY = date(2026, 11, 23)

ticks = st.integers(0, 24 * 12)


def clock(tick: int) -> time:
    return time(tick % 288 // 12, tick % 12 * 5)


@st.composite
def days(draw: st.DrawFn) -> tuple[tuple[time, time], ...]:
    """Up to two openings that neither overlap nor touch."""
    edges = sorted(draw(st.sets(ticks, min_size=4, max_size=4)))
    spans = [(clock(edges[0]), clock(edges[1])), (clock(edges[2]), clock(edges[3]))]
    return tuple(spans[: draw(st.integers(0, 2))])


weeks = st.lists(days(), min_size=7, max_size=7)


@given(weeks, st.booleans())
def test_it_reads_back_as_the_same_week(week: list[tuple[tuple[time, time], ...]], holidays: bool) -> None:
    expression = to_expression(week, closed_on_holidays=holidays)
    hours = parse(expression, "76498") if expression else None
    read = [day.spans for day in hours.usual_week(MONDAY)] if hours else [()] * 7
    assert read == week
    if hours:
        assert hours.closes_on_holidays == holidays
        assert not hours.has_exceptions(MONDAY)


@given(weeks, st.booleans())
def test_the_form_filled_with_it_saves_the_same(
    week: list[tuple[tuple[time, time], ...]], holidays: bool
) -> None:
    expression = to_expression(week, closed_on_holidays=holidays)
    if not expression:
        return
    values = week_values(expression, "76498", MONDAY)
    assert values is not None
    initial = WeekForm.initial_of(values)
    form = WeekForm({name: value for name, value in initial.items() if value}, today=MONDAY)
    assert form.is_valid(), form.errors
    assert form.expression == expression


def test_like_days_stand_together() -> None:
    morning = ((time(9), time(12)),)
    week = [morning, morning, (), morning, morning, (), ()]
    assert to_expression(week, closed_on_holidays=True) == "Mo-Tu 09:00-12:00; Th-Fr 09:00-12:00; PH off"


def test_a_place_that_never_opens_has_no_rule() -> None:
    assert to_expression([()] * 7, closed_on_holidays=True) == ""


# ---- with other hours on some dates ---------------------------------------------------------------


@st.composite
def dates(draw: st.DrawFn) -> Dates:
    first = draw(st.dates(date(2026, 6, 1), date(2028, 6, 1)))
    last = first + timedelta(days=draw(st.sampled_from([0, 0, 1, 4, 40, 200])))
    try:
        return (Dates.of_every_year if draw(st.booleans()) else Dates.of_year)(first, last)
    except ValueError:
        return Dates.of_year(first, last)


@st.composite
def values(draw: st.DrawFn) -> dict[str, Any]:
    week = {name: draw(days()) for name in DAYS}
    rows = draw(st.lists(st.tuples(dates(), days()), max_size=5))
    dated = {f"{DATED}{each.key}": spans for each, spans in rows}
    found: dict[str, Any] = {**week, HOLIDAYS: draw(st.booleans()), **dated}
    assume(clash(found) is None)
    return found


def sent(form: WeekForm) -> dict[str, Any]:
    """As a browser sends what the page shows."""
    data = {name: value for name, value in form.initial.items() if value and not name.startswith(DATED)}
    for row in form.parts:
        data |= {row.add_prefix(name): value for name, value in row.initial.items() if value}
    return data


@given(values())
def test_a_week_with_dates_reads_back_as_the_same(given: dict[str, Any]) -> None:
    text = week_expression(given)
    if text:
        read = week_values(text, "76498", MONDAY)
        assert read == given
        assert week_expression(read) == text


@given(values())
def test_the_form_of_a_week_with_dates_saves_the_same(given: dict[str, Any]) -> None:
    text = week_expression(given)
    form = WeekForm(sent(WeekForm(initial=WeekForm.initial_of(given), today=MONDAY)), today=MONDAY)
    if form.is_valid():
        assert form.expression == text
    else:  # the form refuses what has a day in common, also where both say the same
        assert any(row.errors for row in form.parts)


WEEKLY = [
    "Mo-Fr 09:00-12:00",
    "Sa 10:00-12:00,14:00-16:00",
    "Su off",
    "Tu,Th 09:00-11:00",
    "week 2-52/2 We off",
]
DATED_RULES = [
    "Dec 24 09:00-12:00",
    "2026 Dec 24 off",
    "2026 Dec 22-26 off",
    "2026 Dec 22-2027 Jan 02 10:00-11:00",
    "Dec 26-Jan 02 off",
    "Aug off",
    "2027 Jul 14 09:00-12:00",
    "Nov 11,Dec 25 10:00-12:00",
    "PH off",
    "PH,Su off",
    'Dec 31 off "inventaire"',
    "Mo[1] 14:00-15:00",
]


@given(st.lists(st.sampled_from(WEEKLY + DATED_RULES), min_size=1, max_size=6, unique=True))
def test_a_text_that_the_form_shows_means_the_same_when_it_is_saved_again(rules: list[str]) -> None:
    text = "; ".join(rules)
    read = week_values(text, "76498", MONDAY)
    if read is None:
        return
    again, end = week_expression(read), date(2029, 1, 1)
    hours = parse(text, "76498").local_spans(MONDAY, end)
    assert (parse(again, "76498").local_spans(MONDAY, end) if again else []) == hours
    assert "inventaire" not in text and "week" not in text and "[" not in text


@pytest.mark.parametrize(
    "text",
    [
        "week 1-53/2 Mo 09:00-12:00",
        'Mo-Fr 09:00-12:00; Dec 24 off "inventaire"',
        "2026 Mo-Fr 09:00-12:00",
        "Mo-Fr 09:00-12:00; Dec 24 09:00-10:00; 2026 Dec 22-26 off",
        "Mo-Fr 09:00-12:00; Dec 25 09:00-12:00; PH off",
        "Mo-Fr 09:00-12:00, Dec 24 14:00-16:00",
        "Mo-Fr 09:00-12:00; Dec 24 22:00-02:00",
        "Mo-Fr 09:00-10:00,11:00-12:00,14:00-15:00",
        "Mo-Fr 09:00-12:00; easter off",
    ],
)
def test_what_the_form_cannot_say_stays_a_text(text: str) -> None:
    assert week_values(text, "76498", MONDAY) is None


def test_a_date_before_the_rule_for_holidays_is_one_of_the_form_where_it_is_no_holiday() -> None:
    read = week_values("Mo-Fr 09:00-12:00; Dec 24 09:00-11:00; PH off", "76498", MONDAY)
    assert read is not None
    assert week_expression(read) == "Mo-Fr 09:00-12:00; PH off; Dec 24 09:00-11:00"


def test_a_date_of_every_year_is_shown_as_it_comes_next() -> None:
    assert Dates.of_key("12-24/01-02").near(date(2027, 1, 1)) == (date(2026, 12, 24), date(2027, 1, 2))
    assert Dates.of_key("12-24/01-02").near(date(2027, 1, 3)) == (date(2027, 12, 24), date(2028, 1, 2))
    assert Dates.of_key("02-29/02-29").near(date(2026, 11, 24)) == (date(2028, 2, 29), date(2028, 2, 29))


def test_the_coming_dates_leave_holidays_out_unless_it_opens_on_one() -> None:
    text = "Mo-Fr 09:00-12:00; PH off; 2027 Jul 14 09:00-12:00"
    assert len(coming_dates("Mo-Fr 09:00-12:00; PH off", "76498", today=MONDAY)) == 0
    (line,) = coming_dates(text, "76498", today=MONDAY)
    assert "14" in line and "2027" in line


some_days = st.dates(date(2023, 12, 1), date(2028, 3, 31))


@st.composite
def some_dates(draw: Any) -> Dates:
    first = draw(some_days)
    last = first + timedelta(days=draw(st.integers(0, 800)))
    try:
        return Dates.of_every_year(first, last) if draw(st.booleans()) else Dates.of_year(first, last)
    except ValueError:
        return Dates.of_year(first, last)


@given(some_dates(), some_dates())
def test_dates_meet_when_a_day_is_in_both(one: Dates, other: Dates) -> None:
    days = [set[date]().union(*(each.days(year) for year in range(2020, 2033))) for each in (one, other)]
    assert one.meets(other) is other.meets(one) is bool(days[0] & days[1])


def test_many_long_periods_are_compared_without_counting_their_days() -> None:
    """A forged form has eighty of them."""
    of = [Dates.of_year(date(2000 + n, 1, 1), date(2100, 1, 1) + timedelta(days=n)) for n in range(80)]
    begun = monotonic()
    assert all(one.meets(other) for one in of for other in of)
    assert monotonic() - begun < 5
