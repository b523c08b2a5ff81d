"""« Ma journée »: a helper's own day: visits and free time in one list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import groupby

from django.db.models import QuerySet

from agents.models import Absence, Agent, Membership, Shift
from booking.actions import Limit, possible_extensions, session_limit
from booking.delays import choices_for, delay_on, late_because_of, next_turn
from booking.enums import Language, Outcome, Status
from booking.models import Appointment, Delay, ResidentPhone
from communes.half_days import OpenHalfDays
from communes.models import Commune, Site
from core.days import day_span
from core.localtime import merged, subtract

SHORTEST_GAP = timedelta(minutes=15)
"""A shorter pause between two visits is not shown as free time."""

LATE_AFTER = timedelta(minutes=5)

EXTENSIONS_MIN = (10, 30)

SOON = timedelta(minutes=30)
"""How long before its start a visit gets the large button that starts it."""


@dataclass(frozen=True)
class FreeTime:
    """A part of a shift without a visit."""

    starts_at: datetime
    ends_at: datetime

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


@dataclass(frozen=True)
class Elsewhere:
    """A visit of the helper in another commune: only its hours are known."""

    commune: Commune
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class HelperVisit:
    """One visit of the helper. `late_start`: its expected start, if the helper has announced a delay;
    `limit`: what ends it at the latest, while it runs."""

    appointment: Appointment
    now: datetime
    is_now: bool = False
    late_start: datetime | None = None
    limit: Limit | None = None

    @property
    def starts_at(self) -> datetime:
        return self.appointment.starts_at

    @property
    def is_limited(self) -> bool:
        """The resident's record is kept but not used: the number of the appointment is all that is shown."""
        return bool(self.appointment.number_for_name)

    @property
    def named(self) -> str:
        """How its buttons name the resident: by the last name only where the page shows it."""
        return "" if self.is_now else "short"

    @property
    def is_late(self) -> bool:
        """The resident has not come, `LATE_AFTER` past the start (expected start, if the helper is late)."""
        begins = self.late_start or self.starts_at
        return self.appointment.status == Status.BOOKED and self.now >= begins + LATE_AFTER

    @property
    def begins_late(self) -> datetime | None:
        """The expected start, while it is in the future."""
        return self.late_start if self.late_start and self.late_start > self.now else None

    @property
    def extensions(self) -> list[tuple[int, datetime]]:
        """Choices to extend the session: minutes, and the new end."""
        return possible_extensions(self.appointment, self.limit, EXTENSIONS_MIN, self.now)

    @property
    def no_longer(self) -> str:
        """Why the session cannot last longer."""
        return self.limit.text(self.appointment.commune) if self.limit else ""

    @property
    def last_time(self) -> str:
        """How the visit ended that this one follows up."""
        last = None if self.is_limited else self.appointment.follow_up_of
        return str(Outcome(last.outcome).label) if last and last.outcome else ""

    @property
    def is_over_time(self) -> bool:
        return self.appointment.status == Status.IN_SESSION and self.now >= self.appointment.ends_at

    @property
    def is_due(self) -> bool:
        """The resident has arrived, or the visit starts within `SOON`: the helper can start the session."""
        status = self.appointment.status
        return status == Status.ARRIVED or (status == Status.BOOKED and self.now >= self.starts_at - SOON)

    @property
    def may_be_absent(self) -> bool:
        return self.appointment.status in (Status.BOOKED, Status.ARRIVED) and self.now >= self.starts_at

    @property
    def languages(self) -> list[str]:
        """The resident's languages other than French."""
        resident = self.appointment.resident
        codes = resident.languages if resident and not self.is_limited else []
        return [str(Language(code).label) for code in codes if code != Language.FRENCH]

    @cached_property
    def phones(self) -> list[ResidentPhone]:
        resident = None if self.is_limited else self.appointment.resident
        return [phone for phone in resident.phones.all() if phone.may_call] if resident else []

    @property
    def must_not_be_called(self) -> bool:
        resident = self.appointment.resident
        return (
            not self.is_limited and resident is not None and bool(resident.phones.all()) and not self.phones
        )


type Entry = HelperVisit | FreeTime | Elsewhere


@dataclass(frozen=True)
class SiteHours:
    """The helper's hours at one site on a day."""

    site: Site
    spans: list[tuple[datetime, datetime]]
    is_closed: bool = False
    """The place is closed then."""


@dataclass(frozen=True)
class MyDay:
    on: date
    today: date
    stays: list[SiteHours]
    entries: list[Entry]
    is_away: bool
    delay: Delay | None = None
    """The delay that the helper has announced, while it lasts."""
    late_choices: list[tuple[int, datetime]] = field(default_factory=list)
    """Choices for announcing a delay: minutes, and the time; empty if no visit is to start today."""

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
    def residents(self) -> list[int | None]:
        """The ids of those whose visits are shown."""
        return [each.appointment.resident_id for each in self.entries if isinstance(each, HelperVisit)]

    @property
    def has_visits(self) -> bool:
        return any(not isinstance(entry, FreeTime) for entry in self.entries)


