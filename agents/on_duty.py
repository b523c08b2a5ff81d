"""Which helpers work on a day, and which are at a site now."""

from datetime import date, datetime

from django.db.models import Min

from agents.models import Absence, Agent, Shift
from communes.models import Commune
from core.days import day_span
from core.french_order import in_french_order


def on_duty(commune: Commune, day: date) -> list[Agent]:
    """The helpers with a shift on that local day, once each."""
    start, end = day_span(day, commune.tz)
    ids = Shift.objects.filter(site__commune=commune).overlapping(start, end).values("agent")
    return list(Agent.objects.filter(pk__in=ids).order_by(*in_french_order("first_name", "last_name"), "id"))


def present_until(site_id: int, at: datetime) -> dict[int, datetime]:
    """For each helper with a running shift at the site, by id: until when they are there. That is the end
    of the shift or the start of an absence; for a helper who is absent now, it is in the past. Two
    queries."""
    shifts = Shift.objects.filter(site=site_id, starts_at__lte=at, ends_at__gt=at).order_by("ends_at")
    until = dict(shifts.values_list("agent_id", "ends_at"))
    absences = Absence.objects.filter(agent__in=until, ends_at__gt=at).order_by()
    first = absences.values("agent_id").annotate(first=Min("starts_at"))
    for agent_id, starts_at in first.values_list("agent_id", "first"):
        until[agent_id] = min(until[agent_id], starts_at)
    return until
