"""One week of the team, by helper and day: shifts, absences, hours, warnings, and coverage.

Seven queries, however many helpers.
"""

from dataclasses import dataclass
from datetime import date, datetime

from agents.models import Agent
from agents.rules.rota import minutes_by_week
from communes.models import Commune, Site
from core.days import Week
from planning.cover import DayCover, SiteRow, read_cover
from planning.orphans import Orphan, orphans
from planning.presence import DayCell, Presence


@dataclass
class TeamRow:
    agent: Agent
    weekly_minutes: int | None
    """Of the contract; `due_minutes` are what is left of them this week."""
    due_minutes: int | None
    minutes: int
    cells: list[DayCell]
    warnings: list[str]

    @property
    def over(self) -> int:
        """The minutes beyond what is due."""
        return max(0, self.minutes - self.due_minutes) if self.due_minutes is not None else 0


@dataclass
class Grid:
    week: Week
    days: list[date]
    rows: list[TeamRow]
    sites: list[SiteRow]
    orphans: list[Orphan]

    @property
    def by_day(self) -> list[tuple[date, list[tuple[Agent, DayCell]], list[tuple[SiteRow, DayCover]]]]:
        """The same content for a narrow screen: one list per day."""
        return [
            (
                day,
                [(row.agent, row.cells[n]) for row in self.rows if row.cells[n].stays or row.cells[n].leaves],
                [(row, row.covers[n]) for row in self.sites],
            )
            for n, day in enumerate(self.days)
        ]

    @property
    def has_warnings(self) -> bool:
        return any(row.warnings for row in self.rows)

    @property
    def is_empty(self) -> bool:
        return not any(cell.stays for row in self.rows for cell in row.cells)


def read_grid(
    commune: Commune,
    week: Week,
    *,
    now: datetime,
    site_id: int | None = None,
    known: list[Site] | None = None,
) -> Grid:
    """Read one week; with `site_id`, only the shifts and the coverage of this site. `known`: all sites of the
    commune, if they have been read."""
    start, end = week.span(commune.tz)
    known = list(commune.sites.all()) if known is None else known
    sites = [site for site in known if site.is_active and site_id in (None, site.pk)]
    presence = Presence(commune, week.monday, week.after, known)
    lost = orphans(commune, max(now, start), end) if now < end else []
    covers = read_cover(commune, sites, week.days, presence, lost)
    rows = []
    for member in presence.members:
        agent_id, hours, monday = member.agent_id, member.weekly_hours, week.monday
        worked = presence.worked_here(agent_id)
        rows.append(
            TeamRow(
                agent=member.agent,
                weekly_minutes=None if hours is None else round(hours * 60),
                due_minutes=None if hours is None else presence.due_minutes(member, week.days, hours * 60),
                minutes=minutes_by_week(worked, [monday], commune.tz)[monday],
                cells=presence.cells(agent_id, week.days, site_id),
                warnings=presence.warnings(agent_id, [week.monday])[week.monday],
            )
        )
    keep = shown_days(week.days, [row.cells for row in rows], covers)
    for row in rows:
        row.cells = [row.cells[index] for index in keep]
    for line in covers:
        line.covers = [line.covers[index] for index in keep]
    return Grid(week=week, days=[week.days[index] for index in keep], rows=rows, sites=covers, orphans=lost)


def shown_days(days: list[date], rows: list[list[DayCell]], sites: list[SiteRow]) -> list[int]:
    """The positions of the days to show: a day of the weekend only if a helper works or a site is open."""
    return [
        index
        for index, day in enumerate(days)
        if day.weekday() < 5
        or any(cells[index].stays for cells in rows)
        or any(line.covers[index].is_open for line in sites)
    ]
