"""Random worlds, told in instants and wall-clock hours as people would, for oracle and engine alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from booking.engine.snapshot import (
    NEVER,
    Booked,
    CabinWorld,
    HelperWorld,
    Pin,
    SiteWorld,
    Snapshot,
    days_between,
)
from booking.engine.timeline import Span, busy_span, ceil_tick, floor_tick, free_span
from booking.enums import LIVE, Status

PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")
EQUIPMENT = ("screen", "scanner", "printer", "video")

# First days of windows: an ordinary week, and the nights when clocks change in Paris.
MONDAY, BEFORE_SUMMER_TIME, BEFORE_WINTER_TIME = date(2026, 11, 23), date(2026, 3, 28), date(2026, 10, 24)


@dataclass(frozen=True)
class Cabin:
    id: int
    equipment: frozenset[str]
    in_order: bool
    out_until: datetime | None = None
    """Out of order, or not in service yet, until then."""
    retired: datetime | None = None
    faults: tuple[tuple[str, datetime | None], ...] = ()
    """Equipment that does not work, each with its expected end where that is known."""


@dataclass(frozen=True)
class Site:
    """`hours`: by weekday, minutes of the wall clock from which until which it is open."""

    id: int
    hours: dict[int, list[tuple[int, int]]]
    shut_on_holidays: bool
    closures: list[tuple[datetime, datetime]]
    cabins: list[Cabin]


@dataclass(frozen=True)
class Helper:
    id: int
    skills: frozenset[int]
    shifts: list[tuple[int, datetime, datetime]]
    absences: list[tuple[datetime, datetime]]
    busy_elsewhere: list[tuple[datetime, datetime]]


@dataclass(frozen=True)
class Appointment:
    id: int
    site_id: int
    cabin_id: int
    helper_id: int | None
    service_id: int
    starts_at: datetime
    ends_at: datetime
    blocked_until: datetime
    status: Status
    held_until: datetime | None
    """When it no longer keeps its place: of a hold, or of what is being cancelled."""
    helper_chosen: bool

    def counts(self, now: datetime) -> bool:
        """Whether it keeps its place: live, and if it is a hold, not expired."""
        return self.status in LIVE and (self.held_until is None or self.held_until > now)


@dataclass(frozen=True)
class Story:
    """A world as people see it."""

    tz: ZoneInfo
    first: date
    last: date
    now: datetime
    holidays: frozenset[date]
    services: dict[int, frozenset[str]]
    sites: list[Site]
    helpers: list[Helper]
    appointments: list[Appointment]

    def counting(self) -> list[Appointment]:
        return [each for each in self.appointments if each.counts(self.now)]

    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def on_the_wall(on: date, minute: int, tz: ZoneInfo) -> datetime:
    """The instant at which clocks show `minute` on the day; 1440 is midnight of the next."""
    on += timedelta(days=minute // 1440)
    return datetime.combine(on, time(minute % 1440 // 60, minute % 60), tz).astimezone(UTC)


def end_of_fault(end: datetime, now: datetime) -> datetime:
    """Once it has passed without an answer, a day from now."""
    return end if end > now else now + timedelta(days=1)


# ---- the engine's view ---------------------------------------------------------------------------


def to_world(story: Story) -> Snapshot:
    """What the loader would make of the story."""
    appointments = story.counting()
    return Snapshot(
        now=story.now,
        days=days_between(story.first, story.last, story.tz),
        sites=tuple(_site_world(story, site, appointments) for site in story.sites),
        helpers=tuple(_helper_world(helper, appointments) for helper in story.helpers),
        holidays=story.holidays,
        booked=[_booked(each) for each in appointments],
        equipment_by_service=story.services,
    )


def _site_world(story: Story, site: Site, appointments: list[Appointment]) -> SiteWorld:
    opens = [
        (on_the_wall(on, opens, story.tz), on_the_wall(on, closes, story.tz))
        for on in [*story.days(), story.last + timedelta(days=1)]
        if not (site.shut_on_holidays and on in story.holidays)
        for opens, closes in site.hours.get(on.weekday(), [])
    ]
    return SiteWorld(
        site.id,
        [free_span(*each) for each in opens],
        _busy(site.closures),
        [
            CabinWorld(
                cabin.id,
                cabin.equipment,
                cabin.in_order,
                _busy((a.starts_at, a.blocked_until) for a in appointments if a.cabin_id == cabin.id),
                busy_span(cabin.out_until, cabin.out_until)[1] if cabin.out_until else 0,
                retired_from=floor_tick(cabin.retired) if cabin.retired else None,
                faults=[
                    (code, NEVER if end is None else ceil_tick(end_of_fault(end, story.now)))
                    for code, end in cabin.faults
                ],
            )
            for cabin in site.cabins
        ],
    )


def _helper_world(helper: Helper, appointments: list[Appointment]) -> HelperWorld:
    shifts: dict[int, list[Span]] = {}
    for site_id, start, stop in helper.shifts:
        shifts.setdefault(site_id, []).append(free_span(start, stop))
    own = [(a.starts_at, a.blocked_until) for a in appointments if a.helper_id == helper.id]
    return HelperWorld(
        helper.id, helper.skills, shifts, _busy(helper.absences), _busy([*own, *helper.busy_elsewhere])
    )


def _busy(stretches: Iterable[tuple[datetime, datetime]]) -> list[Span]:
    return [busy_span(start, stop) for start, stop in stretches]


def _booked(appointment: Appointment) -> Booked:
    pin = Pin.HELPER if appointment.helper_chosen else Pin.NONE
    if appointment.status in (Status.ARRIVED, Status.IN_SESSION, Status.CANCELLING):
        pin = Pin.ALL
    return Booked(
        appointment.id,
        appointment.cabin_id,
        appointment.helper_id,
        appointment.service_id,
        floor_tick(appointment.starts_at),
        ceil_tick(appointment.ends_at),
        ceil_tick(appointment.blocked_until),
        pin,
    )
