"""The times of the desk page: a column for each day, a few times at once, and why there are none."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from booking.engine.availability import DayOffers, HalfDay
from booking.engine.snapshot import Offer
from booking.enums import WhyEmpty
from booking.forms.desk import slot_value
from booking.free.slots import SlotSearch
from booking.pages.access import NO_NEED, Access
from booking.pages.when import When
from communes.models import Site

SHOWN_PER_HALF_DAY = 3
"""Times shown at once in a half-day; a click shows the others."""

type Chosen = tuple[int, datetime] | None


@dataclass(frozen=True)
class SlotChoice:
    value: str
    start: datetime
    site: Site
    is_chosen: bool
    lacks_access: bool = False
    """Whether the resident comes in a wheelchair and does not get in there."""
    is_present: bool = False
    """Whether the appointment that is moved has this time already."""


@dataclass(frozen=True)
class HalfDayChoices:
    """The times of a morning or afternoon: first a few (one per site, then the earliest), then the rest."""

    name: str
    first: list[SlotChoice]
    more: list[SlotChoice]
    why_empty: str


@dataclass(frozen=True)
class DayChoices:
    """`halves`: those asked for; `why_empty`: where none of them has a time; `without`: otherwise, the places
    that have no time in any of them, and why."""

    on: date
    halves: list[HalfDayChoices]
    why_empty: str
    without: list[str]

    @property
    def count(self) -> int:
        return sum(not each.is_present for half in self.halves for each in (*half.first, *half.more))


@dataclass(frozen=True)
class WeekdayChoice:
    """A weekday that can be ticked; 0 is Monday."""

    number: int

    @property
    def name(self) -> str:
        return str(WEEKDAYS[self.number])

    @property
    def short(self) -> str:
        return f"{str(WEEKDAYS_ABBR[self.number]).rstrip('.')}."


@dataclass(frozen=True)
class Times:
    """What a search found, as the page draws it: at one site or at all of them."""

    found: SlotSearch
    when: When
    site_id: int | None
    chosen: Chosen
    access: Access = NO_NEED
    present: Chosen = None
    """The time that the appointment has which is moved as it is: it is shown, but is no time to move to."""

    @property
    def sites(self) -> Mapping[int, Site]:
        return {site.pk: site for site in self.found.sites}

    def days(self) -> list[DayChoices]:
        days = [self._day(each) for each in self.found.offers.days]
        return [day for day in days if self._is_shown(day)]

    def _is_shown(self, day: DayChoices) -> bool:
        """All that are ticked; otherwise all except days of the weekend without offers."""
        return bool(self.when.weekdays) or day.on.weekday() < 5 or day.count > 0

    def _day(self, day: DayOffers) -> DayChoices:
        halves = [
            self._half(name, half)
            for name, half, is_asked in (
                ("morning", day.morning, self.when.mornings),
                ("afternoon", day.afternoon, self.when.afternoons),
            )
            if is_asked
        ]
        offers = [offer for offer in day.offers if self.site_id in (None, offer.site_id)]
        if not offers:
            return DayChoices(day.on, halves, self._why(day), [])
        without = self._without(day.why_by_site) if self.site_id is None else []
        return DayChoices(day.on, halves, "", without)

    def _half(self, name: str, half: HalfDay) -> HalfDayChoices:
        offers = [offer for offer in half.offers if self.site_id in (None, offer.site_id)]
        first = self._spread(offers)
        first += [offer for offer in offers if self._is_chosen(offer) and offer not in first]
        first.sort(key=self._order)
        rest = [offer for offer in offers if offer not in first]
        why = "" if offers else self._why(half)
        return HalfDayChoices(name, [self._choice(o) for o in first], [self._choice(o) for o in rest], why)

    def _why(self, part: DayOffers | HalfDay) -> str:
        why = part.why_empty if self.site_id is None else part.why_by_site.get(self.site_id)
        return str((why or WhyEmpty.CLOSED).label)

    def _without(self, reasons: Mapping[int, WhyEmpty]) -> list[str]:
        by_reason: dict[WhyEmpty, list[str]] = defaultdict(list)
        for site_id, why in reasons.items():
            by_reason[why].append(self.sites[site_id].short_name)
        return [
            _("%(places)s: %(reason)s") % {"places": ", ".join(names), "reason": why.label}
            for why, names in by_reason.items()
        ]

    def _is_chosen(self, offer: Offer) -> bool:
        return (offer.site_id, offer.start) == self.chosen

    def _choice(self, offer: Offer) -> SlotChoice:
        choice = slot_choice(offer, self.sites, self.access, is_chosen=self._is_chosen(offer))
        return replace(choice, is_present=(offer.site_id, offer.start) == self.present)

    def _order(self, offer: Offer) -> tuple[int, int, int]:
        """By time; at the same time, places into which the resident gets come first."""
        return offer.tick, self.access.rank(offer.site_id), offer.site_id

    def _spread(self, offers: list[Offer]) -> list[Offer]:
        """A few offers: the first of each site, then the earliest of the others."""
        first_at_site = {offer.site_id: offer for offer in reversed(offers)}
        picked = sorted(first_at_site.values(), key=self._order)[:SHOWN_PER_HALF_DAY]
        others = (offer for offer in sorted(offers, key=self._order) if offer not in picked)
        while len(picked) < SHOWN_PER_HALF_DAY and (offer := next(others, None)):
            picked.append(offer)
        return picked


def slot_choice(
    offer: Offer, sites: Mapping[int, Site], access: Access = NO_NEED, *, is_chosen: bool = False
) -> SlotChoice:
    return SlotChoice(
        slot_value(offer.site_id, offer.start),
        offer.start,
        sites[offer.site_id],
        is_chosen,
        access.lacks(offer.site_id),
    )
