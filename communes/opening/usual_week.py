"""A plain week of openings, and the `opening_hours` text that says it. That is what most sites need."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from itertools import groupby
from typing import Any

from communes.opening.hours import Hours, HoursError, parse

type DayHours = Sequence[tuple[time, time]]

OPENINGS = 2
"""Openings a day of a plain week: a morning and an afternoon."""

HOLIDAYS = "holidays"
DAYS = tuple(f"day_{number}" for number in range(7))
WEEK_NAMES = (*DAYS, HOLIDAYS)
"""The names of the values that make a plain week: the openings of each weekday, Monday first; whether it is
closed on public holidays."""

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def to_expression(week: Sequence[DayHours], *, closed_on_holidays: bool) -> str:
    """`week` starts on Monday; an end at 00:00 means midnight at the end of the day. "" if no day is open."""
    rules = []
    for spans, group in groupby(enumerate(week), key=lambda day: tuple(day[1])):
        numbers = [number for number, _ in group]
        if not spans:
            continue
        days = _DAYS[numbers[0]] if len(numbers) == 1 else f"{_DAYS[numbers[0]]}-{_DAYS[numbers[-1]]}"
        rules.append(f"{days} {','.join(_span(*span) for span in spans)}")
    if rules and closed_on_holidays:
        rules.append("PH off")
    return "; ".join(rules)


def _span(start: time, end: time) -> str:
    return f"{start:%H:%M}-{'24:00' if end == time() else f'{end:%H:%M}'}"


def is_plain(hours: Hours, around: date) -> bool:
    """Whether a plain week can say these hours completely: weeks alike, few openings, none past midnight."""
    if hours.has_exceptions(around):
        return False
    return all(
        len(day.spans) <= OPENINGS and all(end == time() or start < end for start, end in day.spans)
        for day in hours.usual_week(around)
    )


def week_values(text: str, insee_code: str, around: date) -> dict[str, Any] | None:
    """The values of a plain week by name, or None if the text cannot be read or is not a plain week."""
    if not text:
        return {**dict.fromkeys(DAYS, ()), HOLIDAYS: True}
    try:
        hours = parse(text, insee_code)
    except HoursError:
        return None
    if not is_plain(hours, around):
        return None
    spans = {DAYS[day.weekday]: day.spans for day in hours.usual_week(around)}
    return {**spans, HOLIDAYS: hours.closes_on_holidays}


def week_expression(values: Mapping[str, Any]) -> str:
    """The text of the values that `week_values` reads."""
    return to_expression([values[name] for name in DAYS], closed_on_holidays=values[HOLIDAYS])
