"""Which times can be offered, and why a day has none.

One definition for the desk, the API, "next free" and the tests:

- *Starts* are every `start_step_min` from each opening of the site, plus the instants at which a
  suitable cabin of the site, or an eligible helper present there, comes free after an
  appointment (its turnaround included).
- *Until the end of the service* the site is open and not closed, and the helper is on shift at
  that site and not absent.
- *Until the end of the turnaround* a cabin in order with the equipment, and the helper, have no
  other appointment. The turnaround may run past closing, past the end of the shift and into an
  absence: making the cabin ready needs nobody's presence.
- Lengths that are not a multiple of five minutes are rounded up to the tick, the service and
  the turnaround each for itself.
- A start that is impossible only because other appointments were given unlucky helpers or
  cabins is offered too, marked `via_exchange` (see `booking.engine.exchange`).

The rules are checked against a plain minute-by-minute reading in `tests/booking/oracle.py`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from booking.engine.exchange import SEARCH_BOUND
from booking.engine.snapshot import Offer, OpenDay, SlotRequest, Snapshot
from booking.engine.starts import Masks, SiteStarts
from booking.engine.timeline import TICK_MINUTES, Mask, bits, lowest, mask_of
from booking.enums import WhyEmpty

NO_REASONS: Mapping[int, WhyEmpty] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class HalfDay:
    """The offers of a morning or afternoon (split at local noon), or why there are none."""

    offers: tuple[Offer, ...]
    why_empty: WhyEmpty | None
    why_by_site: Mapping[int, WhyEmpty] = NO_REASONS


@dataclass(frozen=True, slots=True)
class DayOffers:
    on: date
    morning: HalfDay
    afternoon: HalfDay
    why_empty: WhyEmpty | None
    why_by_site: Mapping[int, WhyEmpty] = NO_REASONS
    """Where it was asked for: of each site that has no offer, why."""

    @property
    def offers(self) -> tuple[Offer, ...]:
        return self.morning.offers + self.afternoon.offers


@dataclass(frozen=True, slots=True)
class Offers:
    """What a search found, by day. `unsettled` counts the starts given up at the exchange's bound."""

    days: tuple[DayOffers, ...]
    duration_min: int
    asked_min: int
    unsettled: int = 0

    @property
    def was_rounded_up(self) -> bool:
        """Whether the length asked for was lengthened to a multiple of five minutes."""
        return self.duration_min != self.asked_min

    def __iter__(self) -> Iterator[Offer]:
        return (offer for day in self.days for offer in day.offers)


def search(
    snapshot: Snapshot,
    need: SlotRequest,
    *,
    exchange: bool = True,
    bound: int = SEARCH_BOUND,
    by_site: bool = False,
) -> Offers:
    """All starts that can be offered, day by day, and the reason of each empty day and half-day; with
    `by_site`, also the reasons of each site that has none then."""
    masks = Masks(snapshot, need, bound)
    sites = [masks.starts(site) for site in snapshot.sites]
    offers: list[Offer] = []
    for starts in sites:
        via = _exchangeable(masks, starts) if exchange else 0
        offers += _offers(masks, starts, starts.direct | via, via)
    offers.sort()
    return Offers(
        tuple(_day_offers(masks, sites, offers, day, by_site) for day in snapshot.days),
        duration_min=need.service_ticks * TICK_MINUTES,
        asked_min=need.duration_min,
        unsettled=masks.exchanger.effort.bound_hits,
    )


@dataclass(frozen=True, slots=True)
class FirstOffer:
    """`unsettled` counts the earlier starts given up at the exchange's bound."""

    offer: Offer | None
    unsettled: int = 0


def next_free(
    snapshot: Snapshot, need: SlotRequest, *, exchange: bool = True, bound: int = SEARCH_BOUND
) -> FirstOffer:
    """The first start that can be offered in the days of the snapshot, without listing the others."""
    masks = Masks(snapshot, need, bound)
    effort = masks.exchanger.effort
    sites = [masks.starts(site) for site in snapshot.sites]
    direct = [(bit, n) for n, starts in enumerate(sites) if (bit := lowest(starts.direct)) is not None]
    first = min(direct, default=None)
    if exchange:
        sooner = -1 if first is None else (1 << first[0]) - 1
        tries = sorted(
            (bit, n) for n, starts in enumerate(sites) for bit in bits(masks.promising(starts) & sooner)
        )
        for bit, n in tries:
            if _is_exchangeable(masks, sites[n], bit):
                return FirstOffer(_offers(masks, sites[n], 1 << bit, 1 << bit)[0], effort.bound_hits)
    if first is None:
        return FirstOffer(None, effort.bound_hits)
    bit, n = first
    return FirstOffer(_offers(masks, sites[n], 1 << bit, 0)[0], effort.bound_hits)


