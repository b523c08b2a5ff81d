"""Opening hours as text, and what they mean as times in UTC.

The text is in the OpenStreetMap `opening_hours` syntax (specification 0.7;
communes/opening/syntax.py says what is accepted). `opening-hours-py` evaluates it on the local clock, and the
result is converted to UTC: 09:00 stays 09:00 across a clock change. `PH off` closes on the public holidays
of the commune. Without a rule for them the site is open as on other days, as the specification says.

An opening belongs to the day on which it starts: Friday 22:00-02:00 goes on until 02:00 on Saturday, even
if the site is closed on Saturday or has other hours then.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from opening_hours import OpeningHours, State

from communes.errors import HoursError
from communes.opening.holidays import public_holidays
from communes.opening.syntax import MONTHS, ReadyRules, read
from core.localtime import Span, merged, utc_spans

__all__ = ["DayHours", "DaySpans", "Hours", "HoursError", "describe", "parse", "summary", "times_text"]

type DaySpans = tuple[tuple[time, time], ...]

_DAY = timedelta(days=1)
_WEEKS_LOOKED_AT = 53
_USUAL_FROM = 0.8
"""A weekday that is alike in fewer weeks of a year alternates; in more, what is left are exceptions."""


class DayHours(NamedTuple):
    """The openings of a weekday (0 is Monday); one that ends at or before its start ends the next day."""

    weekday: int
    spans: tuple[tuple[time, time], ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """Opening hours that parsed; make them with `parse`."""

    expression: str
    insee_code: str
    rules: ReadyRules

    @property
    def closes_on_holidays(self) -> bool:
        return self.rules.closes_on_holidays

    def open_spans(self, start: date, end: date, tz: ZoneInfo) -> list[Span]:
        """When the site is open on the local days `[start, end)`: aware UTC, in order, touching ones merged.

        On the days when clocks change, the site is open whenever the local clock shows an open time: an
        hour that the clock skips does not count, an hour that it shows twice counts twice.
        """
        return utc_spans(self.local_spans(start, end), tz)

    def local_spans(self, start: date, end: date) -> list[Span]:
        """The same on the local clock, naive; an opening is cut at the edges of `[start, end)`."""
        spans = _evaluate(self.rules.evening, self.insee_code, start, end)
        if not self.rules.morning:
            return spans
        # Hours after midnight are stored under the day before: ask one day earlier, then shift by one day.
        mornings = _evaluate(self.rules.morning, self.insee_code, start - _DAY, end)
        limit = datetime.combine(end, time())
        return merged(spans + [(first + _DAY, min(last + _DAY, limit)) for first, last in mornings])

    def usual_week(self, around: date) -> list[DayHours]:
        """The commonest openings of each weekday over the year that begins at `around`, holidays aside."""
        return [
            DayHours(weekday, Counter(days).most_common(1)[0][0])
            for weekday, days in enumerate(_weekdays(self.rules, around))
        ]

    def alternating(self, around: date) -> dict[int, list[DaySpans]]:
        """The weekdays that change from week to week all the year round, such as every other Monday, with
        the openings that they have in some weeks, the commonest first."""
        found = {}
        for weekday, days in enumerate(_weekdays(self.rules, around)):
            common = Counter(days).most_common()
            if common[0][1] < _USUAL_FROM * len(days):
                found[weekday] = [spans for spans, _weeks in common if spans]
        return found

    def has_exceptions(self, around: date) -> bool:
        """Whether some day of that year has other hours than its weekday usually has, holidays aside."""
        return any(len(set(days)) > 1 for days in _weekdays(self.rules, around))

    def by_day(self, start: date, end: date) -> dict[date, DaySpans]:
        """The openings of each local day of `[start, end)`, holidays counted; those past midnight belong to
        the day on which they start."""
        opened = _by_day(self.rules, self.insee_code or None, start, end)
        return {start + n * _DAY: tuple(opened[start + n * _DAY]) for n in range((end - start).days)}


def parse(expression: str, insee_code: str) -> Hours:
    """Hours of a site in this commune; raises `HoursError` with the position of what cannot be honoured."""
    return Hours(expression, insee_code, read(expression))


def describe(expression: str, *, around: date) -> list[DayHours]:
    """The usual week of an expression, for pages. Raises `HoursError`."""
    return _of_any_commune(expression).usual_week(around)


def summary(expression: str, *, around: date) -> list[str]:
    """The usual week in sentences in the reader's language; days with the same hours are grouped. Raises
    `HoursError`."""
    hours = _of_any_commune(expression)
    lines, alternating = [], hours.alternating(around)
    week = [
        (day.weekday, alternating.get(day.weekday, [day.spans])[0], day.weekday in alternating)
        for day in hours.usual_week(around)
    ]
    for (spans, is_alternating), group in groupby(week, key=lambda day: day[1:]):
        days = [weekday for weekday, *_rest in group]
        names = {"first": WEEKDAYS[days[0]], "last": WEEKDAYS[days[-1]], "hours": times_text(spans)}
        if not spans:
            continue
        if is_alternating:
            some = (
                _("%(first)s, some weeks: %(hours)s")
                if len(days) == 1
                else (_("%(first)s to %(last)s, some weeks: %(hours)s"))
            )
            lines.append(some % names)
        elif len(days) == 7:
            lines.append(_("every day: %(hours)s") % names)
        elif len(days) > 1:
            lines.append(_("%(first)s to %(last)s: %(hours)s") % names)
        else:
            lines.append(_("%(first)s: %(hours)s") % names)
    if not lines:
        lines.append(_("usually closed"))
    if hours.has_exceptions(around):
        lines.append(_("other hours on certain dates"))
    if hours.closes_on_holidays:
        lines.append(_("closed on public holidays"))
    return lines


def _of_any_commune(expression: str) -> Hours:
    """Hours without a commune, for the usual week only, where public holidays do not count."""
    return Hours(expression, "", read(expression))


def times_text(spans: Iterable[tuple[time, time]]) -> str:
    """« 9:00–12:00, 14:00–18:00 »; an end at midnight is written 24:00."""
    return ", ".join(f"{_hour(start)}–{'24:00' if end == time() else _hour(end)}" for start, end in spans)


def _hour(at: time) -> str:
    return f"{at.hour}:{at.minute:02d}"


@lru_cache(maxsize=256)
def _weekdays(rules: ReadyRules, around: date) -> list[list[DaySpans]]:
    """For each weekday, its openings in each week of the year that begins at `around`, holidays aside."""
    monday = around - timedelta(days=around.weekday())
    opened = _by_day(rules, None, monday, monday + timedelta(weeks=_WEEKS_LOOKED_AT))
    return [
        [tuple(opened[monday + timedelta(weeks=week, days=weekday)]) for week in range(_WEEKS_LOOKED_AT)]
        for weekday in range(7)
    ]


def _by_day(
    rules: ReadyRules, insee_code: str | None, first: date, last: date
) -> dict[date, list[tuple[time, time]]]:
    """The openings by the day on which they start. Without a commune, public holidays are ordinary days."""
    opened: dict[date, list[tuple[time, time]]] = defaultdict(list)
    for start, end in _day_by_day(_evaluate(rules.evening, insee_code, first, last)):
        opened[start.date()].append((start.time(), end.time()))
    for start, end in _day_by_day(_evaluate(rules.morning, insee_code, first, last)):
        day = start.date()
        if end.time() == time():
            opened[day + _DAY].append((time(), time()))
        else:
            opened[day][-1] = (opened[day][-1][0], end.time())
    return opened


def _day_by_day(spans: Iterable[Span]) -> Iterator[Span]:
    """The same spans, cut at each midnight."""
    for start, end in spans:
        while end > (midnight := datetime.combine(start.date(), time()) + _DAY):
            yield start, midnight
            start = midnight
        yield start, end


def _evaluate(
    rules: Sequence[tuple[str, str] | None], insee_code: str | None, start: date, end: date
) -> list[Span]:
    """Openings on the local clock of the days `[start, end)`. Without a commune, public holidays are ordinary
    days."""
    if end <= start:
        return []
    evaluator = _evaluator(tuple(rules), insee_code, start.year, end.year)
    first, last = datetime.combine(start, time()), datetime.combine(end, time())
    return merged(
        (opens, closes)
        for opens, closes, state, _comment in evaluator.intervals(first, last)
        if state == State.OPEN
    )


@lru_cache(maxsize=2048)
def _evaluator(
    rules: tuple[tuple[str, str] | None, ...], insee_code: str | None, first_year: int, last_year: int
) -> OpeningHours:
    parts: list[tuple[str, str]] = []
    for rule in rules:
        if rule is not None:
            parts.append(rule)
        elif insee_code is not None:
            days = sorted(public_holidays(insee_code, range(first_year, last_year + 1)))
            dates = ",".join(f"{day.year} {MONTHS[day.month - 1]} {day.day:02}" for day in days)
            parts.append(("; ", f"{dates} off"))
    text = "".join(
        (separator if index else "") + text
        for index, (separator, text) in enumerate(parts or [("; ", "off")])
    )
    return OpeningHours(text, auto_country=False, auto_timezone=False)
