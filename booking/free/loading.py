"""Fill a snapshot from the database: three queries, whatever there is of sites, helpers and days.

1. the sites with their cabins; 2. services with who is skilled in them; 3. stretches of time, in one union:
closures, faults, appointments of the commune, and where a helper is wanted, shifts, absences, and members'
appointments in other communes, as intervals without identity. A commune sees that a helper whom it
shares is taken, not where, why or by whom.

The sites are read first, with their versions: if a site's version is still the same later, all that was read
of it still holds.
"""

import json
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, Self

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Case, Exists, Func, IntegerField, OuterRef, QuerySet, TextField, Value, When
from django.db.models.functions import Cast

from agents.models import Absence, Agent, Shift
from booking.engine.snapshot import (
    ANY_DAY,
    NEVER,
    Booked,
    CabinWorld,
    DayFilter,
    HelperWorld,
    OpenDay,
    Pin,
    SiteWorld,
    SlotRequest,
    Snapshot,
    days_between,
)
from booking.engine.timeline import Span, ceil_tick, free_span, tick_start
from booking.enums import Status
from booking.models import LONGEST_DAYS, Appointment
from booking.ticks import CeilTick, FloorTick
from communes.enums import IncidentKind, WheelchairAccess
from communes.incident_rules import UNANSWERED_FOR, withdrawn_by
from communes.models import Closure, Commune, Incident, Service, Site
from communes.open_hours import hours_spans
from communes.opening.holidays import public_holidays
from core.compiled import Argument, Compiled

type SpansById = dict[int, list[Span]]
type Rows = QuerySet[Any, tuple[Any, ...]]


_NOTHING = Value(0)
_PASSED = -1


@dataclass(frozen=True, slots=True)
class Loaded:
    snapshot: Snapshot
    sites: list[Site]
    cabin_names: dict[int, str]


def load_snapshot(
    *,
    commune: Commune,
    need: SlotRequest,
    first: date,
    last: date,
    now: datetime,
    site_ids: Iterable[int] | None = None,
    without: int | None = None,
    kept: Collection[int] = (),
    suiting: DayFilter = ANY_DAY,
) -> Loaded:
    """The snapshot of a commune over the local days from `first` to `last`, both included, that suit.

    `without` is the id of an appointment to leave out: the one to be moved, which may reuse its own time.
    Those `kept` make no room for others.
    """
    days = days_between(first, last, commune.tz, suiting)
    if not days:
        raise ValueError(f"no day from {first} to {last}")
    start, stop = tick_start(days[0].start), tick_start(days[-1].stop + need.blocked_ticks)
    beyond = stop + timedelta(days=LONGEST_DAYS)
    asked: dict[str, Argument] = {
        "commune": commune.pk,
        "start": start,
        "stop": stop,
        "now": now,
        "beyond": beyond,
        "without": without or 0,
    }
    places = _places(commune, site_ids)
    equipment, skills = _services(commune)
    spans = _Spans.of(_spans_rows(**asked) if need.with_helper else _taken_rows(**asked))
    for site_id, tick in places.retired_from.items():
        spans.closures[site_id].append((tick, max(tick, ceil_tick(beyond))))
    snapshot = Snapshot(
        now=now,
        days=days,
        sites=tuple(
            SiteWorld(
                site.pk,
                _open_spans(commune, site, days, need),
                spans.closures[site.pk],
                [
                    CabinWorld(
                        cabin.id,
                        cabin.equipment,
                        cabin.in_order,
                        spans.cabins[cabin.id],
                        cabin.out_until,
                        cabin.wheelchair,
                        cabin.retired_from,
                        _faults(spans.faults[cabin.id], now),
                    )
                    for cabin in places.cabins[site.pk]
                ],
            )
            for site in places.sites
        ),
        helpers=spans.helpers(skills),
        holidays=_holidays(commune, days),
        booked=[row._replace(pin=Pin.ALL) if row.id in kept else row for row in spans.booked],
        equipment_by_service=equipment,
    )
    return Loaded(snapshot, places.sites, places.cabin_names)


