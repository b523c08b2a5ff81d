"""Hours on single dates and over periods, as the form of a week has them: « le 24 décembre : 9 h–12 h »,
« fermé du 22 au 26 ». Pure; `communes/opening/usual_week.py` puts them into the text of a week.

A single date goes before a period, one of a certain year before one of every year: that is the order of the
rules in the text, where the later rule counts. Periods stand before `PH off`, so that public holidays within
stay closed; single dates stand after it, so that a place can open on a public holiday.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Self

from communes.opening.syntax import MONTHS

type DayHours = Sequence[tuple[time, time]]

_MONTH = "|".join(MONTHS)
_DATES = re.compile(
    rf"(?:(\d{{4}}) )?({_MONTH}) ?(\d{{1,2}})(?:-(?:(?:(\d{{4}}) )?({_MONTH}) ?)?(\d{{1,2}}))?", re.IGNORECASE
)
_MONTHS = re.compile(rf"(?:(\d{{4}}) )?({_MONTH})(?:-({_MONTH}))?", re.IGNORECASE)
_KEY = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d)/(?:(\d{4})-)?(\d\d)-(\d\d)")
_A_YEAR = timedelta(days=366)
_LEAP = 2024
"""The dates of every year are checked in a leap year, so that 29 February is one."""


@dataclass(frozen=True, slots=True, order=True)
class Dates:
    """From a date to a date, both included. Of every year: both are kept in the year 2024, the last one
    perhaps in 2025. Make them with `of_every_year` or `of_year`."""

    is_yearly: bool
    first: date
    last: date

    @classmethod
    def of_year(cls, first: date, last: date) -> Self:
        """Raises ValueError if the last comes before the first."""
        if last < first:
            raise ValueError(last)
        return cls(False, first, last)

    @classmethod
    def of_every_year(cls, first: date, last: date) -> Self:
        """The same days and months of each year, from whatever year these dates are. Raises ValueError if the
        last comes before the first, if it is a whole year, or if the last is a 29 February of the next
        year, which most years have not."""
        crosses = (last.month, last.day) < (first.month, first.day)
        if last < first or last >= _anniversary(first, first.year + 1):
            raise ValueError(last)
        if crosses and (last.month, last.day) == (2, 29):
            raise ValueError(last)
        return cls(True, first.replace(year=_LEAP), last.replace(year=_LEAP + crosses))

    @classmethod
    def of_key(cls, key: str) -> Self:
        """Raises ValueError."""
        match = _KEY.fullmatch(key)
        if match is None or (match[1] is None) != (match[4] is None):
            raise ValueError(key)
        first_year, last_year = int(match[1] or _LEAP), int(match[4] or _LEAP)
        first = date(first_year, int(match[2]), int(match[3]))
        if match[1]:
            return cls.of_year(first, date(last_year, int(match[5]), int(match[6])))
        last = date(_LEAP, int(match[5]), int(match[6]))
        return cls.of_every_year(first, last if last >= first else last.replace(year=_LEAP + 1))

    @property
    def key(self) -> str:
        """« 2026-12-22/2026-12-26 », « 12-24/12-24 » of every year."""
        form = "%m-%d" if self.is_yearly else "%Y-%m-%d"
        return f"{self.first:{form}}/{self.last:{form}}"

    @property
    def is_single(self) -> bool:
        return self.first == self.last

    @property
    def rank(self) -> tuple[bool, bool]:
        """Of two dates with a day in common, the one of the higher rank counts on it."""
        return self.is_single, not self.is_yearly

    def near(self, today: date) -> tuple[date, date]:
        """The dates themselves; of every year, those that are not over on this day."""
        if not self.is_yearly:
            return self.first, self.last
        length = self.last.year - self.first.year
        for year in range(today.year - 1, today.year + 9):
            last = _anniversary(self.last, year + length)
            first = _anniversary(self.first, year)
            # 29 February is shown in a year that has it.
            if last >= today and (first.day, last.day) == (self.first.day, self.last.day):
                return first, last
        return self.first, self.last

    def days(self, year: int) -> set[date]:
        """All its days; of every year, those of the ones that begin in this year."""
        if not self.is_yearly:
            return set(_range(self.first, self.last))
        first, length = _anniversary(self.first, year), self.last.year - self.first.year
        return set(_range(first, _anniversary(self.last, year + length)))

    def meets(self, other: "Dates") -> bool:
        """Whether some day of some year is in both."""
        if self.is_yearly and other.is_yearly:
            both = (_LEAP, _LEAP + 1)
            return bool(self._days_of(both) & other._days_of(both))
        if not self.is_yearly and not other.is_yearly:
            return self.first <= other.last and other.first <= self.last
        dated = other if self.is_yearly else self
        if dated.last - dated.first >= _A_YEAR:
            return True
        years = (dated.first.year - 1, dated.first.year, dated.last.year)
        return bool(self._days_of(years) & other._days_of(years))

    def _days_of(self, years: Sequence[int]) -> set[date]:
        return {day for year in years for day in self.days(year)}

    @property
    def text(self) -> str:
        first, last = _written(self.first), _written(self.last)
        if self.is_yearly:
            return first if self.is_single else f"{first}-{last}"
        if self.is_single:
            return f"{self.first.year} {first}"
        if self.first.year == self.last.year:
            return f"{self.first.year} {first}-{last}"
        return f"{self.first.year} {first}-{self.last.year} {last}"


def read_dates(text: str) -> list[Dates] | None:
    """The dates of a rule (`2026 Dec 22-26`, `Dec 24,Dec 31`); None if they are no such dates."""
    found = [_read_one(each) for each in text.split(",")]
    known = [each for each in found if each is not None]
    # After a date with its year, one without may be of the same year, or of every year: no form says that.
    if len(known) < len(found) or len({each.is_yearly for each in known}) > 1:
        return None
    return known


def _read_one(text: str) -> Dates | None:
    months = _MONTHS.fullmatch(text.strip())
    if months:
        return _read_months(*months.groups())
    match = _DATES.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, last_year, last_month, last_day = match.groups()
    if last_year and not year:
        return None
    try:
        first = date(int(year or _LEAP), _number(month), int(day))
        last = first
        if last_day:
            number = _number(last_month) if last_month else first.month
            last = date(int(last_year or first.year), number, int(last_day))
        if year is None and last < first:
            last = last.replace(year=_LEAP + 1)
        return Dates.of_year(first, last) if year else Dates.of_every_year(first, last)
    except ValueError:
        return None


def _read_months(year: str | None, first: str, last: str | None) -> Dates | None:
    """Of `Aug`, `2027 Jul-Aug`. Not until the end of February, whose length changes."""
    begin, end = _number(first), _number(last or first)
    if end == 2 or (end < begin and year):
        return None
    of = int(year or _LEAP)
    end_year = of + (end < begin)
    dates = date(of, begin, 1), date(end_year, end, monthrange(end_year, end)[1])
    try:
        return Dates.of_year(*dates) if year else Dates.of_every_year(*dates)
    except ValueError:
        return None


def _number(month: str) -> int:
    return MONTHS.index(month.capitalize()) + 1


def _written(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.day:02}"


def _anniversary(day: date, year: int) -> date:
    """The same day and month of another year; 28 February for a 29th that is not there."""
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _range(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
