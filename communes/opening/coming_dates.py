"""The coming dates on which a place has other hours than usual, in sentences: for the page of its hours.

Weeks that alternate say their dates, across the change of year:
week 53 is followed by week 1, and so two odd weeks follow each other.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby

from django.utils.translation import gettext as _

from communes.opening.holidays import is_public_holiday
from communes.opening.hours import DaySpans, Hours, parse, times_text
from core.templatetags.times import day, day_year

type Run = tuple[date, date]
"""From a date to a date, both included."""

_LOOKED_AT = timedelta(weeks=53)
_DAY = timedelta(days=1)
_SOON = 6
_AROUND_NEW_YEAR = timedelta(days=19)


def coming_dates(expression: str, insee_code: str, *, today: date) -> list[str]:
    """The dates of the next year on which it is open in some weeks only, then those with other hours. None
    for a public holiday on which it is closed, if it closes on all of them. Raises `HoursError`."""
    hours = parse(expression, insee_code)
    opened = hours.by_day(today, today + _LOOKED_AT)
    alternating = hours.alternating(today)
    return [
        *_some_weeks(opened, alternating, today),
        *_other_hours(hours, opened, alternating, insee_code, today),
    ]


def _some_weeks(
    opened: dict[date, DaySpans], alternating: dict[int, list[DaySpans]], today: date
) -> Iterator[str]:
    for weekday, variants in alternating.items():
        for spans in variants:
            runs = [(on, on) for on, found in opened.items() if on.weekday() == weekday and found == spans]
            said = _said(runs, today, with_weeks=True)
            if runs:
                yield _("%(hours)s in these weeks: %(dates)s") % {"hours": times_text(spans), "dates": said}


def _other_hours(
    hours: Hours,
    opened: dict[date, DaySpans],
    alternating: dict[int, list[DaySpans]],
    insee_code: str,
    today: date,
) -> Iterator[str]:
    usual = {each.weekday: each.spans for each in hours.usual_week(today)}
    usual |= dict.fromkeys(alternating, ())
    others: list[tuple[date, DaySpans]] = []
    for on, spans in opened.items():
        is_known = spans in [*alternating.get(on.weekday(), ()), usual[on.weekday()]]
        if hours.closes_on_holidays and is_public_holiday(insee_code, on):
            is_known = not spans
        if not is_known:
            others.append((on, spans))
    if not others:
        return
    by_hours: dict[DaySpans, list[date]] = {}
    for on, spans in others:
        by_hours.setdefault(spans, []).append(on)
    for spans, days in by_hours.items():
        idle = {on for on, found in opened.items() if not found} if not spans else set()
        names = {"hours": times_text(spans), "dates": _said(list(_runs(days, idle)), today)}
        yield (_("%(hours)s: %(dates)s") if spans else _("closed: %(dates)s")) % names


def _runs(days: Sequence[date], idle: set[date]) -> Iterator[Run]:
    """Days that follow each other as one run; a weekend that is closed anyway does not cut a closed one."""
    position = {}
    number, last = 0, None
    for on in days:
        if last is not None and any(last + n * _DAY not in idle for n in range(1, (on - last).days)):
            number += 1
        position[on], last = number, on
    for _number, group in groupby(days, key=position.__getitem__):
        run = list(group)
        yield run[0], run[-1]


def _said(runs: list[Run], today: date, *, with_weeks: bool = False) -> str:
    """The next ones, and those around the change of year; « … » stands for those between and after."""
    new_year = date(today.year + 1, 1, 1)
    shown = [number < _SOON or abs(run[0] - new_year) <= _AROUND_NEW_YEAR for number, run in enumerate(runs)]
    words = []
    for is_shown, group in groupby(zip(shown, runs, strict=True), key=lambda each: each[0]):
        words += [_run_text(run, today, with_weeks) for _shown, run in group] if is_shown else ["…"]
    return ", ".join(words)


def _run_text(run: Run, today: date, with_weeks: bool) -> str:
    first, last = run
    names = {"first": _day_text(first, today), "last": _day_text(last, today)}
    if with_weeks:
        return _("%(first)s (week %(week)s)") % {**names, "week": first.isocalendar().week}
    return names["first"] if first == last else _("from %(first)s to %(last)s") % names


def _day_text(on: date, today: date) -> str:
    return day(on) if on.year == today.year else day_year(on)
