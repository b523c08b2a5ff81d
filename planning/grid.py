"""A week of helpers and days, read whole: shifts, absences, hours, warnings, and what is covered.

Eight queries, however many helpers.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.enums import AbsenceKind
from agents.models import Absence, Agent, Membership, Shift
from agents.rota import (
    AVERAGE_WEEKS,
    Away,
    Clash,
    Rule,
    Warn,
    Work,
    conflicts,
    minutes_by_week,
    rest_warnings,
)
from agents.team import site_colours
from booking.models import Appointment
from communes.days import Week, day_span
from communes.localtime import Span, merged
from communes.models import Closure, Commune, Site
from planning.orphans import Orphan, open_spans, orphans
from planning.travel import travel_time

RULES: dict[Rule, str | Promise] = {
    Rule.WEEK_48_H: _("more than 48 h this week"),
    Rule.AVERAGE_44_H: _("more than 44 h a week over 12 weeks"),
    Rule.DAY_10_H: _("more than 10 h in a day"),
    Rule.SPREAD_12_H: _("a day spread over more than 12 h"),
    Rule.DAILY_REST_11_H: _("less than 11 h of rest before a day"),
    Rule.WEEKLY_REST_35_H: _("less than 35 h of weekly rest"),
    Rule.BREAK_AFTER_6_H: _("6 h of work without a break of 20 min"),
}


@dataclass(frozen=True)
class Stay:
    """A shift in a cell. In another commune, only its hours are known."""

    shift: Shift
    colour: int
    is_ours: bool
    note: str | Promise = ""

    @property
    def starts_at(self) -> datetime:
        return self.shift.starts_at


@dataclass(frozen=True)
class Leave:
    """An absence on one day, cut to it; None where it reaches over the edge."""

    absence: Absence
    starts_at: datetime | None
    ends_at: datetime | None
    is_ours: bool

    @property
    def label(self) -> str | Promise:
        kind = AbsenceKind(self.absence.kind)
        return kind.label if self.is_ours and kind != AbsenceKind.OTHER else _("away")


@dataclass
class Cell:
    day: date
    stays: list[Stay] = field(default_factory=list)
    leaves: list[Leave] = field(default_factory=list)


@dataclass
class Row:
    agent: Agent
    contract_minutes: int | None
    minutes: int
    cells: list[Cell]
    warnings: list[str | Promise]

    @property
    def is_over(self) -> bool:
        return self.contract_minutes is not None and self.minutes > self.contract_minutes


@dataclass(frozen=True)
class Half:
    """A half-day at a place: how many helpers there are, of how many are needed."""

    is_open: bool
    present: int
    needed: int

    @property
    def is_short(self) -> bool:
        return self.is_open and self.present < self.needed


@dataclass
class Cover:
    """A day at a place."""

    day: date
    morning: Half
    afternoon: Half
    orphans: int = 0

    @property
    def halves(self) -> list[tuple[str, Half]]:
        return [("morning", self.morning), ("afternoon", self.afternoon)]

    @property
    def is_open(self) -> bool:
        return self.morning.is_open or self.afternoon.is_open

    @property
    def is_short(self) -> bool:
        return self.morning.is_short or self.afternoon.is_short


@dataclass
class SiteRow:
    site: Site
    colour: int
    covers: list[Cover]


@dataclass
class Grid:
    week: Week
    days: list[date]
    rows: list[Row]
    sites: list[SiteRow]
    orphans: list[Orphan]

    @property
    def by_day(self) -> list[tuple[date, list[tuple[Agent, Cell]], list[tuple[SiteRow, Cover]]]]:
        """The same for a narrow screen: one list per day."""
        return [
            (
                day,
                [(row.agent, row.cells[n]) for row in self.rows if row.cells[n].stays or row.cells[n].leaves],
                [(row, row.covers[n]) for row in self.sites],
            )
            for n, day in enumerate(self.days)
        ]

    @property
    def is_empty(self) -> bool:
        return not any(cell.stays for row in self.rows for cell in row.cells)


def read_grid(commune: Commune, week: Week, *, now: datetime, site_id: int | None = None) -> Grid:
    """`site_id`: only the shifts at this place, and only its coverage."""
    start, end = week.span(commune.tz)
    sites = {site.pk: site for site in commune.sites.filter(is_active=True)}
    colours = site_colours(commune)
    members = list(
        Membership.objects.filter(commune=commune, is_helper=True, agent__is_active=True)
        .select_related("agent")
        .order_by("agent__first_name", "agent__last_name", "agent_id")
    )
    agent_ids = [member.agent_id for member in members]
    since = start - timedelta(weeks=AVERAGE_WEEKS)
    shifts = list(
        Shift.objects.filter(agent__in=agent_ids)
        .overlapping(since, end + timedelta(weeks=1))
        .select_related("site")
    )
    absences = list(Absence.objects.filter(agent__in=agent_ids).overlapping(start, end))
    lost = orphans(commune, max(now, start), end) if now < end else []
    book = _Book(commune, week, shifts, absences, colours)
    rows = [book.row(member, site_id) for member in members]
    shown = [site for pk, site in sites.items() if site_id in (None, pk)]
    covers = _cover(commune, week, shown, book, lost)
    days = [
        day
        for index, day in enumerate(week.days)
        if index < 5
        or any(row.cells[index].stays for row in rows)
        or any(each[index].is_open for each in covers.values())
    ]
    keep = [week.days.index(day) for day in days]
    for row in rows:
        row.cells = [row.cells[index] for index in keep]
    return Grid(
        week=week,
        days=days,
        rows=rows,
        sites=[SiteRow(site, colours[site.pk], [covers[site.pk][i] for i in keep]) for site in shown],
        orphans=lost,
    )


class _Book:
    """All that is known of the agents around a week, by agent."""

    def __init__(
        self,
        commune: Commune,
        week: Week,
        shifts: Iterable[Shift],
        absences: Iterable[Absence],
        colours: dict[int, int],
    ) -> None:
        self.commune, self.week, self.colours = commune, week, colours
        self.shifts: dict[int, list[Shift]] = defaultdict(list)
        for shift in shifts:
            self.shifts[shift.agent_id].append(shift)
        self.absences: dict[int, list[Absence]] = defaultdict(list)
        for absence in absences:
            self.absences[absence.agent_id].append(absence)

    def row(self, member: Membership, site_id: int | None) -> Row:
        agent_id = member.agent_id
        notes = self._notes(agent_id)
        worked = [span for shift in self.shifts[agent_id] for span in self.worked(shift)]
        monday = self.week.monday
        ours = [
            span
            for shift in self.shifts[agent_id]
            if shift.site_id in self.colours
            for span in self.worked(shift)
        ]
        hours = member.weekly_hours
        return Row(
            agent=member.agent,
            contract_minutes=None if hours is None else round(hours * 60),
            minutes=minutes_by_week(ours, [monday], self.commune.tz)[monday],
            cells=[self._cell(agent_id, day, site_id, notes) for day in self.week.days],
            warnings=_said(rest_warnings(worked, monday, self.week.after, self.commune.tz)),
        )

    def worked(self, shift: Shift) -> list[Span]:
        """The shift without the absences in it."""
        spans = [(shift.starts_at, shift.ends_at)]
        for absence in self.absences[shift.agent_id]:
            spans = [
                piece
                for start, end in spans
                for piece in ((start, min(end, absence.starts_at)), (max(start, absence.ends_at), end))
                if piece[0] < piece[1]
            ]
        return merged(spans)

    def _notes(self, agent_id: int) -> dict[int, str | Promise]:
        """What stands against a shift: an absence, too short a way."""
        sites = {shift.site_id: shift.site for shift in self.shifts[agent_id]}
        works = {
            Work(agent_id, shift.site_id, shift.starts_at, shift.ends_at): shift.pk
            for shift in self.shifts[agent_id]
        }
        found = conflicts(
            works,
            [Away(agent_id, each.starts_at, each.ends_at) for each in self.absences[agent_id]],
            lambda here, there: travel_time(sites[here], sites[there]),
        )
        notes: dict[int, str | Promise] = {}
        for conflict in found:
            if conflict.kind == Clash.AWAY:
                notes[works[conflict.work]] = _("absent")
            elif isinstance(conflict.other, Work):
                notes.setdefault(works[conflict.other], _("little time to get there"))
        return notes

    def _cell(self, agent_id: int, day: date, site_id: int | None, notes: dict[int, str | Promise]) -> Cell:
        start, end = day_span(day, self.commune.tz)
        stays = [
            Stay(
                shift,
                self.colours.get(shift.site_id, 0),
                is_ours=shift.site_id in self.colours,
                note=notes.get(shift.pk, ""),
            )
            for shift in self.shifts[agent_id]
            if start <= shift.starts_at < end and site_id in (None, shift.site_id)
        ]
        leaves = [
            Leave(
                absence,
                absence.starts_at if absence.starts_at > start else None,
                absence.ends_at if absence.ends_at < end else None,
                is_ours=absence.commune_id == self.commune.pk,
            )
            for absence in self.absences[agent_id]
            if absence.starts_at < end and absence.ends_at > start
        ]
        return Cell(day, stays, leaves)


def _said(warnings: Iterable[Warn]) -> list[str | Promise]:
    return [RULES[rule] for rule in dict.fromkeys(warn.rule for warn in warnings)]


# ---- what is covered -------------------------------------------------------------------------------


def _cover(
    commune: Commune, week: Week, sites: list[Site], book: _Book, lost: list[Orphan]
) -> dict[int, list[Cover]]:
    """By site, the seven days. Needed: one helper while the place is open, and as many as are booked
    at once."""
    start, end = week.span(commune.tz)
    closures: dict[int, list[Span]] = defaultdict(list)
    for closure in Closure.objects.filter(site__commune=commune, starts_at__lt=end, ends_at__gt=start):
        closures[closure.site_id].append((closure.starts_at, closure.ends_at))
    booked: dict[int, list[Span]] = defaultdict(list)
    with_helper = Appointment.objects.live().filter(
        commune=commune, with_helper=True, starts_at__gte=start, starts_at__lt=end
    )
    for site_id, first, last in with_helper.values_list("site_id", "starts_at", "ends_at"):
        booked[site_id].append((first, last))
    present: dict[int, list[tuple[int, Span]]] = defaultdict(list)
    for shifts in book.shifts.values():
        for shift in shifts:
            present[shift.site_id] += [(shift.agent_id, span) for span in book.worked(shift)]
    found = {}
    for site in sites:
        opening = [
            piece
            for span in open_spans(site, commune, start, end)
            for piece in _without(span, closures[site.pk])
        ]
        found[site.pk] = [
            _cover_of(day, site, commune, opening, present[site.pk], booked[site.pk], lost)
            for day in week.days
        ]
    return found


def _cover_of(
    day: date,
    site: Site,
    commune: Commune,
    opening: list[Span],
    present: list[tuple[int, Span]],
    booked: list[Span],
    lost: list[Orphan],
) -> Cover:
    morning, afternoon = (_half(half, opening, present, booked) for half in _halves(day, commune))
    orphaned = sum(1 for orphan in lost if _is_on(orphan.appointment, site, day, commune))
    return Cover(day, morning, afternoon, orphaned)


def _half(half: Span, opening: list[Span], present: list[tuple[int, Span]], booked: list[Span]) -> Half:
    hours = [span for span in opening if _meet(span, half)]
    there = {agent_id for agent_id, span in present if any(_meet(span, part) for part in _cut(hours, half))}
    at_once = _most_at_once([span for span in booked if half[0] <= span[0] < half[1]])
    return Half(is_open=bool(hours), present=len(there), needed=max(1, at_once))


def _halves(day: date, commune: Commune) -> list[Span]:
    start, end = day_span(day, commune.tz)
    noon = datetime.combine(day, time(12), commune.tz)
    return [(start, noon), (noon, end)]


def _meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and one[1] > other[0]


def _cut(spans: list[Span], by: Span) -> list[Span]:
    return [(max(start, by[0]), min(end, by[1])) for start, end in spans]


def _without(span: Span, closed: list[Span]) -> list[Span]:
    pieces = [span]
    for first, last in closed:
        pieces = [
            piece
            for start, end in pieces
            for piece in ((start, min(end, first)), (max(start, last), end))
            if piece[0] < piece[1]
        ]
    return merged(pieces)


def _most_at_once(spans: list[Span]) -> int:
    return max((sum(1 for other in spans if other[0] <= span[0] < other[1]) for span in spans), default=0)


def _is_on(appointment: Appointment, site: Site, day: date, commune: Commune) -> bool:
    return appointment.site_id == site.pk and commune.local(appointment.starts_at).date() == day
