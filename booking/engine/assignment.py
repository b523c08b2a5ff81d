"""Which cabins and helpers could take an appointment at a given start, best first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from booking.engine.exchange import BOUND, Room
from booking.engine.snapshot import CabinWorld, HelperWorld, OpenDay, SiteWorld, SlotRequest, Snapshot
from booking.engine.starts import Masks
from booking.engine.timeline import ceil_tick, tick_start
from booking.enums import WhyEmpty


@dataclass(frozen=True, slots=True)
class Candidates:
    """Ids, best first. Without any, `refusal` says why; the object is true when the appointment can be
    made."""

    cabins: tuple[int, ...] = ()
    helpers: tuple[int, ...] = ()
    refusal: WhyEmpty | None = None

    def __bool__(self) -> bool:
        return self.refusal is None


@dataclass(frozen=True, slots=True)
class ExchangePlan:
    """How to make room: the cabin and helper of the new appointment, and which appointments get another
    (appointment id → new id)."""

    cabin_id: int
    helper_id: int | None
    cabins: Mapping[int, int]
    helpers: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class NotFound:
    """No exchange was found. With `bound_hit` the search was cut short, so that there may be one all the
    same."""

    bound_hit: bool


def assign(snapshot: Snapshot, need: SlotRequest, start: datetime, site_id: int) -> Candidates:
    """The cabins and helpers that are free for `start` at the site.

    The cabin with the least equipment comes first, to keep the rich one free, but for somebody in a
    wheelchair one into which they get; the helper who saw
    the resident last, then those with the least to do that day. Any instant is judged, rounded up
    to a tick, whether or not a search would list it: a time offered a minute ago stays possible even
    if it was listed only because of an appointment that is now cancelled.
    """
    return _Judge(snapshot, need, start, site_id).candidates()


def make_room(
    snapshot: Snapshot, need: SlotRequest, start: datetime, site_id: int, *, bound: int = BOUND
) -> ExchangePlan | NotFound:
    """Which appointments must get another cabin or helper so that `start` becomes possible. For starts that
    `assign` refuses as full."""
    return _Judge(snapshot, need, start, site_id).plan(bound)


def free_until(
    snapshot: Snapshot, need: SlotRequest, start: datetime, site_id: int, cabin_id: int, helper_id: int | None
) -> datetime:
    """Until when, from `start` on without a break, the site is open, the cabin free and the helper on duty
    there and free."""
    masks, tick = Masks(snapshot, need), ceil_tick(start)
    free = 0
    for site in snapshot.sites:
        if site.id == site_id:
            free = masks.opened(site) & ~masks.cabin_busy.get(cabin_id, 0)
    if helper_id is not None:
        free &= masks.on_site.get(site_id, {}).get(helper_id, 0) & ~masks.helper_busy.get(helper_id, 0)
    after = free >> (tick - masks.window.start)
    return tick_start(tick + (~after & (after + 1)).bit_length() - 1)


class _Judge:
    def __init__(self, snapshot: Snapshot, need: SlotRequest, start: datetime, site_id: int) -> None:
        self.masks = Masks(snapshot, need)
        self.need = need
        self.tick = ceil_tick(start)
        self.site = next((site for site in snapshot.sites if site.id == site_id), None)
        self.day = snapshot.day_of(self.tick)

    def candidates(self) -> Candidates:
        if self.site is None or self.day is None:
            return Candidates(refusal=WhyEmpty.CLOSED)
        refusal = self._refusal(self.site, self.day)
        if refusal is not WhyEmpty.FULL:
            return Candidates(refusal=refusal)
        cabins = self._free_cabins(self.site)
        helpers = self._free_helpers(self.site, self.day)
        full = not cabins or (self.need.with_helper and not helpers)
        return Candidates(cabins, helpers, WhyEmpty.FULL if full else None)

    def _refusal(self, site: SiteWorld, day: OpenDay) -> WhyEmpty:
        """Why the start is not possible even if nothing were booked; FULL when it then would be."""
        here = 1 << (self.tick - self.masks.window.start)
        why = self.masks.why_none([self.masks.starts(site, only=here)], here)
        if why is WhyEmpty.CLOSED:
            return self.masks.closed_or_holiday([site], day, day.start, day.stop)
        return why

    def _free_cabins(self, site: SiteWorld) -> tuple[int, ...]:
        kept, busy = self.masks.kept(self.tick), self.masks.cabin_busy

        def plainness(cabin: CabinWorld) -> tuple[int, int, int]:
            return self.need.comfort(cabin), len(cabin.equipment), cabin.id

        free = [cabin for cabin in site.cabins if self.need.suits(cabin) and not kept & busy[cabin.id]]
        return tuple(cabin.id for cabin in sorted(free, key=plainness))

    def _free_helpers(self, site: SiteWorld, day: OpenDay) -> tuple[int, ...]:
        if not self.need.with_helper:
            return ()
        masks = self.masks
        kept, served = masks.kept(self.tick), masks.served(self.tick)
        present = masks.on_site.get(site.id, {})

        def preference(helper: HelperWorld) -> tuple[bool, int, int]:
            return helper.id != self.need.seen_last_id, masks.load(helper.id, day), helper.id

        free = [
            helper
            for helper in masks.eligible
            if not served & ~present.get(helper.id, 0) and not kept & masks.helper_busy[helper.id]
        ]
        return tuple(helper.id for helper in sorted(free, key=preference))

    def plan(self, bound: int) -> ExchangePlan | NotFound:
        found = self.candidates()
        if self.site is None or self.day is None or found.refusal not in (None, WhyEmpty.FULL):
            return NotFound(bound_hit=False)
        exchanger = self.masks.exchanger
        cabin: Room | None = Room(found.cabins[0]) if found.cabins else None
        cabin = cabin or exchanger.room_in_cabin(self.site, self.day, self.tick, bound)
        helper: Room | None = Room(found.helpers[0] if found.helpers else None)
        if cabin is not None and self.need.with_helper and not found.helpers:
            helper = exchanger.room_with_helper(self.site, self.day, self.tick, bound)
        if cabin is None or cabin.id is None or helper is None:
            return NotFound(bound_hit=exchanger.effort.bound_hits > 0)
        return ExchangePlan(cabin.id, helper.id, cabin.moves, helper.moves)
