"""Which visits begin late because their helper has announced a delay."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from agents.models import Agent
from booking.engine.knock_on import Turn, late_starts
from booking.enums import Status
from booking.models import Appointment, Delay
from communes.models import Commune
from core.days import day_span

COUNTED = (Status.BOOKED, Status.ARRIVED, Status.IN_SESSION, Status.DONE)
STEPS_MIN = (10, 15, 20, 30, 45, 60)
CHOICES = 4


def turn(row: Appointment) -> Turn:
    return Turn(
        id=row.pk,
        status=Status(row.status),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        blocked_until=row.blocked_until,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def read_late_starts(*, commune: Commune, on: date) -> dict[int, datetime]:
    """Appointment id → expected start, for the late helpers of a commune on a local day; one query."""
    start, end = day_span(on, commune.tz)
    rows = (
        Appointment.objects.filter(status__in=COUNTED, starts_at__gte=start, starts_at__lt=end)
        .filter(helper__delay__until_at__gte=start, helper__delay__until_at__lt=end)
        .filter(helper__memberships__commune=commune)
        .select_related("helper__delay")
    )
    by_delay: dict[Delay, list[Appointment]] = {}
    for row in rows:
        if row.helper:
            by_delay.setdefault(row.helper.delay, []).append(row)
    late: dict[int, datetime] = {}
    for delay, theirs in by_delay.items():
        late |= late_because_of(delay, theirs)
    return late


def late_because_of(delay: Delay, rows: Iterable[Appointment]) -> dict[int, datetime]:
    """Appointment id → expected start, for one helper, from their appointments of the day."""
    turns = [turn(row) for row in rows if row.status in COUNTED]
    return late_starts(turns, until=delay.until_at, said_at=delay.said_at)


def expected_of(delays: Iterable[Delay], *, commune: Commune, now: datetime) -> dict[int, datetime]:
    """Appointment id → expected start after `now`, for today's visits that these delays make late."""
    start, end = day_span(commune.local(now).date(), commune.tz)
    late: dict[int, datetime] = {}
    for delay in delays:
        if not start <= delay.until_at < end:
            continue
        own = Appointment.objects.filter(helper=delay.helper_id, status__in=COUNTED)
        late |= late_because_of(delay, own.filter(starts_at__gte=start, starts_at__lt=end))
    return {pk: at for pk, at in late.items() if at > now}


def begins_late(appointment: Appointment, now: datetime) -> datetime | None:
    """The expected start of the appointment, if its helper is late and it is still after `now`; else None."""
    delays = Delay.objects.filter(helper=appointment.helper_id, helper__isnull=False)
    return expected_of(delays, commune=appointment.commune, now=now).get(appointment.pk)


def delay_on(helper: Agent, start: datetime, end: datetime) -> Delay | None:
    return Delay.objects.filter(helper=helper, until_at__gte=start, until_at__lt=end).first()


@dataclass(frozen=True)
class Awaited:
    """A helper with a visit still to begin today, for whom the desk agent can record a delay.

    `delay`: the delay already announced; `choices`: possible delays in minutes, and their times. Both are
    empty if another commune expects the helper first (`is_ours` is false): then only the helper announces
    delays.
    """

    helper: Agent
    following: Appointment
    delay: Delay | None = None
    choices: list[tuple[int, datetime]] = field(default_factory=list)
    is_ours: bool = True


def read_awaited(*, commune: Commune, now: datetime) -> list[Awaited]:
    """The helpers of a commune with visits still to begin today, by name; one query."""
    start, end = day_span(commune.local(now).date(), commune.tz)
    to_begin = Appointment.objects.filter(
        status__in=(Status.BOOKED, Status.ARRIVED), starts_at__gte=start, starts_at__lt=end, ends_at__gt=now
    )
    rows = to_begin.filter(
        helper__in=to_begin.filter(commune=commune, helper__isnull=False).values("helper")
    ).select_related("helper__delay", "service", "site")
    by_helper: dict[Agent, list[Appointment]] = {}
    for row in rows:
        if row.helper:
            by_helper.setdefault(row.helper, []).append(row)
    found = [_awaited(helper, theirs, commune, now) for helper, theirs in by_helper.items()]
    return sorted(found, key=lambda each: (each.helper.first_name, each.helper.last_name, each.helper.pk))


def _awaited(helper: Agent, rows: list[Appointment], commune: Commune, now: datetime) -> Awaited:
    following = min(
        (row for row in rows if row.commune_id == commune.pk), key=lambda row: (row.starts_at, row.pk)
    )
    if next_turn(rows, now) != following:
        return Awaited(helper, following, is_ours=False)
    said: Delay | None = getattr(helper, "delay", None)
    return Awaited(
        helper=helper,
        following=following,
        delay=said if said and said.until_at > now else None,
        choices=choices_for(following, now),
    )


def next_turn(rows: Iterable[Appointment], now: datetime) -> Appointment | None:
    """The next visit of a helper: the first one that a delay would affect."""
    waiting = (row for row in rows if row.status in (Status.BOOKED, Status.ARRIVED) and row.ends_at > now)
    return min(waiting, key=lambda row: (row.starts_at, row.pk), default=None)


def choices_for(row: Appointment, now: datetime) -> list[tuple[int, datetime]]:
    """Possible delays of the helper for this visit: minutes, and the expected time."""
    at = [(minutes, row.starts_at + timedelta(minutes=minutes)) for minutes in STEPS_MIN]
    return [(minutes, instant) for minutes, instant in at if instant > now][:CHOICES]
