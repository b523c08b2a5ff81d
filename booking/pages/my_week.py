"""A helper's coming week: sites, visits and absences. One card per day, designed for a phone first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agents.models import Absence, Agent, Membership
from booking.enums import CALLED_OFF
from booking.models import Appointment
from booking.pages.my_day import (
    Elsewhere,
    SiteHours,
    elsewhere,
    opening_of,
    own_appointments,
    own_shifts,
    stays_of,
)
from communes.models import Commune
from core.days import day_span

DAYS = 7


@dataclass(frozen=True)
class AbsencePart:
    """The part of an absence that falls on a day. `kind` is empty if another commune recorded the absence."""

    starts_at: datetime
    ends_at: datetime
    is_all_day: bool
    kind: str


@dataclass(frozen=True)
class DayOfWeek:
    on: date
    stays: list[SiteHours]
    visits: list[Appointment]
    elsewhere: list[Elsewhere]
    away: list[AbsencePart]

    @property
    def is_free(self) -> bool:
        return not (self.stays or self.visits or self.elsewhere or self.away)


@dataclass(frozen=True)
class MyWeek:
    first: date
    today: date
    days: list[DayOfWeek]

    @property
    def last(self) -> date:
        return self.days[-1].on

    @property
    def before(self) -> date:
        return self.first - timedelta(days=DAYS)

    @property
    def after(self) -> date:
        return self.first + timedelta(days=DAYS)

    @property
    def count(self) -> int:
        return sum(len(day.visits) for day in self.days)


def read_my_week(
    *, agent: Agent, commune: Commune, memberships: Sequence[Membership], first: date, now: datetime
) -> MyWeek:
    """Seven days from `first`, in four queries: appointments, shifts, closures, absences."""
    start, end = day_span(first, commune.tz, days=DAYS)
    standing = own_appointments(agent, memberships, start, end).exclude(status__in=CALLED_OFF)
    rows = list(standing)
    shifts = own_shifts(agent, commune, start, end)
    opening = opening_of(shifts, commune, start, end)
    absences = list(Absence.objects.filter(agent=agent).overlapping(start, end))
    days = []
    for n in range(DAYS):
        on = first + timedelta(days=n)
        span = day_span(on, commune.tz)
        today = [row for row in rows if span[0] <= row.starts_at < span[1]]
        days.append(
            DayOfWeek(
                on,
                stays_of(
                    [shift for shift in shifts if shift.starts_at < span[1] and shift.ends_at > span[0]],
                    opening,
                ),
                [row for row in today if row.commune_id == commune.pk],
                elsewhere(today, commune),
                [found for each in absences if (found := _away(each, commune, *span))],
            )
        )
    return MyWeek(first, commune.local(now).date(), days)


def _away(absence: Absence, commune: Commune, start: datetime, end: datetime) -> AbsencePart | None:
    first, last = max(absence.starts_at, start), min(absence.ends_at, end)
    if first >= last:
        return None
    kind = absence.get_kind_display() if absence.commune_id == commune.pk else ""
    return AbsencePart(first, last, (first, last) == (start, end), kind)
