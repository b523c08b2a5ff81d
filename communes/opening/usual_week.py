"""A plain week of openings with other hours on some dates, and the `opening_hours` text that says it. That is
what most sites need, and what a form can show: a text that says more stays a text."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from itertools import combinations, groupby
from typing import Any

from communes.opening.cleaned_text import CleanedText
from communes.opening.dated_hours import Dates, DayHours, read_dates
from communes.opening.holidays import public_holidays
from communes.opening.hours import Hours, HoursError, parse
from communes.opening.syntax import HOLIDAYS_OFF, SPANS, SyntaxRule, split

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


DATED = "dates:"
"""Before the key of `Dates` in the name of a value: the openings on these dates, none if it is closed."""

_WEEKDAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:-(?:Mo|Tu|We|Th|Fr|Sa|Su))?"
_WEEKLY = re.compile(rf"(?:{_WEEKDAY}(?:,{_WEEKDAY})* )?(?:off|closed|24/7|{SPANS.pattern})", re.IGNORECASE)
_DATED_RULE = re.compile(rf"(?P<dates>[^:]+?) (?P<hours>off|closed|{SPANS.pattern})", re.IGNORECASE)
_YEARS_OF_HOLIDAYS = 30
"""For so many years a date of every year must be no public holiday, to be written after them."""


def is_plain(hours: Hours, around: date) -> bool:
    """Whether a plain week can say these hours completely: weeks alike, few openings, none past midnight."""
    if hours.has_exceptions(around):
        return False
    return all(
        len(day.spans) <= OPENINGS and all(end == time() or start < end for start, end in day.spans)
        for day in hours.usual_week(around)
    )


def week_values(text: str, insee_code: str, around: date) -> dict[str, Any] | None:
    """The values of a plain week and of its dates by name, or None if the text cannot be read, or if it says
    more than they can."""
    if not text:
        return {**dict.fromkeys(DAYS, ()), HOLIDAYS: True}
    try:
        parse(text, insee_code)
        parts = _parts(CleanedText(text), insee_code, around)
        if parts is None:
            return None
        weekly = parse(parts.weekly, insee_code) if parts.weekly else None
    except HoursError:
        return None
    if weekly is not None and not is_plain(weekly, around):
        return None
    spans = {DAYS[day.weekday]: day.spans for day in weekly.usual_week(around)} if weekly else {}
    return {**dict.fromkeys(DAYS, ()), **spans, HOLIDAYS: parts.closes_on_holidays, **parts.dated}


def week_expression(values: Mapping[str, Any]) -> str:
    """The text of the values that `week_values` reads. Dates with the value None are left out."""
    dated = {dates: spans for dates, spans in dated_values(values).items() if spans is not None}
    in_order = sorted(dated, key=lambda dates: (dates.rank, dates))
    week = to_expression([values[name] for name in DAYS], closed_on_holidays=False)
    rules = [week] if week else []
    rules += [_dated_rule(dates, dated[dates]) for dates in in_order if not dates.is_single]
    if values[HOLIDAYS] and (rules or dated):
        rules.append("PH off")
    rules += [_dated_rule(dates, dated[dates]) for dates in in_order if dates.is_single]
    return "; ".join(rules)


def dated_values(values: Mapping[str, Any]) -> dict[Dates, Any]:
    """Of such values, those of dates. Raises ValueError for a name that is no key."""
    return {
        Dates.of_key(name.removeprefix(DATED)): spans
        for name, spans in values.items()
        if name.startswith(DATED)
    }


def clash(values: Mapping[str, Any]) -> tuple[Dates, Dates] | None:
    """Two dates with a day in common of which neither goes before the other, and with other hours."""
    dated = {dates: spans for dates, spans in dated_values(values).items() if spans is not None}
    for one, other in combinations(sorted(dated), 2):
        if one.rank == other.rank and tuple(dated[one]) != tuple(dated[other]) and one.meets(other):
            return one, other
    return None


def _dated_rule(dates: Dates, spans: DayHours) -> str:
    return f"{dates.text} {','.join(_span(*span) for span in spans) or 'off'}"


@dataclass
class _Parts:
    """What a text says of the week, as a text; of public holidays; of dates, as values."""

    weekly: str = ""
    closes_on_holidays: bool = False
    dated: dict[str, DayHours] = field(default_factory=dict)

    def add_weekly(self, rule: SyntaxRule, text: str) -> None:
        self.weekly += (rule.separator if self.weekly else "") + text


@dataclass(frozen=True)
class _Rank:
    """Where a rule stands in the text that a form would write, and what it would have to jump over: a rule
    may only change places with another one if both close, or if they have no day in common."""

    place: int
    is_closing: bool
    dates: Dates | None = None


_WEEK, _PERIOD, _HOLIDAY, _DAY = range(4)


def _parts(text: CleanedText, insee_code: str, around: date) -> _Parts | None:
    parts, seen = _Parts(), list[_Rank]()
    for rule in split(text):
        ranks = _read_rule(rule, parts)
        if not ranks:
            return None
        for rank in ranks:
            if any(not _may_follow(before, rank, insee_code, around) for before in seen):
                return None
        seen += ranks
    return None if clash(parts.dated) else parts


def _read_rule(rule: SyntaxRule, parts: _Parts) -> list[_Rank]:
    """Enter the rule; none if a form cannot say it, such as a comment, a month or certain weeks."""
    holidays = HOLIDAYS_OFF.fullmatch(rule.text)
    if holidays:
        parts.closes_on_holidays = True
        weekdays = holidays[1] or holidays[2]
        if weekdays is None:
            return [_Rank(_HOLIDAY, True)]
        rule = SyntaxRule(rule.separator, f"{weekdays} off", f"{weekdays} off", rule.start)
        return [_Rank(_HOLIDAY, True), *_read_rule(rule, parts)]
    if _WEEKLY.fullmatch(rule.text):
        parts.add_weekly(rule, rule.text)
        return [_Rank(_WEEK, rule.is_closing)]
    match = _DATED_RULE.fullmatch(rule.text)
    dates = read_dates(match["dates"]) if match and rule.separator == "; " else None
    spans = _read_spans(match["hours"]) if match else None
    if not dates or spans is None:
        return []
    ranks = []
    for each in dates:
        name = f"{DATED}{each.key}"
        if tuple(parts.dated.get(name, spans)) != tuple(spans):
            return []
        parts.dated[name] = spans
        ranks.append(_Rank(_DAY if each.is_single else _PERIOD, not spans, each))
    return ranks


def _read_spans(text: str) -> DayHours | None:
    """At most two openings of a day in order, none past midnight; of « off » none."""
    if text.lower() in ("off", "closed"):
        return ()
    edges = [int(hour) * 60 + int(minute) for hour, minute in re.findall(r"(\d{1,2}):(\d\d)", text)]
    if edges != sorted(set(edges)) or edges[-1] > 24 * 60 or len(edges) > 2 * OPENINGS:
        return None
    clocks = [time(edge // 60 % 24, edge % 60) for edge in edges]
    return tuple(zip(clocks[::2], clocks[1::2], strict=True))


def _may_follow(before: _Rank, after: _Rank, insee_code: str, around: date) -> bool:
    """Whether the text that a form would write says the same of two rules that follow each other so."""
    if before.is_closing and after.is_closing:
        return True
    if before.dates and after.dates:
        order = before.dates.rank <= after.dates.rank
        return order or not before.dates.meets(after.dates)
    if before.place <= after.place:
        return True
    if after.place == _HOLIDAY and before.dates:
        return not _has_holiday(before.dates, insee_code, around)
    return False


def _has_holiday(dates: Dates, insee_code: str, around: date) -> bool:
    first = min(around.year, dates.first.year) if dates.is_yearly else dates.first.year
    last = around.year + _YEARS_OF_HOLIDAYS if dates.is_yearly else dates.last.year
    holidays = public_holidays(insee_code, range(first, last + 2))
    return any(holidays & dates.days(year) for year in range(first, last + 1))
