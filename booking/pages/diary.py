"""The printed list of a day: who comes, to which cabin, with which helper, and the status."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from booking.models import Appointment, ResidentPhone
from communes.models import Commune, Site
from core.days import day_span


@dataclass(frozen=True)
class DiaryRow:
    appointment: Appointment

    @property
    def phones(self) -> list[ResidentPhone]:
        """The numbers that the desk may call if the resident does not come."""
        resident = self.appointment.resident
        return [phone for phone in resident.phones.all() if phone.may_call] if resident else []


@dataclass(frozen=True)
class SiteList:
    site: Site
    lines: list[DiaryRow]


def read_diary(*, commune: Commune, sites: Sequence[Site], on: date) -> list[SiteList]:
    """The visits of a local day at each of the sites, in order of time; two queries."""
    start, end = day_span(on, commune.tz)
    rows = (
        Appointment.objects.visible()
        .filter(commune=commune, site__in=sites, starts_at__gte=start, starts_at__lt=end)
        .select_related("resident", "service", "helper", "cabin")
        .prefetch_related("resident__phones")
        .order_by("starts_at", "cabin_id", "id")
    )
    lines: dict[int, list[DiaryRow]] = defaultdict(list)
    for row in rows:
        lines[row.site_id].append(DiaryRow(row))
    return [SiteList(site, lines[site.pk]) for site in sites]
