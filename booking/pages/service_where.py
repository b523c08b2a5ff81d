"""Where a service is possible and when first, or why nowhere: the engine is asked, nothing is kept."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from agents.models import Membership
from booking.enums import WhyEmpty
from booking.free.first_times import ways
from booking.free.slots import WEEKS_AHEAD, SlotSearch, find_slots
from communes.enums import Equipment, HelperPolicy
from communes.models import Cabin, Commune, Service, Site

_USUAL = {WhyEmpty.CLOSED, WhyEmpty.HOLIDAY, WhyEmpty.PAST}
"""What every place has on some days: said only where nothing else keeps people away."""


@dataclass(frozen=True)
class FirstTime:
    """`start`: local; None: not within the weeks that are looked at, `why` says what keeps people away."""

    with_helper: bool
    start: datetime | None
    why: str


@dataclass(frozen=True)
class PlaceAnswer:
    """`cabins`: those that have what the service needs; `lacking`: if none, what keeps them from it."""

    site: Site
    cabins: list[Cabin]
    lacking: str
    times: list[FirstTime]

    @property
    def is_possible(self) -> bool:
        return any(time.start for time in self.times)


@dataclass(frozen=True)
class ServiceAnswer:
    """`helpers`: those with the skill; `has_helpers`: whether the commune has any at all."""

    places: list[PlaceAnswer]
    helpers: list[Membership]
    has_helpers: bool
    needs_helper: bool
    weeks: int = WEEKS_AHEAD

    @property
    def is_possible(self) -> bool:
        return any(place.is_possible for place in self.places)


def read_where(service: Service, commune: Commune, now: datetime) -> ServiceAnswer:
    """At most ten queries, whatever the number of places."""
    policy = HelperPolicy(service.helper_policy)
    today = commune.local(now).date()
    searches = [
        find_slots(
            commune=commune,
            service=service,
            with_helper=with_helper,
            start=today,
            end=today + timedelta(weeks=WEEKS_AHEAD),
            now=now,
            exchange=False,
            by_site=True,
        )
        for with_helper in ways(service)
    ]
    cabins = [
        cabin
        for cabin in Cabin.objects.filter(site__commune=commune, site__is_active=True).not_retired(now)
        if cabin.in_order or cabin.out_until
    ]
    with_skill = Membership.skills.through.objects.filter(membership=OuterRef("pk"), service=service)
    everyone = commune.memberships.filter(is_helper=True, agent__is_active=True)
    everyone = everyone.select_related("agent").annotate(has_skill=Exists(with_skill))
    helpers: list[Membership] = [member for member in everyone if member.has_skill]
    found = [(search, _first_starts(search)) for search in searches]
    places = [
        _place(site, service, [each for each in cabins if each.site_id == site.pk], found, helpers)
        for site in searches[0].sites
    ]
    return ServiceAnswer(places, helpers, bool(everyone), policy is HelperPolicy.REQUIRED)


def _place(
    site: Site,
    service: Service,
    cabins: list[Cabin],
    searches: Iterable[tuple[SlotSearch, Mapping[int, datetime]]],
    helpers: list[Membership],
) -> PlaceAnswer:
    needed = set(service.equipment_needed)
    able = [cabin for cabin in cabins if needed <= set(cabin.equipment)]
    lacking = "" if able else lacking_for(cabins, needed)
    times = [
        FirstTime(
            with_helper,
            firsts.get(site.pk),
            lacking or why_none(site, _why_empty(search, site), unhelped=with_helper and not helpers),
        )
        for with_helper, (search, firsts) in zip(ways(service), searches, strict=True)
    ]
    return PlaceAnswer(site, able, lacking, times)


def lacking_for(cabins: list[Cabin], needed: set[str]) -> str:
    """What keeps a service from the cabins of a place, if none of them has all that it needs."""
    if not cabins:
        return _("no cabin yet")
    there = {code for cabin in cabins for code in cabin.equipment}
    missing = [str(each.label) for each in Equipment if each.value in needed - there]
    if not missing:
        return _("no cabin has all that it needs")
    return _("no cabin has: %(what)s") % {"what": ", ".join(missing)}


def _first_starts(search: SlotSearch) -> dict[int, datetime]:
    """By site; those without a time are left out."""
    return {offer.site_id: offer.start for offer in reversed([*search.offers])}


def _why_empty(search: SlotSearch, site: Site) -> list[WhyEmpty]:
    """Of each day without a time there."""
    days = search.offers.days
    return [day.why_by_site[site.pk] for day in days if site.pk in day.why_by_site]


def why_none(site: Site, why_empty: Iterable[WhyEmpty], *, unhelped: bool) -> str:
    """What keeps people away most often."""
    if not site.opening_hours:
        return _("no opening hours")
    if unhelped:
        return _("no helper has the skill for it")
    found = Counter(why_empty)
    telling = Counter({why: n for why, n in found.items() if why not in _USUAL}) or found
    return str(telling.most_common(1)[0][0].label) if telling else ""