@dataclass(frozen=True, slots=True)
class SiteFirst:
    """The first start at one site, without exchanges; if there is none, why each day is empty."""

    offer: Offer | None
    why_empty: tuple[WhyEmpty, ...] = ()


def first_by_site(snapshot: Snapshot, need: SlotRequest) -> dict[int, SiteFirst]:
    """What `search` without exchanges offers first at each site, without listing the others: a commune with
    many sites and services has millions."""
    masks = Masks(snapshot, need)
    return {site.id: _first(masks, masks.starts(site)) for site in snapshot.sites}


def _first(masks: Masks, starts: SiteStarts) -> SiteFirst:
    bit = lowest(starts.direct)
    if bit is not None:
        return SiteFirst(_offers(masks, starts, 1 << bit, 0)[0])
    days = masks.snapshot.days
    return SiteFirst(None, tuple(_why_empty(masks, [starts], day, day.start, day.stop) for day in days))


def _offers(masks: Masks, starts: SiteStarts, found: Mask, via: Mask) -> list[Offer]:
    origin, site_id = masks.window.start, starts.site.id
    lengths = masks.need.service_ticks, masks.need.blocked_ticks
    return [
        Offer(origin + bit, site_id, *lengths, bool(via >> bit & 1) if via else False) for bit in bits(found)
    ]


def _exchangeable(masks: Masks, starts: SiteStarts) -> Mask:
    """The starts that an exchange makes possible. Those at which the search gave up are noted in `masks`."""
    found = given_up = 0
    effort = masks.exchanger.effort
    for bit in bits(masks.promising(starts)):
        hits = effort.bound_hits
        if _is_exchangeable(masks, starts, bit):
            found |= 1 << bit
        elif effort.bound_hits > hits:
            given_up |= 1 << bit
    masks.given_up[starts.site.id] = given_up
    return found


def _is_exchangeable(masks: Masks, starts: SiteStarts, bit: int) -> bool:
    tick = masks.window.start + bit
    day = masks.snapshot.day_of(tick)
    return day is not None and masks.by_exchange(starts, day, tick) is not None


def _day_offers(
    masks: Masks, sites: list[SiteStarts], offers: list[Offer], day: OpenDay, by_site: bool
) -> DayOffers:
    def found(start: int, stop: int) -> tuple[tuple[Offer, ...], WhyEmpty | None, Mapping[int, WhyEmpty]]:
        here = tuple(offers[bisect_left(offers, (start,)) : bisect_left(offers, (stop,))])
        why = None if here else _why_empty(masks, sites, day, start, stop)
        if not by_site:
            return here, why, NO_REASONS
        offering = {offer.site_id for offer in here}
        without = [starts for starts in sites if starts.site.id not in offering]
        return here, why, {each.site.id: _why_empty(masks, [each], day, start, stop) for each in without}

    _all, why, why_by_site = found(day.start, day.stop)
    morning, afternoon = HalfDay(*found(day.start, day.noon)), HalfDay(*found(day.noon, day.stop))
    return DayOffers(day.on, morning, afternoon, why, why_by_site)


def _why_empty(masks: Masks, sites: list[SiteStarts], day: OpenDay, start: int, stop: int) -> WhyEmpty:
    """Why nothing is offered in `[start, stop)` of the day, over all sites together."""
    period = mask_of(masks.window, [(start, stop)])
    why = masks.why_none(sites, period)
    if why is WhyEmpty.CLOSED:
        return masks.closed_or_holiday([starts.site for starts in sites], day, start, stop)
    if any(masks.given_up.get(starts.site.id, 0) & period for starts in sites):
        return WhyEmpty.NOT_FOUND
    return why
