"""A week of the helpers of a commune, as the team page lists it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.utils.functional import Promise

from agents.enums import AbsenceKind
from agents.models import Absence, Agent, Membership, Shift
from communes.days import Week, day_span
from communes.models import Commune


@dataclass(frozen=True)
class Away:
    """An absence as one commune may see it on one day: the kind only where it was declared."""

    absence: Absence
    starts_at: datetime | None
    """None: from the beginning of the day."""
    ends_at: datetime | None
    is_ours: bool

    @property
    def agent(self) -> Agent:
        return self.absence.agent

    @property
    def reason(self) -> str | Promise:
        return AbsenceKind(self.absence.kind).label if self.is_ours else ""


class Placed(NamedTuple):
    shift: Shift
    colour: int


@dataclass
class TeamDay:
    day: date
    shifts: list[Placed] = field(default_factory=list)
    away: list[Away] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.shifts and not self.away


def team_week(commune: Commune, week: Week) -> list[TeamDay]:
    """Monday to Friday, and the days of the week-end on which someone works or is away. Three queries."""
    start, end = week.span(commune.tz)
    days = {day: TeamDay(day) for day in week.days}
    colours = site_colours(commune)
    shifts = Shift.objects.filter(site__commune=commune).overlapping(start, end)
    for shift in shifts.select_related("agent", "site").order_by("starts_at", "agent__first_name", "id"):
        day = days.get(commune.local(shift.starts_at).date())
        if day is not None:
            day.shifts.append(Placed(shift, colours[shift.site_id]))
    for absence in absences_of(commune, start, end):
        for day in days.values():
            away = _away_on(absence, day.day, commune)
            if away is not None:
                day.away.append(away)
    return [day for day in days.values() if day.day.weekday() < 5 or day.shifts]


def site_colours(commune: Commune) -> dict[int, int]:
    """Site → one of six colours, the same on every page; the name always stands beside it."""
    ids = commune.sites.order_by("pk").values_list("pk", flat=True)
    return {site_id: index % 6 + 1 for index, site_id in enumerate(ids)}


def absences_of(commune: Commune, start: datetime, end: datetime) -> list[Absence]:
    """Of the commune's helpers, wherever they were declared."""
    helpers = Membership.objects.filter(commune=commune, is_helper=True).values("agent")
    return list(
        Absence.objects.filter(agent__in=helpers)
        .overlapping(start, end)
        .select_related("agent")
        .order_by("agent__first_name", "starts_at", "id")
    )


def _away_on(absence: Absence, day: date, commune: Commune) -> Away | None:
    start, end = day_span(day, commune.tz)
    if absence.ends_at <= start or absence.starts_at >= end:
        return None
    return Away(
        absence=absence,
        starts_at=absence.starts_at if absence.starts_at > start else None,
        ends_at=absence.ends_at if absence.ends_at < end else None,
        is_ours=absence.commune_id == commune.pk,
    )


def on_duty(commune: Commune, day: date) -> list[Agent]:
    """The helpers with a shift on that day, once each."""
    start, end = day_span(day, commune.tz)
    ids = Shift.objects.filter(site__commune=commune).overlapping(start, end).values("agent")
    return list(Agent.objects.filter(pk__in=ids).order_by("first_name", "last_name", "id"))
