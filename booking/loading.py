"""Fill a world from the database: at most six queries, whatever there is of sites, helpers and days.

1. the sites with their cabins; 2. closures; 3. services with who is skilled in them; 4. appointments
of the commune; and where a helper is wanted, 5. shifts; 6. absences and appointments in other
communes of those on shift, as intervals without identity. A commune sees that a helper whom it
shares is taken, not where, why or by whom.
"""

import json
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from logging import getLogger
from typing import NamedTuple

from django.db.models import Case, F, IntegerField, TextField, Value, When
from django.db.models.functions import Cast

from agents.models import Absence, Shift
from booking.enums import Status
from booking.models import Appointment, AppointmentQuerySet
from booking.ticks import CeilTick, FloorTick
from booking.timeline import Span, free_span, tick_start
from booking.world import Booked, CabinWorld, Day, HelperWorld, Need, Pin, SiteWorld, World, days_between
from communes import hours
from communes.errors import HoursError
from communes.holidays import public_holidays
from communes.models import Closure, Commune, Service, Site

logger = getLogger(__name__)

type Spans = dict[int, list[Span]]

LONGEST = timedelta(days=2)
"""No appointment keeps its cabin for longer. It lets the database look at the window alone."""


@dataclass(frozen=True, slots=True)
class Loaded:
    world: World
    sites: list[Site]


class _Range(NamedTuple):
    """What must be known of: the days and what lasts beyond them, as instants."""

    start: datetime
    stop: datetime


def load_world(
    *,
    commune: Commune,
    need: Need,
    first: date,
    last: date,
    now: datetime,
    site_ids: Iterable[int] | None = None,
    without: int | None = None,
) -> Loaded:
    """The world of a commune over the local days from `first` to `last`, both included.

    `without` leaves out one appointment: the one to be moved, whose own place is free to it.
    """
    days = days_between(first, last, commune.tz)
    stretch = _Range(tick_start(days[0].start), tick_start(days[-1].stop + need.blocked_ticks))
    places = _places(commune, site_ids)
    sites = {site.pk: site for site, _ in places}
    closures = _closures(sites, stretch)
    equipment, skills = _services(commune)
    booked = _booked(commune, stretch, now, without)
    cabin_busy: Spans = defaultdict(list)
    helper_busy: Spans = defaultdict(list)
    for row in booked:
        span = row[4], row[6]
        cabin_busy[row[1]].append(span)
        if row[2] is not None:
            helper_busy[row[2]].append(span)
    helpers = _helpers(commune, sites, stretch, now, skills, helper_busy) if need.with_helper else ()
    cabins: dict[int, list[CabinWorld]] = {site_id: [] for site_id in sites}
    for site, cabin in places:
        if cabin is not None:
            cabins[site.pk].append(
                CabinWorld(cabin.pk, cabin.equipment, cabin.in_order, cabin_busy[cabin.pk])
            )
    world = World(
        now=now,
        days=days,
        sites=tuple(
            SiteWorld(pk, _open_spans(commune, site, days, need), closures[pk], cabins[pk])
            for pk, site in sites.items()
        ),
        helpers=helpers,
        holidays=_holidays(commune, days),
        booked=booked,
        equipment_by_service=equipment,
    )
    return Loaded(world, list(sites.values()))


# ---- one query each ------------------------------------------------------------------------------


class _Cabin(NamedTuple):
    pk: int
    equipment: frozenset[str]
    in_order: bool


def _places(commune: Commune, site_ids: Iterable[int] | None) -> list[tuple[Site, _Cabin | None]]:
    """Each site with each of its cabins; a site without any comes once, with None."""
    sites = commune.sites.filter(is_active=True)
    if site_ids is not None:
        sites = sites.filter(pk__in=list(site_ids))
    rows = sites.annotate(
        cabin_pk=F("cabins__id"),
        cabin_equipment=Cast("cabins__equipment", TextField()),
        cabin_in_order=F("cabins__in_order"),
    ).order_by("pk", "cabin_pk")
    return [
        (
            row,
            _Cabin(row.cabin_pk, _equipment(row.cabin_equipment), row.cabin_in_order)
            if row.cabin_pk
            else None,
        )
        for row in rows
    ]


def _closures(sites: Iterable[int], stretch: _Range) -> Spans:
    rows = Closure.objects.filter(
        site_id__in=list(sites), starts_at__lt=stretch.stop, ends_at__gt=stretch.start
    ).values_list("site_id", FloorTick("starts_at"), CeilTick("ends_at"))
    return _by_key(rows.order_by())


def _services(commune: Commune) -> tuple[dict[int, frozenset[str]], dict[int, frozenset[int]]]:
    """What each service needs, and what each helper of the commune can do."""
    rows = Service.objects.filter(commune=commune).values_list(
        "pk",
        Cast("equipment_needed", TextField()),
        "skilled__agent_id",
        "skilled__is_helper",
    )
    equipment: dict[int, frozenset[str]] = {}
    skills: dict[int, set[int]] = defaultdict(set)
    for service_id, needed, agent_id, is_helper in rows.order_by():
        equipment[service_id] = _equipment(needed)
        if is_helper:
            skills[agent_id].add(service_id)
    return equipment, {agent_id: frozenset(services) for agent_id, services in skills.items()}


