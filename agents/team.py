"""What several pages of the team share."""

from datetime import date

from agents.models import Agent, Shift
from communes.days import day_span
from communes.models import Commune


def site_colours(commune: Commune) -> dict[int, int]:
    """Site → one of six colours, the same on every page; the name always stands beside it."""
    ids = commune.sites.order_by("pk").values_list("pk", flat=True)
    return {site_id: index % 6 + 1 for index, site_id in enumerate(ids)}


def on_duty(commune: Commune, day: date) -> list[Agent]:
    """The helpers with a shift on that day, once each."""
    start, end = day_span(day, commune.tz)
    ids = Shift.objects.filter(site__commune=commune).overlapping(start, end).values("agent")
    return list(Agent.objects.filter(pk__in=ids).order_by("first_name", "last_name", "id"))
