"""The first possible time of every service at every place, or why there is none: one reading of the commune,
the engine run over it again and again, nothing written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter

from booking.engine.availability import SiteFirst, first_by_site
from booking.enums import WhyEmpty
from booking.free.loading import load_snapshot
from booking.free.slots import WEEKS_AHEAD, need_for
from communes.enums import HelperPolicy
from communes.models import Commune, Service, Site


@dataclass(frozen=True, slots=True)
class Look:
    """A service, alone or with a helper, over the weeks ahead: its first time at each site."""

    service: Service
    with_helper: bool
    firsts: Mapping[int, SiteFirst]

    def first_at(self, site_id: int) -> datetime | None:
        offer = self.firsts[site_id].offer
        return offer.start if offer else None

    def why_empty(self, site_id: int) -> Sequence[WhyEmpty]:
        """Of each day, where it is never possible."""
        return self.firsts[site_id].why_empty


@dataclass(frozen=True, slots=True)
class FirstTimes:
    sites: Sequence[Site]
    looks: Sequence[Look]

    @property
    def is_possible(self) -> bool:
        return any(first.offer for look in self.looks for first in look.firsts.values())


def ways(service: Service) -> list[bool]:
    """With a helper or not: for each way in which people may come."""
    policy = HelperPolicy(service.helper_policy)
    return list(dict.fromkeys(policy.attended(wished) for wished in (False, True)))


def first_times(commune: Commune, services: Iterable[Service], now: datetime) -> FirstTimes:
    """What `find_slots` would offer of each service without exchanges. Three queries, whatever there is of
    services."""
    offered = list(services)
    needs = [
        (service, need_for(service, with_helper=way, now=now, commune=commune))
        for service in offered
        for way in ways(service)
    ]
    if not needs:
        return FirstTimes(list(commune.sites.filter(is_active=True)), [])
    # Read for the one that takes longest, with the helpers, so that all others find what they look for too.
    longest = max((need for _, need in needs), key=attrgetter("blocked_ticks"))
    today = commune.local(now).date()
    loaded = load_snapshot(
        commune=commune,
        need=replace(longest, with_helper=True),
        first=today,
        last=today + timedelta(weeks=WEEKS_AHEAD) - timedelta(days=1),
        now=now,
    )
    looks = [Look(service, need.with_helper, first_by_site(loaded.snapshot, need)) for service, need in needs]
    return FirstTimes(loaded.sites, looks)
