"""One week of the team, by helper and day: shifts, absences, hours, warnings, and coverage.

Ten queries, however many helpers.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

from agents.models import Agent
from agents.rules.rota import PlannedShift, minutes_by_week
from communes.models import Commune, Site
from communes.opening.holidays import holiday_name
from core.days import Week
from planning.actions.publishing import unpublished
from planning.cover import DayCover, SiteRow, read_cover
from planning.orphans import Orphan, orphans
from planning.presence import DayCell, DraftShift, OtherPlace, Presence


@dataclass
class TeamRow:
    agent: Agent
    weekly_minutes: int | None
    """Of the contract; `due_minutes` are what is left of them this week."""
    due_minutes: int | None
    minutes: int
    cells: list[DayCell]
    warnings: list[str]
    home: Site | None
    """Where they have worked most in these weeks and the twelve before."""
    last_on: date | None
    """The last day of a helper who leaves."""

    @property
    def over(self) -> int:
        """The minutes beyond what is due."""
        return max(0, self.minutes - self.due_minutes) if self.due_minutes is not None else 0


@dataclass(frozen=True)
class ShownDay:
    day: date
    is_closed: bool
    """Every place is closed."""
    holiday: str
    """« Noël », or ""."""


@dataclass(frozen=True)
class DayCovers:
    """How each place is covered on a day."""

    head: ShownDay
    lines: list[tuple[SiteRow, DayCover]]

    @property
    def halves(self) -> list[tuple[str, bool, list[Site], bool]]:
        """Of each half-day: its name, whether any place is open, the places with too few helpers, and whether
        there were too few in hours that are over."""
        by_name = {
            "morning": [(line.site, cover.morning) for line, cover in self.lines],
            "afternoon": [(line.site, cover.afternoon) for line, cover in self.lines],
        }
        return [
            (
                name,
                any(half.is_open for _, half in found),
                [site for site, half in found if half.is_short],
                any(half.was_short for _, half in found),
            )
            for name, found in by_name.items()
        ]


@dataclass
class Grid:
    week: Week
    days: list[date]
    rows: list[TeamRow]
    sites: list[SiteRow]
    orphans: list[Orphan]
    heads: list[ShownDay] = field(default_factory=list)
    draft_count: int = 0
    """The changes that publishing the usual weeks would make this week."""

    @property
    def has_warnings(self) -> bool:
        return any(row.warnings for row in self.rows)

    @property
    def is_empty(self) -> bool:
        return not any(cell.stays for row in self.rows for cell in row.cells)

    @property
    def day_covers(self) -> list[DayCovers]:
        return [
            DayCovers(head, [(line, line.covers[n]) for line in self.sites])
            for n, head in enumerate(self.heads)
        ]


def read_grid(
    commune: Commune,
    week: Week,
    *,
    now: datetime,
    site_id: int | None = None,
    known: list[Site] | None = None,
    with_draft: bool = False,
) -> Grid:
    """Read one week; with `site_id`, only the shifts and the coverage of this site. `known`: all sites of the
    commune, if they have been read. `with_draft`: what is not published yet too."""
    start, end = week.span(commune.tz)
    known = list(commune.sites.all()) if known is None else known
    by_id = {site.pk: site for site in known}
    sites = [site for site in known if site.is_active and site_id in (None, site.pk)]
    presence = Presence(commune, week.monday, week.after, known)
    lost = orphans(commune, max(now, start), end, now=now) if now < end else []
    covers = read_cover(commune, sites, week.days, presence, lost, now=now)
    rows = []
    for member in presence.members:
        agent_id, hours, monday = member.agent_id, member.weekly_hours, week.monday
        worked = presence.worked_here(agent_id)
        home = _home(agent_id, presence)
        rows.append(
            TeamRow(
                agent=member.agent,
                weekly_minutes=None if hours is None else round(hours * 60),
                due_minutes=None if hours is None else presence.due_minutes(member, week.days, hours * 60),
                minutes=minutes_by_week(worked, [monday], commune.tz)[monday],
                cells=presence.cells(agent_id, week.days, site_id),
                warnings=presence.warnings(agent_id, [week.monday])[week.monday],
                home=by_id.get(home) if home else None,
                last_on=member.last_on,
            )
        )
    changes = 0
    if with_draft:
        draft = unpublished(commune, week.days, now, presence.opening)
        changes = len(draft.changes)
        added = [new for old, new in draft.changes if old is None and new]
        _put_drafts(added, rows, by_id, {site.pk for site in sites}, presence)
    keep = shown_days(week.days, [row.cells for row in rows], covers)
    for row in rows:
        row.cells = [row.cells[index] for index in keep]
    for line in covers:
        line.covers = [line.covers[index] for index in keep]
    days = [week.days[index] for index in keep]
    heads = [
        ShownDay(
            day,
            bool(covers) and not any(line.covers[n].is_open for line in covers),
            holiday_name(commune.insee_code, day),
        )
        for n, day in enumerate(days)
    ]
    for row in rows:
        for cell, head in zip(row.cells, heads, strict=True):
            cell.is_closed = head.is_closed
    return Grid(week, days, rows, covers, lost, heads, changes)


def _home(agent_id: int, presence: Presence) -> int | None:
    minutes: Counter[int] = Counter()
    for shift in presence.shifts[agent_id]:
        if shift.site_id in presence.marks:
            minutes[shift.site_id] += round((shift.ends_at - shift.starts_at).total_seconds() / 60)
    return max(minutes, key=lambda pk: (minutes[pk], -pk)) if minutes else None


def _put_drafts(
    added: list[PlannedShift],
    rows: list[TeamRow],
    sites: dict[int, Site],
    shown: set[int],
    presence: Presence,
) -> None:
    cells = {(row.agent.pk, cell.day): cell for row in rows for cell in row.cells}
    for new in added:
        cell = cells.get((new.agent_id, new.on))
        if cell is None:
            continue
        mark, is_usual = presence.marks[new.site_id], presence.is_usual(new)
        draft = DraftShift(sites[new.site_id], mark, new.starts_at, new.ends_at, is_usual)
        if new.site_id in shown:
            cell.drafts.append(draft)
        else:
            cell.others.append(OtherPlace(draft.half, draft.site.short_name))


def shown_days(days: list[date], rows: list[list[DayCell]], sites: list[SiteRow]) -> list[int]:
    """The positions of the days to show: a day of the weekend only if a helper works or a site is open."""
    return [
        index
        for index, day in enumerate(days)
        if day.weekday() < 5
        or any(cells[index].stays or cells[index].drafts for cells in rows)
        or any(line.covers[index].is_open for line in sites)
    ]
