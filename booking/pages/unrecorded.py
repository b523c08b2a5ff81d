"""Visits of past days for which no agent has recorded what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.enums import Status
from booking.models import Appointment
from communes.models import Commune, Site
from core.days import day_span

BACK = timedelta(days=30)
"""The worker's task of each minute closes them well before this."""
MOST = 30


@dataclass(frozen=True)
class Unrecorded:
    """The visits, latest first; `has_more`: there are older ones too."""

    visits: list[Appointment]
    has_more: bool

    @property
    def count(self) -> str:
        return f"{len(self.visits)}{'+' if self.has_more else ''}"


def read_unrecorded(*, commune: Commune, sites: Sequence[Site], now: datetime) -> Unrecorded:
    """The unrecorded visits from before the commune's present day; one query."""
    midnight, _ = day_span(commune.local(now).date(), commune.tz)
    rows = Appointment.objects.filter(
        commune=commune,
        site__in=sites,
        status__in=(Status.BOOKED, Status.ARRIVED),
        starts_at__gte=midnight - BACK,
        ends_at__lte=midnight,
    )
    found = list(
        rows.select_related("resident", "service", "site", "helper").order_by("-starts_at", "-id")[: MOST + 1]
    )
    return Unrecorded(found[:MOST], len(found) > MOST)