# ---- the queries ----------------------------------------------------------------------------------


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
    "wheelchair",
    "version",
)


@Compiled
def _places_rows(commune: int) -> Rows:
    """Each site with each of its cabins; a site without any comes once, with None."""
    cabin = (
        "cabins__pk",
        "cabins__name",
        Cast("cabins__equipment", TextField()),
        "cabins__in_order",
        CeilTick("cabins__out_until"),
        "cabins__wheelchair",
        CeilTick("cabins__in_service_at"),
        FloorTick("cabins__retired_at"),
    )
    sites = Site.objects.filter(commune=commune, is_active=True).order_by("pk", "cabins__pk")
    return sites.values_list(*cabin, FloorTick("retired_at"), *_SITE_FIELDS)


@Compiled
def _services_rows(commune: int) -> Rows:
    """What each service needs, once for each member who is skilled in it."""
    return (
        Service.objects.filter(commune=commune)
        .order_by()
        .values_list("pk", Cast("equipment_needed", TextField()), "skilled__agent_id", "skilled__is_helper")
    )


class _Kind:
    """What a row stands for: the last column of `_taken_rows` and `_spans_rows`, after those of `Booked`."""

    BOOKED, CLOSURE, SHIFT, ABSENCE, ELSEWHERE, FAULT = range(6)


@Compiled
def _taken_rows(
    commune: int, start: datetime, stop: datetime, now: datetime, beyond: datetime, without: int
) -> Rows:
    """The appointments of the commune, the closures of its sites and the faults of its cabins."""
    rows = _booked(commune, start, stop, now, beyond, without)
    return rows.union(_closures(commune, start, stop), _faulty(commune, now), all=True).order_by()


@Compiled
def _spans_rows(
    commune: int, start: datetime, stop: datetime, now: datetime, beyond: datetime, without: int
) -> Rows:
    """The rows of `_taken_rows`, and the shifts, absences and appointments elsewhere of the members."""
    rows = _booked(commune, start, stop, now, beyond, without)
    others = (
        _closures(commune, start, stop),
        _faulty(commune, now),
        _shifts(commune, start, stop),
        _absences(commune, start, stop),
        _elsewhere(commune, start, stop, now, beyond),
    )
    return rows.union(*others, all=True).order_by()


def _booked(
    commune: int, start: datetime, stop: datetime, now: datetime, beyond: datetime, without: int
) -> Rows:
    rows = Appointment.objects.occupying(now).overlapping(start, stop)
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
                When(status__in=(Status.ARRIVED, Status.IN_SESSION, Status.CANCELLING), then=Value(Pin.ALL)),
                When(helper_chosen=True, then=Value(Pin.HELPER)),
                default=Value(Pin.NONE),
                output_field=IntegerField(),
            ),
            Value(_Kind.BOOKED),
        )
    )


def _closures(commune: int, start: datetime, stop: datetime) -> Rows:
    rows = Closure.objects.filter(site__commune=commune, starts_at__lt=stop, ends_at__gt=start)
    return _spans(rows, _Kind.CLOSURE, FloorTick("starts_at"), CeilTick("ends_at"), site="site_id")


def _faulty(commune: int, now: datetime) -> Rows:
    """The confirmed faults that are not closed, with the cabin for the site and the kind for the helper; they
    end at the expected end, at 0 where nobody knows, at `_PASSED` where it is over."""
    rows = Incident.objects.withdrawing().filter(commune=commune)
    number = Case(
        *(When(kind=kind, then=Value(n)) for n, kind in enumerate(IncidentKind)), output_field=IntegerField()
    )
    until = Case(
        When(expected_end_at=None, then=_NOTHING),
        When(expected_end_at__lte=now, then=Value(_PASSED)),
        default=CeilTick("expected_end_at"),
        output_field=IntegerField(),
    )
    return rows.order_by().values_list(
        _NOTHING, "cabin_id", number, _NOTHING, _NOTHING, until, _NOTHING, _NOTHING, Value(_Kind.FAULT)
    )


