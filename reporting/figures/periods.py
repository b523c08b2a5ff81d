"""The period that is looked at, and the one it is compared with. Pure: dates of the commune's calendar."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

LONGEST_DAYS = 5 * 366
"""Free dates span five years at most."""


class PeriodKind(StrEnum):
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    DATES = "dates"


class Compare(StrEnum):
    YEAR = "year"
    """The same days of the year before."""
    BEFORE = "before"
    """The period of the same kind just before; of free dates, as many days."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Period:
    """The days `[first, end)`; `kind` says how it moves."""

    kind: PeriodKind
    first: date
    end: date

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)

    @property
    def days(self) -> int:
        return (self.end - self.first).days

    def is_complete(self, today: date) -> bool:
        return self.end <= today

    def until(self, today: date) -> "Period":
        """As much of it as is over: all of it, or up to yesterday; one day at least."""
        end = min(self.end, max(today, self.first + timedelta(days=1)))
        return Period(self.kind, self.first, end)

    def before(self) -> "Period":
        """The one just before."""
        if self.kind == PeriodKind.DATES:
            return Period(self.kind, self.first - timedelta(days=self.days), self.first)
        return period_of(self.kind, self.first - timedelta(days=1))

    def after(self) -> "Period":
        if self.kind == PeriodKind.DATES:
            return Period(self.kind, self.end, self.end + timedelta(days=self.days))
        return period_of(self.kind, self.end)

    def whole_months(self) -> bool:
        return self.first.day == 1 and self.end.day == 1

    def months(self) -> list[date]:
        """The first days of the months that it touches."""
        found, month = [], self.first.replace(day=1)
        while month < self.end:
            found.append(month)
            month = next_month(month)
        return found


def period_of(kind: PeriodKind, day: date) -> Period:
    """The month, quarter or year in which `day` is."""
    month = day.replace(day=1)
    if kind == PeriodKind.YEAR:
        return Period(kind, date(day.year, 1, 1), date(day.year + 1, 1, 1))
    if kind == PeriodKind.QUARTER:
        first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
        return Period(kind, first, next_month(next_month(next_month(first))))
    return Period(PeriodKind.MONTH, month, next_month(month))


def last_complete_quarter(today: date) -> Period:
    return period_of(PeriodKind.QUARTER, today).before()


def compared(period: Period, how: Compare, today: date) -> Period | None:
    """What `period` is compared with: as many of its days as are over in the one looked at."""
    if how == Compare.NONE:
        return None
    other = Period(period.kind, _year_before(period.first), _year_before(period.end))
    # Of more than a year, the year before is a part; 29 February alone was not there.
    if how == Compare.BEFORE or other.end > period.first or other.days < 1:
        how, other = Compare.BEFORE, period.before()
    if period.is_complete(today):
        return other
    over = period.until(today)
    if how == Compare.YEAR:
        return Period(period.kind, other.first, max(_year_before(over.end), other.first + timedelta(days=1)))
    return Period(period.kind, other.first, min(other.end, other.first + timedelta(days=over.days)))


def _year_before(day: date) -> date:
    """29 February has 1 March in its place, as the end of a period that does not hold the day itself."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return date(day.year - 1, 3, 1)


def next_month(month: date) -> date:
    """The first day of the month after that of `month`, which is a first day."""
    return (month + timedelta(days=32)).replace(day=1)
