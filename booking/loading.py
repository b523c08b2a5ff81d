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
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Case, IntegerField, QuerySet, TextField, Value, When
from django.db.models.functions import Cast

from agents.models import Absence, Shift
from booking.compiled import Argument, Compiled
from booking.enums import Status
from booking.models import LONGEST_DAYS, Appointment
from booking.ticks import CeilTick, FloorTick
from booking.timeline import Span, free_span, tick_start
from booking.world import Booked, CabinWorld, Day, HelperWorld, Need, Pin, SiteWorld, World, days_between
from communes import hours
from communes.errors import HoursError
from communes.holidays import public_holidays
from communes.models import Closure, Commune, Service, Site

logger = getLogger(__name__)

type Spans = dict[int, list[Span]]
type Rows = QuerySet[Any, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Loaded:
    world: World
    sites: list[Site]


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
    if last < first:
        raise ValueError(f"no day from {first} to {last}")
    days = days_between(first, last, commune.tz)
    start, stop = tick_start(days[0].start), tick_start(days[-1].stop + need.blocked_ticks)
    asked: dict[str, Argument] = {"commune": commune.pk, "start": start, "stop": stop}
    seen: dict[str, Argument] = {**asked, "now": now, "beyond": stop + timedelta(days=LONGEST_DAYS)}
    sites, cabins = _places(commune, site_ids)
    closures = _by_key(_closures_rows(**asked))
    equipment, skills = _services(commune)
    booked = [Booked._make(row) for row in _booked_rows(**seen, without=without or 0)]
    cabin_busy, helper_busy = _busy(booked)
    helpers: tuple[HelperWorld, ...] = ()
    if need.with_helper:
        helpers = _helpers(_shifts_rows(**asked), _away_rows(**seen), skills, helper_busy)
    world = World(
        now=now,
        days=days,
        sites=tuple(
            SiteWorld(
                site.pk,
                _open_spans(commune, site, days, need),
                closures[site.pk],
                [CabinWorld(*cabin, cabin_busy[cabin.id]) for cabin in cabins[site.pk]],
            )
            for site in sites
        ),
        helpers=helpers,
        holidays=_holidays(commune, days),
        booked=booked,
        equipment_by_service=equipment,
    )
    return Loaded(world, sites)


# ---- one query each ------------------------------------------------------------------------------


_SITE_FIELDS = (
    "id",
    "commune_id",
    "ref",
    "name",
    "short_name",
    "address",
    "address_extra",
    "postal_code",
    "city",
    "phone",
    "opening_hours",
)


@Compiled
def _places_rows(commune: int) -> Rows:
    """Each site with each of its cabins; a site without any comes once, with None."""
    return (
        Site.objects.filter(commune=commune, is_active=True)
        .order_by("pk", "cabins__pk")
        .values_list("cabins__pk", Cast("cabins__equipment", TextField()), "cabins__in_order", *_SITE_FIELDS)
    )


@Compiled
def _closures_rows(commune: int, start: datetime, stop: datetime) -> Rows:
    rows = Closure.objects.filter(site__commune=commune, starts_at__lt=stop, ends_at__gt=start)
    return rows.order_by().values_list("site_id", FloorTick("starts_at"), CeilTick("ends_at"))


@Compiled
def _services_rows(commune: int) -> Rows:
    """What each service needs, once for each member who is skilled in it."""
    return (
        Service.objects.filter(commune=commune)
        .order_by()
        .values_list("pk", Cast("equipment_needed", TextField()), "skilled__agent_id", "skilled__is_helper")
    )


@Compiled
def _booked_rows(
    commune: int, start: datetime, stop: datetime, now: datetime, beyond: datetime, without: int
) -> Rows:
    """The fields of `Booked`."""
    rows = Appointment.objects.keeping(now).overlapping(start, stop)
    return (
        rows.filter(blocked_until__lt=beyond, commune=commune)
        .exclude(pk=without)
        .order_by()
        .values_list(
            "pk",
            "cabin_id",
            "helper_id",
            "service_id",
            FloorTick("starts_at"),
            CeilTick("ends_at"),
            CeilTick("blocked_until"),
            Case(
                When(status__in=(Status.ARRIVED, Status.IN_SESSION), then=Value(Pin.ALL)),
                When(helper_chosen=True, then=Value(Pin.HELPER)),
                default=Value(Pin.NONE),
                output_field=IntegerField(),
            ),
        )
    )


@Compiled
def _shifts_rows(commune: int, start: datetime, stop: datetime) -> Rows:
    rows = Shift.objects.overlapping(start, stop).filter(site__commune=commune, agent__is_active=True)
    return rows.order_by().values_list("agent_id", "site_id", CeilTick("starts_at"), FloorTick("ends_at"))


@Compiled
def _away_rows(commune: int, start: datetime, stop: datetime, now: datetime, beyond: datetime) -> Rows:
    """Absences of members, and their appointments in other communes: who, from when, until when, and
    which of the two."""
    absences = Absence.objects.overlapping(start, stop).filter(agent__memberships__commune=commune)
    elsewhere = (
        Appointment.objects.keeping(now)
        .overlapping(start, stop)
        .filter(blocked_until__lt=beyond, helper__memberships__commune=commune)
    )
    return (
        absences.order_by()
        .values_list("agent_id", FloorTick("starts_at"), CeilTick("ends_at"), Value(1))
        .union(elsewhere.exclude(commune=commune).order_by().busy_intervals(), all=True)
        .order_by()
    )


# ---- rows into worlds ----------------------------------------------------------------------------


class _Cabin(NamedTuple):
    id: int
    equipment: frozenset[str]
    in_order: bool


def _places(commune: Commune, site_ids: Iterable[int] | None) -> tuple[list[Site], dict[int, list[_Cabin]]]:
    wanted = None if site_ids is None else frozenset(site_ids)
    sites: dict[int, Site] = {}
    cabins: dict[int, list[_Cabin]] = defaultdict(list)
    for cabin_id, equipment, in_order, *columns in _places_rows(commune=commune.pk):
        site_id = columns[0]
        if wanted is not None and site_id not in wanted:
            continue
        if site_id not in sites:
            sites[site_id] = Site.from_db(DEFAULT_DB_ALIAS, _SITE_FIELDS, columns)
        if cabin_id is not None:
            cabins[site_id].append(_Cabin(cabin_id, _equipment(equipment), bool(in_order)))
    return list(sites.values()), cabins


def _services(commune: Commune) -> tuple[dict[int, frozenset[str]], dict[int, frozenset[int]]]:
    """What each service needs, and what each helper of the commune can do."""
    equipment: dict[int, frozenset[str]] = {}
    skills: dict[int, set[int]] = defaultdict(set)
    for service_id, needed, agent_id, is_helper in _services_rows(commune=commune.pk):
        equipment[service_id] = _equipment(needed)
        if is_helper:
            skills[agent_id].add(service_id)
    return equipment, {agent_id: frozenset(services) for agent_id, services in skills.items()}


def _busy(booked: Iterable[Booked]) -> tuple[Spans, Spans]:
    cabins: Spans = defaultdict(list)
    helpers: Spans = defaultdict(list)
    for _, cabin_id, helper_id, _, start, _, blocked, _ in booked:
        span = start, blocked
        cabins[cabin_id].append(span)
        if helper_id is not None:
            helpers[helper_id].append(span)
    return cabins, helpers


def _helpers(
    shift_rows: Iterable[tuple[int, ...]],
    away: Iterable[tuple[int, ...]],
    skills: dict[int, frozenset[int]],
    busy: Spans,
) -> tuple[HelperWorld, ...]:
    """Everyone on shift: those without the skill matter too, for exchanges."""
    shifts: dict[int, Spans] = {}
    for agent_id, site_id, start, stop in shift_rows:
        shifts.setdefault(agent_id, {}).setdefault(site_id, []).append((start, stop))
    absences: Spans = defaultdict(list)
    for agent_id, start, stop, is_absence in away:
        (absences if is_absence else busy)[agent_id].append((start, stop))
    return tuple(
        HelperWorld(
            agent_id,
            skills.get(agent_id, frozenset()),
            shifts[agent_id],
            absences[agent_id],
            busy[agent_id],
        )
        for agent_id in sorted(shifts)
    )


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