def _shifts(commune: int, start: datetime, stop: datetime) -> Rows:
    # Asked of each shift found: joined, SQLite would begin with all agents there are.
    active = Agent.objects.filter(pk=OuterRef("agent"), is_active=True)
    rows = Shift.objects.overlapping(start, stop).filter(Exists(active), site__commune=commune)
    times = CeilTick("starts_at"), FloorTick("ends_at")
    return _spans(rows, _Kind.SHIFT, *times, site="site_id", agent="agent_id")


def _absences(commune: int, start: datetime, stop: datetime) -> Rows:
    rows = Absence.objects.overlapping(start, stop).filter(agent__memberships__commune=commune)
    return _spans(rows, _Kind.ABSENCE, FloorTick("starts_at"), CeilTick("ends_at"), agent="agent_id")


def _elsewhere(commune: int, start: datetime, stop: datetime, now: datetime, beyond: datetime) -> Rows:
    """When members are taken in other communes. Nothing else is read: a commune may learn no more of
    another."""
    rows = (
        Appointment.objects.occupying(now)
        .overlapping(start, stop)
        .filter(blocked_until__lt=beyond, helper__memberships__commune=commune)
        .exclude(commune=commune)
    )
    times = FloorTick("starts_at"), CeilTick("blocked_until")
    return _spans(rows, _Kind.ELSEWHERE, *times, agent="helper_id")


def _spans(
    rows: QuerySet[Any],
    kind: int,
    start: Func,
    stop: Func,
    *,
    site: str | Value = _NOTHING,
    agent: str | Value = _NOTHING,
) -> Rows:
    """The columns of `Booked`, with a site for the cabin, and the kind."""
    return rows.order_by().values_list(
        _NOTHING, site, agent, _NOTHING, start, stop, _NOTHING, _NOTHING, Value(kind)
    )


# ---- rows into the snapshot ------------------------------------------------------------------------


class _Cabin(NamedTuple):
    id: int
    equipment: frozenset[str]
    in_order: bool
    out_until: int
    wheelchair: WheelchairAccess
    retired_from: int | None


@dataclass(frozen=True, slots=True)
class _Places:
    sites: list[Site]
    retired_from: dict[int, int]
    cabins: dict[int, list[_Cabin]]
    cabin_names: dict[int, str]


def _places(commune: Commune, site_ids: Iterable[int] | None) -> _Places:
    wanted = None if site_ids is None else frozenset(site_ids)
    sites: dict[int, Site] = {}
    cabins: dict[int, list[_Cabin]] = defaultdict(list)
    names: dict[int, str] = {}
    retired: dict[int, int] = {}
    for row in _places_rows(commune=commune.pk):
        cabin_id, name, equipment, in_order, out_until, wheelchair, begins, ends, site_ends, *columns = row
        site_id = columns[0]
        if wanted is not None and site_id not in wanted:
            continue
        if site_id not in sites:
            sites[site_id] = Site.from_db(DEFAULT_DB_ALIAS, _SITE_FIELDS, columns)
            if site_ends is not None:
                retired[site_id] = site_ends
        if cabin_id is not None:
            cabins[site_id].append(
                _Cabin(
                    cabin_id,
                    _equipment(equipment),
                    bool(in_order) or out_until is not None,
                    max(out_until or 0, begins or 0),
                    sites[site_id].wheelchair_of(wheelchair),
                    ends,
                )
            )
            names[cabin_id] = name
    return _Places(list(sites.values()), retired, cabins, names)


def _services(commune: Commune) -> tuple[dict[int, frozenset[str]], dict[int, frozenset[int]]]:
    """What each service needs, and what each helper of the commune can do."""
    equipment: dict[int, frozenset[str]] = {}
    skills: dict[int, set[int]] = defaultdict(set)
    for service_id, needed, agent_id, is_helper in _services_rows(commune=commune.pk):
        equipment[service_id] = _equipment(needed)
        if is_helper:
            skills[agent_id].add(service_id)
    return equipment, {agent_id: frozenset(services) for agent_id, services in skills.items()}


