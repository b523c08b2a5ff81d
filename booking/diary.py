"""The day of the commune's places: who comes, where, with whom, and how it stands."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from booking.models import Appointment
from communes.models import Cabin, Commune, Site


@dataclass
class CabinDay:
    cabin: Cabin
    appointments: list[Appointment] = field(default_factory=list)


@dataclass
class SiteDay:
    site: Site
    cabins: list[CabinDay]

    @property
    def count(self) -> int:
        return sum(len(cabin.appointments) for cabin in self.cabins)


def read_diary(*, commune: Commune, on: date, site_id: int | None = None) -> list[SiteDay]:
    """All cabins of the commune (or of one site) with the appointments of a local day, in three queries."""
    start = datetime.combine(on, time.min, tzinfo=commune.tz)
    end = datetime.combine(on + timedelta(days=1), time.min, tzinfo=commune.tz)
    appointments = (
        Appointment.objects.visible()
        .filter(commune=commune, starts_at__gte=start, starts_at__lt=end)
        .select_related("resident", "service", "helper")
        .order_by("starts_at")
    )
    by_cabin: dict[int, list[Appointment]] = defaultdict(list)
    for appointment in appointments:
        by_cabin[appointment.cabin_id].append(appointment)
    sites = commune.sites.filter(is_active=True).prefetch_related("cabins")
    return [
        SiteDay(site, [CabinDay(cabin, by_cabin[cabin.pk]) for cabin in site.cabins.all()])
        for site in sites
        if site_id in (None, site.pk)
    ]
