"""What the log of consultations says."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from booking.models import Resident
from communes.models import Commune
from core.days import day_span
from privacy.models import Consultation

PER_PAGE = 50
MOST_PAGES = 200
MOST_ROWS = 20_000
"""Of a file: whoever needs more asks for fewer days."""


@dataclass(frozen=True, kw_only=True)
class LookedQuery:
    """Days of the commune, both included. `agent`, `resident`: ids, of those the query is about alone."""

    since: date
    until: date
    agent: int | None = None
    resident: int | None = None
    kind: str = ""
    page: int = 1


def of_resident(resident: Resident) -> QuerySet[Consultation]:
    """Who looked at this person, also by a record that has been merged into theirs; the latest first, with
    the agent. `get_kind_display` says on what."""
    records = Resident.objects.filter(Q(pk=resident.pk) | Q(merged_into=resident.pk)).values("pk")
    return Consultation.objects.filter(resident__in=records).select_related("agent").order_by("-at", "-id")


def rows_of(commune: Commune, query: LookedQuery) -> QuerySet[Consultation]:
    """What the query finds, the latest first, each with its agent."""
    begin, end = day_span(query.since, commune.tz)[0], day_span(query.until, commune.tz)[1]
    rows = Consultation.objects.filter(commune=commune, at__gte=begin, at__lt=end)
    if query.agent is not None:
        rows = rows.filter(agent=query.agent)
    if query.resident is not None:
        same = Resident.objects.filter(Q(pk=query.resident) | Q(merged_into=query.resident), commune=commune)
        rows = rows.filter(resident__in=list(same.values_list("pk", flat=True)))
    if query.kind:
        rows = rows.filter(kind=query.kind)
    return rows.select_related("agent").order_by("-at", "-id")
