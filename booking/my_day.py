"""« Ma journée »: a helper's own day, visits and free stretches in one line of time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby

from agents.models import Absence, Agent, Membership, Shift
from booking.enums import Language, Status
from booking.models import Appointment, ResidentPhone
from communes.days import day_span
from communes.models import Commune, Site

SHORTEST_GAP = timedelta(minutes=15)
"""What is shorter is breath between two visits, not free time."""

LATE_AFTER = timedelta(minutes=5)

SOON = timedelta(minutes=30)
"""How long before its time a visit is started by the large button."""


@dataclass(frozen=True)
class Gap:
    """A stretch of a shift in which nobody is expected."""

    starts_at: datetime
    ends_at: datetime

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


@dataclass(frozen=True)
class Elsewhere:
    """A visit in another commune of the helper: its hours, and nothing of whom."""

    commune: Commune
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Visit:
    appointment: Appointment
    now: datetime
    is_now: bool = False

    @property
    def starts_at(self) -> datetime:
        return self.appointment.starts_at

    @property
    def is_late(self) -> bool:
        """The time has come, the resident has not."""
        return self.appointment.status == Status.BOOKED and self.now >= self.starts_at + LATE_AFTER

    @property
    def is_over_time(self) -> bool:
        return self.appointment.status == Status.IN_SESSION and self.now >= self.appointment.ends_at

    @property
    def is_due(self) -> bool:
        """Someone waits, or the time is near: what comes next is to start."""
        status = self.appointment.status
        return status == Status.ARRIVED or (status == Status.BOOKED and self.now >= self.starts_at - SOON)

    @property
    def may_be_absent(self) -> bool:
        return self.appointment.status in (Status.BOOKED, Status.ARRIVED) and self.now >= self.starts_at

    @property
    def languages(self) -> list[str]:
        """Those that one must be prepared for."""
        resident = self.appointment.resident
        codes = resident.languages if resident else []
        return [str(Language(code).label) for code in codes if code != Language.FRENCH]

    @cached_property
    def phones(self) -> list[ResidentPhone]:
        resident = self.appointment.resident
        return [phone for phone in resident.phones.all() if phone.may_call] if resident else []

    @property
    def must_not_be_called(self) -> bool:
        resident = self.appointment.resident
        return resident is not None and bool(resident.phones.all()) and not self.phones


type Entry = Visit | Gap | Elsewhere


@dataclass(frozen=True)
class Stay:
    """The hours of a day at one place."""

    site: Site
    spans: list[tuple[datetime, datetime]]


@dataclass(frozen=True)
class MyDay:
    on: date
    today: date
    stays: list[Stay]
    entries: list[Entry]
    is_away: bool

    @property
    def is_today(self) -> bool:
        return self.on == self.today

    @property
    def before(self) -> date:
        return self.on - timedelta(days=1)

    @property
    def after(self) -> date:
        return self.on + timedelta(days=1)

    @property
    def has_visits(self) -> bool:
        return any(not isinstance(entry, Gap) for entry in self.entries)


def read_my_day(
    *, agent: Agent, commune: Commune, memberships: Sequence[Membership], on: date, now: datetime
) -> MyDay:
    """Four queries, however many visits: appointments, their phones, shifts, absences."""
    start, end = day_span(on, commune.tz)
    today = commune.local(now).date()
    rows = list(
        Appointment.objects.visible()
        .filter(
            helper=agent,
            commune__in=[membership.commune_id for membership in memberships],
            starts_at__gte=start,
            starts_at__lt=end,
        )
        .select_related("resident", "service", "cabin", "site", "commune")
        .prefetch_related("resident__phones")
        .order_by("starts_at", "id")
    )
    ours = [row for row in rows if row.commune_id == commune.pk]
    current = _current(ours, now) if on == today else None
    visits: list[Entry] = [Visit(row, now, row is current) for row in ours]
    visits += [
        Elsewhere(row.commune, row.starts_at, row.ends_at)
        for row in rows
        if row.commune_id != commune.pk and row.status != Status.CANCELLED
    ]
    shifts = _shifts(agent, commune, start, end)
    away = [
        (absence.starts_at, absence.ends_at)
        for absence in Absence.objects.filter(agent=agent).overlapping(start, end)
    ]
    busy = [(row.starts_at, row.ends_at) for row in rows if row.status != Status.CANCELLED]
    gaps = free_stretches([(shift.starts_at, shift.ends_at) for shift in shifts], busy + away)
    coming = [Gap(*span) for span in gaps if on > today or span[1] > now]
    return MyDay(
        on=on,
        today=today,
        stays=_stays(shifts),
        entries=sorted([*visits, *coming], key=lambda entry: entry.starts_at),
        is_away=any(first <= max(start, now) and last >= end for first, last in away),
    )


def _shifts(agent: Agent, commune: Commune, start: datetime, end: datetime) -> list[Shift]:
    own = Shift.objects.filter(agent=agent, site__commune=commune).overlapping(start, end)
    return list(own.select_related("site").order_by("starts_at", "id"))


def _stays(shifts: Iterable[Shift]) -> list[Stay]:
    return [
        Stay(site, [(shift.starts_at, shift.ends_at) for shift in group])
        for site, group in groupby(shifts, key=lambda shift: shift.site)
    ]


def _current(rows: Sequence[Appointment], now: datetime) -> Appointment | None:
    """The one that the helper looks for: in session, else waiting, else the next to come."""
    for status in (Status.IN_SESSION, Status.ARRIVED):
        found = next((row for row in rows if row.status == status), None)
        if found is not None:
            return found
    return next((row for row in rows if row.status == Status.BOOKED and row.ends_at > now), None)


def free_stretches(
    shifts: Iterable[tuple[datetime, datetime]], busy: Iterable[tuple[datetime, datetime]]
) -> list[tuple[datetime, datetime]]:
    """What is left of the shifts, in order, without what is too short to be of use."""
    taken = sorted(busy)
    free: list[tuple[datetime, datetime]] = []
    for start, end in sorted(shifts):
        for first, last in taken:
            if first >= end:
                break
            if first - start >= SHORTEST_GAP:
                free.append((start, first))
            start = max(start, last)
        if end - start >= SHORTEST_GAP:
            free.append((start, end))
    return free