def _booked(commune: Commune, stretch: _Range, now: datetime, without: int | None) -> list[Booked]:
    rows = _overlapping(Appointment.objects.keeping(now), stretch).filter(commune=commune)
    if without is not None:
        rows = rows.exclude(pk=without)
    pin = Case(
        When(status__in=(Status.ARRIVED, Status.IN_SESSION), then=Value(Pin.ALL)),
        When(helper_chosen=True, then=Value(Pin.HELPER)),
        default=Value(Pin.NONE),
        output_field=IntegerField(),
    )
    return [
        Booked._make(row)
        for row in rows.order_by().values_list(
            "pk",
            "cabin_id",
            "helper_id",
            "service_id",
            FloorTick("starts_at"),
            CeilTick("ends_at"),
            CeilTick("blocked_until"),
            pin,
        )
    ]


def _helpers(
    commune: Commune,
    sites: Iterable[int],
    stretch: _Range,
    now: datetime,
    skills: dict[int, frozenset[int]],
    busy: Spans,
) -> tuple[HelperWorld, ...]:
    """Everyone on shift at the sites: those without the skill matter too, for exchanges."""
    rows = (
        Shift.objects.overlapping(stretch.start, stretch.stop)
        .filter(site_id__in=list(sites), agent__is_active=True)
        .values_list("agent_id", "site_id", CeilTick("starts_at"), FloorTick("ends_at"))
        .order_by()
    )
    shifts: dict[int, Spans] = {}
    for agent_id, site_id, start, stop in rows:
        shifts.setdefault(agent_id, {}).setdefault(site_id, []).append((start, stop))
    absences: Spans = defaultdict(list)
    for agent_id, start, stop, is_absence in _away(commune, shifts, stretch, now):
        (absences if is_absence else busy)[agent_id].append((start, stop))
    return tuple(
        HelperWorld(
            agent_id,
            skills.get(agent_id, frozenset()),
            shifts[agent_id],
            absences[agent_id],
            busy.get(agent_id, ()),
        )
        for agent_id in sorted(shifts)
    )


def _away(
    commune: Commune, helper_ids: Iterable[int], stretch: _Range, now: datetime
) -> Iterable[tuple[int, int, int, int]]:
    """Absences, and appointments in other communes: who, from when, until when, and which of the two."""
    ids = list(helper_ids)
    absences = Absence.objects.overlapping(stretch.start, stretch.stop).filter(agent_id__in=ids)
    elsewhere = _overlapping(Appointment.objects.keeping(now), stretch).filter(helper_id__in=ids)
    return (
        absences.order_by()
        .values_list("agent_id", FloorTick("starts_at"), CeilTick("ends_at"), Value(1))
        .union(elsewhere.exclude(commune=commune).order_by().busy_intervals(), all=True)
        .order_by()
    )


def _overlapping(appointments: AppointmentQuerySet, stretch: _Range) -> AppointmentQuerySet:
    """Also those that end just when the window begins: something may start there."""
    return appointments.filter(
        starts_at__lt=stretch.stop,
        blocked_until__gte=stretch.start,
        blocked_until__lt=stretch.stop + LONGEST,
    )


# ---- what needs no query -------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _equipment(text: str) -> frozenset[str]:
    return frozenset(json.loads(text))


def _by_key(rows: Iterable[tuple[int, int, int]]) -> Spans:
    spans: Spans = defaultdict(list)
    for key, start, stop in rows:
        spans[key].append((start, stop))
    return spans


def _holidays(commune: Commune, days: tuple[Day, ...]) -> frozenset[date]:
    known = public_holidays(commune.insee_code, {day.on.year for day in days})
    return frozenset(day.on for day in days if day.on in known)


def _open_spans(commune: Commune, site: Site, days: tuple[Day, ...], need: Need) -> list[Span]:
    """The openings of a site, each local day for itself: starts are counted from each midnight where it
    is open round the clock, else they would depend on the day that one looks from.

    Hours that cannot be read, which no form lets through, count as closed.
    """
    if not site.opening_hours:
        return []
    beyond = days[-1].on + timedelta(days=1 + need.blocked_ticks // 288 + 1)
    try:
        spans = hours.parse(site.opening_hours, commune.insee_code).open_spans(days[0].on, beyond, commune.tz)
    except HoursError as error:
        logger.warning("site %s: hours refused at %s: %s", site.pk, error.position, error.problem)
        return []
    midnights = [day.stop for day in days]
    return [part for span in spans for part in _cut(free_span(*span), midnights)]


def _cut(span: Span, at: list[int]) -> Iterator[Span]:
    start, stop = span
    for tick in at[bisect_right(at, start) : bisect_left(at, stop)]:
        yield start, tick
        start = tick
    yield start, stop
