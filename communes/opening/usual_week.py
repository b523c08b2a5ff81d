"""Write a plain week of openings as an `opening_hours` text. That is what most sites need."""

from collections.abc import Sequence
from datetime import time
from itertools import groupby

type DayHours = Sequence[tuple[time, time]]

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
