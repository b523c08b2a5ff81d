"""« Ouvrir la commune »: what is there, what is missing, and what would be possible today."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from booking.free.first_times import FirstTimes, Look, first_times
from booking.pages.service_where import FirstTime, lacking_for, why_none
from communes.models import Cabin, Commune, Service, Site
from communes.setup_steps import Gap, Step, read_steps


@dataclass(frozen=True)
class ServiceHere:
    """A service at a place: when first, or why not; `lacking`: no cabin there has what it needs."""

    service: Service
    times: list[FirstTime]
    lacking: str

    @property
    def is_possible(self) -> bool:
        return any(time.start for time in self.times)


@dataclass(frozen=True)
class PlaceNow:
    site: Site
    services: list[ServiceHere]

    @property
    def is_possible(self) -> bool:
        return any(each.is_possible for each in self.services)


@dataclass
class Opening:
    """All that the page shows, read when it is first needed."""

    commune: Commune
    now: datetime

    @cached_property
    def steps(self) -> list[Step]:
        return read_steps(self.commune, self.now)

    @property
    def done(self) -> list[Step]:
        return [step for step in self.steps if step.is_done]

    @property
    def to_do(self) -> list[Step]:
        """Those that lack something: first what keeps the commune from opening, last what may come later."""
        lacking = [step for step in self.steps if not step.is_done]
        return sorted(lacking, key=lambda step: (not step.blocks, step.is_optional))

    @property
    def may_follow(self) -> list[str]:
        """What lacks something and does not keep the commune from opening."""
        return [step.title for step in self.to_do if not step.blocks and not step.is_optional]

    @property
    def blocking(self) -> list[Gap]:
        return [gap for step in self.steps if step.blocks for gap in step.gaps]

    @property
    def can_open(self) -> bool:
        return self.commune.opened_at is None and not self.blocking and self.is_possible

    @cached_property
    def _services(self) -> list[Service]:
        return list(self.commune.services.active())

    @cached_property
    def _found(self) -> FirstTimes:
        return first_times(self.commune, self._services, self.now)

    @property
    def is_possible(self) -> bool:
        return self._found.is_possible

    @cached_property
    def places(self) -> list[PlaceNow]:
        """Six queries with those of the engine, whatever there is of places and services."""
        cabins = self._cabins()
        skilled: set[int | None] = set(
            self.commune.memberships.filter(is_helper=True, agent__is_active=True).values_list(
                "skills", flat=True
            )
        )
        by_service: dict[int, list[Look]] = defaultdict(list)
        for look in self._found.looks:
            by_service[look.service.pk].append(look)
        return [
            PlaceNow(
                site,
                [_here(site, each, by_service[each.pk], cabins[site.pk], skilled) for each in self._services],
            )
            for site in self._found.sites
        ]

    def _cabins(self) -> dict[int, list[Cabin]]:
        """Those that are in use now, or from a known instant on, by place."""
        found: dict[int, list[Cabin]] = defaultdict(list)
        kept = Cabin.objects.filter(site__commune=self.commune, site__is_active=True).not_retired(self.now)
        for cabin in kept:
            if cabin.in_order or cabin.out_until:
                found[cabin.site_id].append(cabin)
        return found


def _here(
    site: Site, service: Service, looks: list[Look], cabins: list[Cabin], skilled: set[int | None]
) -> ServiceHere:
    needed = set(service.equipment_needed)
    lacking = "" if any(needed <= set(each.equipment) for each in cabins) else lacking_for(cabins, needed)
    times = [
        FirstTime(
            look.with_helper,
            look.first_at(site.pk),
            lacking
            or why_none(
                site, look.why_empty(site.pk), unhelped=look.with_helper and service.pk not in skilled
            ),
        )
        for look in looks
    ]
    return ServiceHere(service, times, lacking)
