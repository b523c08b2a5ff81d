"""The gaps of a day, read from the database, for the day page and for the page that opens a gap."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from agents.models import Agent
from booking.engine.gaps import Vacancies
from booking.engine.snapshot import HelperWorld, OpenDay, SiteWorld, SlotRequest, Snapshot
from booking.engine.timeline import busy_span, mask_of
from booking.enums import Status
from booking.free.loading import load_snapshot
from booking.free.slots import need_for
from booking.models import Appointment
from communes.enums import HelperPolicy
from communes.models import Commune, Service


@dataclass(frozen=True)
class DayVacancies:
    day: OpenDay
    snapshot: Snapshot
    vacancies: Vacancies
    services: dict[int, Service]
    helpers: dict[int, Agent]
    """The helpers on duty that day at any site."""

    @cached_property
    def sites(self) -> dict[int, SiteWorld]:
        return {site.id: site for site in self.snapshot.sites}

    @cached_property
    def helper_worlds(self) -> dict[int, HelperWorld]:
        return {helper.id: helper for helper in self.snapshot.helpers}

    def lacks_helper(self, row: Appointment) -> bool:
        """Whether the helper of a visit to come is not, or no longer, on duty there for all of it."""
        if row.helper_id is None or row.status not in (Status.BOOKED, Status.ARRIVED):
            return False
        masks = self.vacancies.plain
        here = masks.on_site.get(row.site_id, {}).get(row.helper_id, 0)
        return bool(mask_of(masks.window, [busy_span(row.starts_at, row.ends_at)]) & ~here)


def read_vacancies(
    *, commune: Commune, on: date, now: datetime, sessions: Iterable[Appointment]
) -> DayVacancies:
    """Five queries. `sessions` are appointments of the day; those in session may last beyond their time."""
    services = {service.pk: service for service in commune.services.active()}
    needs = [need for service in services.values() for need in _needs(service, commune, now)]
    widest = SlotRequest(
        service_id=0,
        duration_min=max((need.duration_min for need in needs), default=5),
        turnaround_min=max((need.turnaround_min for need in needs), default=0),
        with_helper=True,
    )
    snapshot = load_snapshot(commune=commune, need=widest, first=on, last=on, now=now).snapshot
    running = [row for row in sessions if row.status == Status.IN_SESSION]
    return DayVacancies(
        day=snapshot.days[0],
        snapshot=snapshot,
        vacancies=Vacancies(
            snapshot,
            needs,
            cabins_in_session=[row.cabin_id for row in running],
            helpers_in_session=[row.helper_id for row in running if row.helper_id is not None],
        ),
        services=services,
        helpers=Agent.objects.in_bulk([helper.id for helper in snapshot.helpers]),
    )


def _needs(service: Service, commune: Commune, now: datetime) -> list[SlotRequest]:
    """With a helper and alone, as far as the service allows it."""
    ways = {
        HelperPolicy.NONE: [False],
        HelperPolicy.OPTIONAL: [True, False],
        HelperPolicy.REQUIRED: [True],
    }[HelperPolicy(service.helper_policy)]
    return [need_for(service, with_helper=way, now=now, commune=commune) for way in ways]
