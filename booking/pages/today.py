"""« Aujourd’hui »: the cabins and helpers of every site on one time axis, and the situation right now.

Nine queries including those for the sites, however many cabins, helpers and visits there are.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from agents.models import Agent
from booking.delays import read_late_starts
from booking.engine.gaps import Gap
from booking.engine.snapshot import CabinWorld, HelperWorld, SiteWorld
from booking.engine.timeline import Mask, Span, Window, ceil_tick, floor_tick, mask_of, tick_start
from booking.enums import LIVE, Status
from booking.free.vacancies import DayVacancies, read_vacancies
from booking.models import LONGEST_DAYS, Appointment
from booking.pages.axis import Block, BlockKind, Hour, Layer, axis, hours, lane, share
from booking.pages.my_day import LATE_AFTER
from communes.models import Cabin, Commune, Site
from core.days import day_span

SOON = timedelta(minutes=60)
"""How long before its start a visit is listed as expected."""


@dataclass(frozen=True)
class DeskVisit:
    """An appointment at the present instant. `late_start`: its expected start, if its helper is late;
    `lacks_helper`: its helper is not on duty then."""

    appointment: Appointment
    now: datetime
    late_start: datetime | None = None
    lacks_helper: bool = False

    @property
    def is_late(self) -> bool:
        """The resident has not come, `LATE_AFTER` past the start (expected start, if the helper is late)."""
        begins = self.late_start or self.appointment.starts_at
        return self.appointment.status == Status.BOOKED and self.now >= begins + LATE_AFTER

    @property
    def begins_late(self) -> datetime | None:
        """The expected start, while it is in the future and the visit has not begun."""
        waits = self.appointment.status in (Status.BOOKED, Status.ARRIVED)
        return self.late_start if waits and self.late_start and self.late_start > self.now else None

    @property
    def has_begun(self) -> bool:
        return self.now >= self.appointment.starts_at

    @property
    def is_over_time(self) -> bool:
        return self.appointment.status == Status.IN_SESSION and self.now >= self.appointment.ends_at

    @property
    def waits_min(self) -> int:
        since = self.appointment.arrived_at or self.now
        return max(0, int((self.now - since).total_seconds() // 60))

    @property
    def over_min(self) -> int:
        return int((self.now - self.appointment.ends_at).total_seconds() // 60)


@dataclass(frozen=True)
class LaneCell:
    block: Block
    visit: DeskVisit | None = None
    gap: Gap | None = None


@dataclass(frozen=True)
class Lane:
    """The day of one cabin, or of one helper at one site."""

    cells: list[LaneCell]
    cabin: Cabin | None = None
    helper: Agent | None = None

    @property
    def gap_now(self) -> Gap | None:
        return next((cell.gap for cell in self.cells if cell.gap and cell.gap.is_now), None)


@dataclass(frozen=True)
class SiteLanes:
    site: Site
    cabins: list[Lane]
    helpers: list[Lane]
    is_open: bool
    count: int


@dataclass(frozen=True)
class PresentState:
    """The present situation: residents who wait, are late, in session or expected soon, and the free gaps."""

    waiting: list[DeskVisit]
    late: list[DeskVisit]
    in_session: list[DeskVisit]
    soon: list[DeskVisit]
    free: list[tuple[Site, Lane, Gap]]


@dataclass(frozen=True)
class Today:
    on: date
    now: datetime
    hours: list[Hour]
    ticks: int
    sites: list[SiteLanes]
    present: float | None
    moment: PresentState | None

    @property
    def residents(self) -> list[int | None]:
        """The ids of those who are shown in the lanes and at the present moment."""
        lanes = [lane for each in self.sites for lane in (*each.cabins, *each.helpers)]
        shown = [cell.visit for lane in lanes for cell in lane.cells]
        if self.moment is not None:
            shown += [*self.moment.waiting, *self.moment.late, *self.moment.in_session, *self.moment.soon]
        return [visit.appointment.resident_id for visit in shown if visit is not None]


def read_today(*, commune: Commune, sites: Sequence[Site], on: date, now: datetime) -> Today:
    """Read the day. `sites` need their cabins prefetched; `moment` is None unless the day is today."""
    rows = read_rows(commune, sites, on, now)
    known = read_vacancies(commune=commune, on=on, now=now, sessions=rows)
    late = read_late_starts(commune=commune, on=on)
    visits = [DeskVisit(row, now, late.get(row.pk), known.lacks_helper(row)) for row in rows]
    book = _Book(known, [visit for visit in visits if _is_on(visit.appointment, known)])
    window = axis(book.spans(sites), known.day, commune.tz)
    days = [book.site_day(site, window) for site in sites]
    is_today = on == commune.local(now).date()
    return Today(
        on=on,
        now=now,
        hours=hours(window, commune.tz),
        ticks=window.ticks,
        sites=days,
        present=share(window, now),
        moment=_moment(visits, days) if is_today else None,
    )


def read_rows(commune: Commune, sites: Sequence[Site], on: date, now: datetime) -> list[Appointment]:
    """The visits of a day, and sessions still running; without cancelled visits and expired holds."""
    start, end = day_span(on, commune.tz)
    of_the_day = Q(
        starts_at__gte=start - timedelta(days=LONGEST_DAYS), starts_at__lt=end, blocked_until__gt=start
    )
    rows = (
        Appointment.objects.filter(commune=commune, site__in=sites)
        .filter(of_the_day | Q(status=Status.IN_SESSION))
        .exclude(status__in=(Status.CANCELLED, Status.LAPSED))
        .exclude(status=Status.HELD, held_until__lte=now)
    )
    return list(
        rows.select_related("resident", "service", "helper", "cabin", "site").order_by("starts_at", "id")
    )


def _is_on(row: Appointment, known: DayVacancies) -> bool:
    return floor_tick(row.starts_at) < known.day.stop and ceil_tick(row.blocked_until) > known.day.start


def _moment(visits: Sequence[DeskVisit], days: Iterable[SiteLanes]) -> PresentState:
    def those(status: Status) -> list[DeskVisit]:
        return [visit for visit in visits if visit.appointment.status == status]

    expected = those(Status.BOOKED)
    lanes = [(day.site, each) for day in days for each in (*day.cabins, *day.helpers)]
    return PresentState(
        waiting=sorted(
            those(Status.ARRIVED), key=lambda each: each.appointment.arrived_at or each.appointment.starts_at
        ),
        late=[visit for visit in expected if visit.is_late],
        in_session=sorted(those(Status.IN_SESSION), key=lambda each: each.appointment.ends_at),
        soon=[
            visit
            for visit in expected
            if not visit.is_late and visit.appointment.starts_at < visit.now + SOON
        ],
        free=[(site, each, gap) for site, each in lanes if (gap := each.gap_now)],
    )


class _Book:
    """The data of one day, from which lanes are built."""

    def __init__(self, known: DayVacancies, visits: list[DeskVisit]) -> None:
        self.known = known
        self.visits = {visit.appointment.pk: visit for visit in visits}
        self.by_cabin: dict[int, list[DeskVisit]] = defaultdict(list)
        self.by_helper: dict[tuple[int, int], list[DeskVisit]] = defaultdict(list)
        self.names: dict[int, Agent] = dict(known.helpers)
        for visit in visits:
            row = visit.appointment
            self.by_cabin[row.cabin_id].append(visit)
            if row.helper is not None:
                self.by_helper[row.site_id, row.helper.pk].append(visit)
                self.names[row.helper.pk] = row.helper

    def spans(self, sites: Iterable[Site]) -> list[Span]:
        """The spans that the time axis must contain."""
        wanted = {site.pk for site in sites}
        day = self.known.day
        found = [(_begun(visit), ceil_tick(visit.appointment.ends_at)) for visit in self.visits.values()]
        for site_id in wanted & self.known.sites.keys():
            found += self.known.sites[site_id].open_spans
            for helper in self.known.snapshot.helpers:
                found += helper.shifts.get(site_id, ())
        return [span for span in found if span[0] < day.stop and span[1] > day.start]

    def site_day(self, site: Site, window: Window) -> SiteLanes:
        snapshot = self.known.sites[site.pk]
        cabins = {cabin.id: cabin for cabin in snapshot.cabins}
        opened = _opened(window, snapshot)
        begins, ends = tick_start(self.known.day.start), tick_start(self.known.day.stop)
        of_cabins = [
            self._cabin(window, snapshot, cabins[each.pk], each)
            for each in site.cabins.all()
            if each.pk in self.by_cabin or each.is_there(begins, ends)
        ]
        on_duty = [
            helper.id
            for helper in self.known.snapshot.helpers
            if mask_of(window, helper.shifts.get(site.pk, ()))
        ]
        live = [
            helper_id
            for (site_id, helper_id), visits in self.by_helper.items()
            if site_id == site.pk and any(visit.appointment.status in LIVE for visit in visits)
        ]
        people = sorted({*on_duty, *live}, key=lambda pk: (self.names[pk].first_name, pk))
        return SiteLanes(
            site=site,
            cabins=of_cabins,
            helpers=[self._helper(window, snapshot, pk) for pk in people],
            is_open=bool(opened),
            count=sum(1 for visit in self.visits.values() if _counts(visit, site)),
        )

    def _cabin(self, window: Window, site: SiteWorld, snapshot: CabinWorld, cabin: Cabin) -> Lane:
        closed = Layer(BlockKind.CLOSED, window.everything & ~_opened(window, site))
        gaps = self.known.vacancies.of_cabin(site, snapshot)
        layers = [*self._visits(window, self.by_cabin[cabin.pk]), closed]
        outs = [(window.start, snapshot.out_until), *snapshot.retirement(window.stop)]
        out = mask_of(window, outs) if snapshot.in_order else window.everything
        layers.append(Layer(BlockKind.OUT_OF_ORDER, out))
        return Lane(self._cells(window, layers, gaps), cabin=cabin)

    def _helper(self, window: Window, site: SiteWorld, helper_id: int) -> Lane:
        layers = self._visits(window, self.by_helper[site.id, helper_id])
        known = self.known.helper_worlds.get(helper_id)
        snapshot = known or HelperWorld(helper_id, frozenset(), {})
        layers += [
            Layer(BlockKind.OFF, window.everything & ~mask_of(window, snapshot.shifts.get(site.id, ()))),
            Layer(BlockKind.ABSENT, mask_of(window, snapshot.absences)),
            Layer(BlockKind.ELSEWHERE, mask_of(window, snapshot.busy)),
            Layer(BlockKind.CLOSED, window.everything & ~_opened(window, site)),
        ]
        gaps = self.known.vacancies.of_helper(site, snapshot) if known else []
        return Lane(self._cells(window, layers, gaps), helper=self.names[helper_id])

    def _visits(self, window: Window, visits: Sequence[DeskVisit]) -> list[Layer]:
        """The layers of the visits. First live visits, extended where they began early or run over time; then
        visits that are over, where no live visit replaced them; then turnarounds."""
        live = [visit for visit in visits if visit.appointment.status in LIVE]
        planned = {visit.appointment.pk: mask_of(window, [_span(visit)]) for visit in live}
        taken = 0
        for mask in planned.values():
            taken |= mask
        layers = [
            Layer(
                BlockKind.VISIT,
                planned[visit.appointment.pk] | (mask_of(window, [_lasting(visit)]) & ~taken),
                visit.appointment.pk,
            )
            for visit in live
        ]
        over = [visit for visit in visits if visit.appointment.status not in LIVE]
        layers += [
            Layer(BlockKind.TRACE, mask_of(window, [_trace(each)]), each.appointment.pk) for each in over
        ]
        readying: Mask = mask_of(
            window,
            [
                (ceil_tick(visit.appointment.ends_at), ceil_tick(visit.appointment.blocked_until))
                for visit in live
            ],
        )
        return [*layers, Layer(BlockKind.READYING, readying)]

    def _cells(self, window: Window, layers: list[Layer], gaps: Iterable[Gap]) -> list[LaneCell]:
        useful = {gap.start: gap for gap in gaps if gap.is_useful}
        free = [
            Layer(BlockKind.GAP, mask_of(window, [(gap.start, gap.stop)]), gap.start)
            for gap in useful.values()
        ]
        blocks = lane(window, [*layers, *free, Layer(BlockKind.REST, window.everything)])
        return [
            LaneCell(
                block,
                visit=self.visits[block.ref] if block.kind in (BlockKind.VISIT, BlockKind.TRACE) else None,
                gap=useful[block.ref] if block.kind == BlockKind.GAP else None,
            )
            for block in blocks
        ]


def _opened(window: Window, site: SiteWorld) -> Mask:
    return mask_of(window, site.open_spans) & ~mask_of(window, site.closures)


def _span(visit: DeskVisit) -> Span:
    return floor_tick(visit.appointment.starts_at), ceil_tick(visit.appointment.ends_at)


def _begun(visit: DeskVisit) -> int:
    """The tick when the visit begins: of a session begun before its hour, when it really began."""
    row = visit.appointment
    return floor_tick(min(row.starts_at, row.started_at or row.starts_at))


def _lasting(visit: DeskVisit) -> Span:
    """The visit's span, from its real beginning if that was early, to the present tick if it runs over."""
    stop = _span(visit)[1]
    return _begun(visit), max(stop, floor_tick(visit.now) + 1) if visit.is_over_time else stop


def _trace(visit: DeskVisit) -> Span:
    """The real span of a finished session; for a visit that did not take place, its span up to now."""
    row = visit.appointment
    start, stop = _span(visit)
    if row.status == Status.DONE:
        return _begun(visit), ceil_tick(row.ended_at or row.ends_at)
    return start, min(stop, floor_tick(visit.now) + 1)


def _counts(visit: DeskVisit, site: Site) -> bool:
    row = visit.appointment
    return row.site_id == site.pk and row.status != Status.HELD and not row.is_called_off
