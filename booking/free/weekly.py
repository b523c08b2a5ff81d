"""Weekly dates before they are booked: which are possible, why others are not, and what is near those."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from booking.engine.assignment import ExchangePlan, assign, make_room
from booking.engine.availability import search
from booking.engine.snapshot import Offer, SlotRequest, Snapshot
from booking.enums import WhyEmpty
from booking.free.given_up import count_given_up
from booking.free.loading import load_snapshot
from booking.free.slots import need_for
from booking.models import Appointment
from communes.models import Commune, Site

SAME_DAY, OTHER_DAYS = 3, 2
"""So many times near a date are proposed."""
NEAR_MINUTES = 120
"""Of another day a time counts as the same hour if it is not further from it than that."""


@dataclass(frozen=True, slots=True)
class DateCheck:
    """`near`: times of the same day; `other_days`: the same hour, or one near it, on other days of that week.
    Both are empty where the date is possible and nothing speaks against it."""

    start: datetime
    refusal: WhyEmpty | None
    near: tuple[Offer, ...] = ()
    other_days: tuple[Offer, ...] = ()


@dataclass
class WeeklyDates:
    """The weeks of a series in one look: three queries, and a search of times if a date is not possible.

    `first`: the kept time that the dates repeat; `site_ids`: where others may be proposed, all if empty.
    """

    commune: Commune
    first: Appointment
    dates: Sequence[datetime]
    site_ids: Sequence[int]
    now: datetime

    @cached_property
    def _need(self) -> SlotRequest:
        first = self.first
        return need_for(
            first.service,
            with_helper=first.with_helper,
            helper_id=first.helper_id if first.helper_chosen else None,
            duration_min=first.duration_min,
            now=self.now,
            commune=self.commune,
        )

    @cached_property
    def _snapshot(self) -> Snapshot:
        return self._loaded[0]

    @cached_property
    def sites(self) -> dict[int, Site]:
        return self._loaded[1]

    @cached_property
    def _loaded(self) -> tuple[Snapshot, dict[int, Site]]:
        local = self.commune.local
        first, last = local(self.dates[0]).date(), local(self.dates[-1]).date()
        loaded = load_snapshot(
            commune=self.commune,
            need=self._need,
            first=max(first - timedelta(days=first.weekday()), local(self.now).date()),
            last=last + timedelta(days=6 - last.weekday()),
            now=self.now,
            site_ids=self.site_ids or None,
        )
        return loaded.snapshot, {site.pk: site for site in loaded.sites}

    @cached_property
    def _offers(self) -> list[Offer]:
        found = search(self._snapshot, self._need)
        if found.unsettled:
            count_given_up(self.commune, now=self.now)
        return list(found)

    def check(self, start: datetime, suits: Callable[[datetime, datetime], bool]) -> DateCheck:
        """One date; `suits` says of a start and an end whether the resident has time then."""
        refusal = self._refusal(start)
        if refusal is None and suits(start, start + (self.first.ends_at - self.first.starts_at)):
            return DateCheck(start, None)
        local, site_id = self.commune.local(start), self.first.site_id
        on, clock = local.date(), local.hour * 60 + local.minute

        def distance(offer: Offer) -> int:
            there = self.commune.local(offer.start)
            return abs(there.hour * 60 + there.minute - clock)

        def rank(offer: Offer) -> tuple[int, bool, Offer]:
            return distance(offer), offer.site_id != site_id, offer

        days = {on + timedelta(days=n - on.weekday()): list[Offer]() for n in range(7)}
        for offer in self._offers:
            there = self.commune.local(offer.start).date()
            is_usual = (offer.site_id, offer.start) == (site_id, start)
            if there in days and not is_usual and suits(offer.start, offer.end):
                days[there].append(offer)
        same = sorted(days.pop(on), key=rank)
        best = [min(offers, key=rank) for offers in days.values() if offers]
        others = [offer for offer in best if distance(offer) <= NEAR_MINUTES]
        others.sort(key=lambda offer: (distance(offer), self._days_from(on, offer), offer))
        return DateCheck(start, refusal, _first_times(same), tuple(others[:OTHER_DAYS]))

    def _days_from(self, on: date, offer: Offer) -> int:
        return abs((self.commune.local(offer.start).date() - on).days)

    def _refusal(self, start: datetime) -> WhyEmpty | None:
        """Why a booking would be refused there now, as the action judges it."""
        site_id = self.first.site_id
        refusal = assign(self._snapshot, self._need, start, site_id).refusal
        if refusal is not WhyEmpty.FULL:
            return refusal
        room = make_room(self._snapshot, self._need, start, site_id)
        if isinstance(room, ExchangePlan):
            return None
        return WhyEmpty.NOT_FOUND if room.bound_hit else WhyEmpty.FULL


def _first_times(offers: Iterable[Offer]) -> tuple[Offer, ...]:
    """The first few that begin at different times."""
    found: dict[int, Offer] = {}
    for offer in offers:
        found.setdefault(offer.tick, offer)
    return tuple(found.values())[:SAME_DAY]