@dataclass(slots=True)
class _Spans:
    """The rows of the one statement, sorted by kind."""

    booked: list[Booked] = field(default_factory=list)
    closures: SpansById = field(default_factory=lambda: defaultdict(list))
    cabins: SpansById = field(default_factory=lambda: defaultdict(list))
    busy: SpansById = field(default_factory=lambda: defaultdict(list))
    absences: SpansById = field(default_factory=lambda: defaultdict(list))
    shifts: dict[int, SpansById] = field(default_factory=dict)
    faults: SpansById = field(default_factory=lambda: defaultdict(list))
    """By cabin, of each fault the number of its kind and its expected end."""

    @classmethod
    def of(cls, rows: Iterable[tuple[Any, ...]]) -> Self:
        found = cls()
        for pk, place, helper, service, start, stop, blocked, pin, kind in rows:
            if kind == _Kind.BOOKED:
                found.booked.append(Booked(pk, place, helper, service, start, stop, blocked, pin))
                found.cabins[place].append(kept := (start, blocked))
                if helper is not None:
                    found.busy[helper].append(kept)
            else:
                found._add(kind, place, helper, (start, stop))
        return found

    def _add(self, kind: int, site_id: int, agent_id: int, span: Span) -> None:
        if kind == _Kind.CLOSURE:
            self.closures[site_id].append(span)
        elif kind == _Kind.FAULT:
            self.faults[site_id].append((agent_id, span[1]))
        elif kind == _Kind.SHIFT:
            self.shifts.setdefault(agent_id, {}).setdefault(site_id, []).append(span)
        else:
            (self.absences if kind == _Kind.ABSENCE else self.busy)[agent_id].append(span)

    def helpers(self, skills: dict[int, frozenset[int]]) -> tuple[HelperWorld, ...]:
        """Everyone on shift: those without the skill matter too, for exchanges."""
        return tuple(
            HelperWorld(
                agent_id,
                skills.get(agent_id, frozenset()),
                self.shifts[agent_id],
                self.absences[agent_id],
                self.busy[agent_id],
            )
            for agent_id in sorted(self.shifts)
        )


def _faults(rows: Iterable[Span], now: datetime) -> list[tuple[str, int]]:
    """The equipment that does not work, each with the tick before which nothing begins that needs it."""
    ends = {0: NEVER, _PASSED: ceil_tick(now + UNANSWERED_FOR)}
    return [(code, ends.get(until, until)) for number, until in rows for code in withdrawn_by(_KINDS[number])]


_KINDS = tuple(IncidentKind)


@lru_cache(maxsize=1024)
def _equipment(text: str) -> frozenset[str]:
    return frozenset(json.loads(text))


def _holidays(commune: Commune, days: tuple[OpenDay, ...]) -> frozenset[date]:
    known = public_holidays(commune.insee_code, {day.on.year for day in days})
    return frozenset(day.on for day in days if day.on in known)


def _open_spans(commune: Commune, site: Site, days: tuple[OpenDay, ...], need: SlotRequest) -> list[Span]:
    """The openings of a site, cut at each local midnight. A site that is open round the clock so counts its
    starts from each midnight; else they would depend on the first day of the search."""
    beyond = days[-1].on + timedelta(days=1 + need.blocked_ticks // 288 + 1)
    spans = hours_spans(site, commune, days[0].on, beyond)
    midnights = sorted({midnight for day in days for midnight in (day.start, day.stop)})
    return [part for span in spans for part in _cut(free_span(*span), midnights)]


def _cut(span: Span, at: list[int]) -> Iterator[Span]:
    start, stop = span
    for tick in at[bisect_right(at, start) : bisect_left(at, stop)]:
        yield start, tick
        start = tick
    yield start, stop
