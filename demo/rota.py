"""Which helper is where in a usual week of the demonstration. Pure; the caller gives the dates."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from demo.places import HOTEL_DE_VILLE, SAINT_JULIEN, VERLAINE

WEEKS = 4
"""How many weeks have a rota, the present one included."""

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = range(5)

# Helper, site, weekdays, first and last hour. On Wednesdays nobody is at Saint-Julien.
USUAL_WEEK = (
    ("camille", HOTEL_DE_VILLE, (MONDAY, TUESDAY, THURSDAY, FRIDAY), 9, 12),
    ("camille", VERLAINE, (MONDAY, TUESDAY), 14, 17),
    ("camille", VERLAINE, (WEDNESDAY,), 9, 12),
    ("camille", SAINT_JULIEN, (THURSDAY, FRIDAY), 14, 17),
    ("yanis", SAINT_JULIEN, (MONDAY, TUESDAY, THURSDAY), 9, 12),
    ("yanis", SAINT_JULIEN, (TUESDAY,), 14, 17),
    ("yanis", HOTEL_DE_VILLE, (WEDNESDAY,), 14, 17),
    ("yanis", VERLAINE, (FRIDAY,), 9, 12),
    ("odile", VERLAINE, (WEDNESDAY,), 14, 16),
    ("marc", SAINT_JULIEN, (MONDAY,), 14, 17),
    ("marc", VERLAINE, (THURSDAY,), 9, 12),
)


@dataclass(frozen=True)
class Duty:
    """A helper is at a site from `start` to before `end`."""

    username: str
    ref: str
    start: datetime
    end: datetime

    def covers(self, start: datetime, end: datetime) -> bool:
        return self.start <= start and end <= self.end


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def week_shown(today: date) -> date:
    """The Monday of the week in which the demonstration's scenes take place: the present week, from Friday
    on the next."""
    monday = monday_of(today)
    return monday + timedelta(weeks=1) if today.weekday() >= FRIDAY else monday


def at(day: date, hour: int, minute: int, tz: ZoneInfo) -> datetime:
    return datetime.combine(day, time(hour, minute), tz)


def duties_of_week(monday: date, tz: ZoneInfo) -> Iterator[Duty]:
    for username, ref, weekdays, start, end in USUAL_WEEK:
        for weekday in weekdays:
            day = monday + timedelta(days=weekday)
            yield Duty(username, ref, at(day, start, 0, tz), at(day, end, 0, tz))