def read_my_day(
    *, agent: Agent, commune: Commune, memberships: Sequence[Membership], on: date, now: datetime
) -> MyDay:
    """Read the helper's day. Five queries, however many visits: appointments, their phones, shifts,
    absences, a delay. At most five more for the session that runs."""
    start, end = day_span(on, commune.tz)
    today = commune.local(now).date()
    rows = list(own_appointments(agent, memberships, start, end).prefetch_related("resident__phones"))
    ours = [row for row in rows if row.commune_id == commune.pk]
    current = _current(ours, now) if on == today else None
    delay = delay_on(agent, start, end) if on == today else None
    late = late_because_of(delay, rows) if delay else {}
    following = next_turn(rows, now) if on == today else None
    visits: list[Entry] = [
        HelperVisit(row, now, row is current, late.get(row.pk), _limit(row, now)) for row in ours
    ]
    visits += elsewhere(rows, commune)
    shifts = own_shifts(agent, commune, start, end)
    away = [
        (absence.starts_at, absence.ends_at)
        for absence in Absence.objects.filter(agent=agent).overlapping(start, end)
    ]
    busy = [(row.starts_at, row.ends_at) for row in rows if row.status != Status.CANCELLED]
    gaps = free_stretches([(shift.starts_at, shift.ends_at) for shift in shifts], busy + away)
    coming = [FreeTime(*span) for span in gaps if on > today or span[1] > now]
    return MyDay(
        on=on,
        today=today,
        stays=stays_of(shifts, opening_of(shifts, commune, start, end)),
        entries=sorted([*visits, *coming], key=lambda entry: entry.starts_at),
        is_away=any(first <= max(start, now) and last >= end for first, last in away),
        delay=delay if delay and delay.until_at > now else None,
        late_choices=choices_for(following, now) if following else [],
    )


def own_appointments(
    agent: Agent, memberships: Sequence[Membership], start: datetime, end: datetime
) -> QuerySet[Appointment]:
    """The helper's appointments, in all communes where they work."""
    communes = [membership.commune_id for membership in memberships]
    return (
        Appointment.objects.visible()
        .filter(helper=agent, commune__in=communes, starts_at__gte=start, starts_at__lt=end)
        .select_related("resident", "service", "cabin", "site", "commune", "follow_up_of")
        .order_by("starts_at", "id")
    )


def elsewhere(rows: Iterable[Appointment], commune: Commune) -> list[Elsewhere]:
    return [
        Elsewhere(row.commune, row.starts_at, row.ends_at)
        for row in rows
        if row.commune_id != commune.pk and row.status != Status.CANCELLED
    ]


def own_shifts(agent: Agent, commune: Commune, start: datetime, end: datetime) -> list[Shift]:
    own = Shift.objects.filter(agent=agent, site__commune=commune).overlapping(start, end)
    return list(own.select_related("site").order_by("starts_at", "id"))


def opening_of(shifts: Sequence[Shift], commune: Commune, start: datetime, end: datetime) -> OpenHalfDays:
    """When the places of these shifts are open; no query without a shift."""
    sites = {shift.site_id: shift.site for shift in shifts}
    first, last = commune.local(start).date(), commune.local(end).date()
    return OpenHalfDays(sites.values(), commune, first, last)


def stays_of(shifts: Iterable[Shift], opening: OpenHalfDays) -> list[SiteHours]:
    def where(shift: Shift) -> tuple[Site, bool]:
        return shift.site, opening.is_closed(shift.site_id, shift.starts_at, shift.ends_at)

    return [
        SiteHours(site, [(shift.starts_at, shift.ends_at) for shift in group], is_closed)
        for (site, is_closed), group in groupby(shifts, key=where)
    ]


def _limit(row: Appointment, now: datetime) -> Limit | None:
    return session_limit(row, now) if row.status == Status.IN_SESSION else None


def _current(rows: Sequence[Appointment], now: datetime) -> Appointment | None:
    """The visit to show first: in session, else with the resident waiting, else the next one."""
    for status in (Status.IN_SESSION, Status.ARRIVED):
        found = next((row for row in rows if row.status == status), None)
        if found is not None:
            return found
    return next((row for row in rows if row.status == Status.BOOKED and row.ends_at > now), None)


def free_stretches(
    shifts: Iterable[tuple[datetime, datetime]], busy: Iterable[tuple[datetime, datetime]]
) -> list[tuple[datetime, datetime]]:
    """The parts of the shifts that are not busy, in order, without those shorter than `SHORTEST_GAP`."""
    taken = merged(busy)
    left = (span for shift in sorted(shifts) for span in subtract(shift, taken))
    return [(start, end) for start, end in left if end - start >= SHORTEST_GAP]
