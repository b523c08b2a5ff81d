"""A month of the team, to be read and printed: the site (by its letters) of each helper and day, and what is
missing.

It takes as many queries as the week.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from agents.models import Agent
from agents.rules.rota import minutes_by_week, minutes_within
from communes.models import Commune, Site
from core.days import Week, day_span
from planning.cover import DayCover, SiteRow, read_cover
from planning.orphans import Orphan, orphans
from planning.presence import DayCell, Presence
from planning.team_week import shown_days

WEEKS_A_MONTH = Decimal(52) / 12
"""As pay slips count: 35 h a week are 151 h 40 a month."""


@dataclass
class MonthRow:
    """One helper's row: the hours of the month, and of each of its whole weeks."""

    agent: Agent
    due_by_week: dict[date, int] | None
    due_minutes: int | None
    minutes: int
    by_week: dict[date, int]
    warnings: dict[date, list[str]]
    cells: list[DayCell]
    last_on: date | None = None
    """The last day of a helper who leaves."""

    @property
    def over(self) -> int:
        """The minutes beyond what is due."""
        return max(0, self.minutes - self.due_minutes) if self.due_minutes is not None else 0

    @property
    def warned(self) -> list[tuple[date, list[str]]]:
        return [(monday, said) for monday, said in self.warnings.items() if said]


@dataclass(frozen=True)
class HelperWeek:
    row: MonthRow
    minutes: int
    due_minutes: int | None
    away_on: list[date]
    warnings: list[str]


@dataclass(frozen=True)
class MonthWeek:
    """`days`: the shown days of this month; `gaps`: by day, the sites with too few helpers or with
    orphans."""

    week: Week
    days: list[date]
    helpers: list[HelperWeek]
    gaps: list[tuple[date, list[tuple[Site, DayCover]]]]


@dataclass(frozen=True)
class Month:
    first: date
    days: list[date]
    rows: list[MonthRow]
    sites: list[SiteRow]
    weeks: list[MonthWeek]
    orphans: list[Orphan]

    @property
    def has_warnings(self) -> bool:
        return any(row.warned for row in self.rows)

    @property
    def before(self) -> date:
        return (self.first - timedelta(days=1)).replace(day=1)

    @property
    def after(self) -> date:
        return month_after(self.first)


def month_after(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def read_month(commune: Commune, first: date, *, now: datetime, site_id: int | None = None) -> Month:
    """The month that begins on `first`; with `site_id`, only the shifts and the coverage of this site."""
    days = [first + timedelta(days=n) for n in range((month_after(first) - first).days)]
    start, end = day_span(first, commune.tz, days=len(days))
    known = list(commune.sites.all())
    sites = [site for site in known if site.is_active and site_id in (None, site.pk)]
    presence = Presence(commune, Week.of(first).monday, Week.of(days[-1]).after, known)
    lost = orphans(commune, max(now, start), end, now=now) if now < end else []
    covers = read_cover(commune, sites, days, presence, lost, now=now)
    rows = _rows(presence, days, site_id)
    keep = shown_days(days, [row.cells for row in rows], covers)
    for line in covers:
        line.covers = [line.covers[index] for index in keep]
    for row in rows:
        row.cells = [row.cells[index] for index in keep]
    shown = [days[index] for index in keep]
    weeks = [_week(Week(monday), shown, rows, covers) for monday in _mondays(days)]
    return Month(first, shown, rows, covers, weeks, lost)


def _mondays(days: Iterable[date]) -> list[date]:
    return list(dict.fromkeys(Week.of(day).monday for day in days))


def _rows(presence: Presence, days: list[date], site_id: int | None) -> list[MonthRow]:
    tz, mondays = presence.commune.tz, _mondays(days)
    rows = []
    for member in presence.members:
        agent_id, hours = member.agent_id, member.weekly_hours
        worked = presence.worked_here(agent_id)
        rows.append(
            MonthRow(
                agent=member.agent,
                due_by_week=None
                if hours is None
                else {
                    monday: presence.due_minutes(member, Week(monday).days, hours * 60) for monday in mondays
                },
                due_minutes=None
                if hours is None
                else presence.due_minutes(member, days, hours * 60 * WEEKS_A_MONTH),
                minutes=minutes_within(worked, days[0], month_after(days[0]), tz),
                by_week=minutes_by_week(worked, mondays, tz),
                warnings=presence.warnings(agent_id, mondays),
                cells=presence.cells(agent_id, days, site_id),
                last_on=member.last_on,
            )
        )
    return rows


def _week(week: Week, days: list[date], rows: list[MonthRow], sites: list[SiteRow]) -> MonthWeek:
    inside = [index for index, day in enumerate(days) if day in week.days]
    helpers = [
        HelperWeek(
            row=row,
            minutes=row.by_week[week.monday],
            due_minutes=row.due_by_week[week.monday] if row.due_by_week is not None else None,
            away_on=[row.cells[index].day for index in inside if row.cells[index].leaves],
            warnings=row.warnings[week.monday],
        )
        for row in rows
    ]
    lacking = [(days[index], [(line.site, line.covers[index]) for line in sites]) for index in inside]
    gaps = [
        (day, [(site, cover) for site, cover in there if cover.is_short or cover.orphans])
        for day, there in lacking
    ]
    gaps = [(day, there) for day, there in gaps if there]
    return MonthWeek(week, [days[index] for index in inside], helpers, gaps)
