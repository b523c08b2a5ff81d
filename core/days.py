"""Calendar days and weeks as pages use them: plain dates, which become instants only in a time zone."""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
"""A date outside this range is a typing error."""


def read_day(text: str, default: date) -> date:
    """The date (ISO) in a URL parameter, or the default if it is missing or cannot be read."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return default
    return day if FIRST_DAY <= day <= LAST_DAY else default


def read_instant(text: str) -> datetime:
    """An instant (ISO, with its offset) in UTC. Raises ValueError for what cannot be read, and for a day that
    nobody can mean: the days near it could not be counted."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None or not FIRST_DAY <= at.date() <= LAST_DAY:
        raise ValueError(text)
    return at.astimezone(UTC)


def day_span(day: date, tz: ZoneInfo, days: int = 1) -> tuple[datetime, datetime]:
    """From midnight to midnight on the local clock: 23 or 25 hours when clocks change."""
    return (
        datetime.combine(day, time.min, tz),
        datetime.combine(day + timedelta(days=days), time.min, tz),
    )


@dataclass(frozen=True)
class Week:
    """From a Monday to the next."""

    monday: date

    @classmethod
    def of(cls, day: date) -> "Week":
        return cls(day - timedelta(days=day.weekday()))

    @cached_property
    def days(self) -> list[date]:
        return [self.monday + timedelta(days=n) for n in range(7)]

    @property
    def before(self) -> date:
        return self.monday - timedelta(days=7)

    @property
    def after(self) -> date:
        return self.monday + timedelta(days=7)

    def span(self, tz: ZoneInfo) -> tuple[datetime, datetime]:
        return day_span(self.monday, tz, days=7)


def months_before(at: datetime, months: int) -> datetime:
    """The same day and hour `months` earlier, or the last day of a month that is too short."""
    month = at.year * 12 + at.month - 1 - months
    year, month = month // 12, month % 12 + 1
    return at.replace(year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1]))


def months_after[Day: date](day: Day, months: int) -> Day:
    """The same day `months` later, or the last day of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))
