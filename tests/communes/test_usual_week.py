"""A plain week written as an `opening_hours` value means that week."""

from datetime import date, time

from hypothesis import given
from hypothesis import strategies as st

from communes.forms import WeekForm
from communes.opening.hours import parse
from communes.opening.usual_week import to_expression, week_values

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
    form = WeekForm({name: value for name, value in initial.items() if value})
    assert form.is_valid(), form.errors
    assert form.expression == expression


def test_like_days_stand_together() -> None:
    morning = ((time(9), time(12)),)
    week = [morning, morning, (), morning, morning, (), ()]
    assert to_expression(week, closed_on_holidays=True) == "Mo-Tu 09:00-12:00; Th-Fr 09:00-12:00; PH off"


def test_a_place_that_never_opens_has_no_rule() -> None:
    assert to_expression([()] * 7, closed_on_holidays=True) == ""
