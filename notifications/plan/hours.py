"""At which hours messages may leave, in the commune's time zone. Pure.

What cannot wait (confirmation, change, cancellation) leaves from 7:00 to 21:00 on any day; reminders and
offers in the hours that the commune has set (9:00 to 19:00 at first), Monday to Saturday, not on a public
holiday. No law sets hours for messages of a public service; these are hours that people accept. All returned
instants are in UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from communes.opening.holidays import is_public_holiday

_HORIZON_DAYS = 45
_BEFORE_CLOSING = timedelta(minutes=30)
_SUNDAY = 6


class Urgency(IntEnum):
    """How urgent a message is: which ones leave first, and at which hours."""

    REPLY = 0
    """An answer to someone who has just written: leaves at any hour."""
    NOW = 1
    CALM = 2


_ANY_DAY = time(7), time(21)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The time zone and the public holidays of a commune. `calm`: the hours at which what can wait leaves."""

    time_zone: ZoneInfo
    insee_code: str
    calm: tuple[time, time] = (time(9), time(19))

    def local(self, instant: datetime) -> datetime:
        return instant.astimezone(self.time_zone)

    def is_calling_day(self, day: date) -> bool:
        return day.weekday() != _SUNDAY and not is_public_holiday(self.insee_code, day)


@dataclass(frozen=True, slots=True)
class CallHours:
    """The hours at which someone wants to be called; None where they have no wish."""

    start: time | None = None
    until: time | None = None


ANY = CallHours()


def window(
    calendar: Calendar, day: date, urgency: Urgency, hours: CallHours = ANY
) -> tuple[datetime, datetime] | None:
    """The part of a local day, [start, end), in which messages may leave; None if there is none."""
    if urgency is Urgency.CALM and not calendar.is_calling_day(day):
        return None
    first, last = calendar.calm if urgency is Urgency.CALM else _ANY_DAY
    start = max(first, hours.start or first)
    until = min(last, hours.until or last)
    if start >= until:
        return None
    return _instant(calendar, day, start), _instant(calendar, day, until)


def may_leave(calendar: Calendar, now: datetime, urgency: Urgency, hours: CallHours = ANY) -> bool:
    if urgency is Urgency.REPLY:
        return True
    span = window(calendar, calendar.local(now).date(), urgency, hours)
    return span is not None and span[0] <= now < span[1]


def next_time(calendar: Calendar, at: datetime, urgency: Urgency, hours: CallHours = ANY) -> datetime | None:
    """The first instant from `at` on when a message may leave; None if there is none soon (unusual wished
    hours)."""
    for day in _days(calendar.local(at).date(), step=1):
        span = window(calendar, day, urgency, hours)
        if span and at < span[1]:
            return max(at, span[0])
    return None


def time_on_or_before(calendar: Calendar, day: date, wished: time, hours: CallHours = ANY) -> datetime | None:
    """An instant for a message that is not urgent: on that day near the wished time, or on the last day
    before it on which such messages may leave."""
    for each in _days(day, step=-1):
        span = window(calendar, each, Urgency.CALM, hours)
        if span:
            instant = _instant(calendar, each, wished)
            return max(span[0], min(instant, span[1] - _BEFORE_CLOSING))
    return None


def time_after(
    calendar: Calendar, day: date, wished: time, urgency: Urgency, hours: CallHours = ANY
) -> datetime | None:
    """As `time_on_or_before`, but for any urgency, on the first possible day after that one."""
    for each in _days(day + timedelta(days=1), step=1):
        span = window(calendar, each, urgency, hours)
        if span:
            instant = _instant(calendar, each, wished)
            return max(span[0], min(instant, span[1] - _BEFORE_CLOSING))
    return None


def calling_day_before(calendar: Calendar, day: date, count: int) -> date:
    """The `count`-th day before that one on which messages that are not urgent may leave."""
    for each in _days(day - timedelta(days=1), step=-1):
        if calendar.is_calling_day(each):
            count -= 1
            if count <= 0:
                return each
    return day


def _instant(calendar: Calendar, day: date, clock: time) -> datetime:
    # In UTC, since Python compares two datetimes of one zone by their clocks, not as instants.
    return datetime.combine(day, clock, calendar.time_zone).astimezone(UTC)


def _days(start: date, *, step: int) -> Iterator[date]:
    for n in range(_HORIZON_DAYS):
        yield start + timedelta(days=n * step)
