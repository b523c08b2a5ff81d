"""What is still free of a day, cabin by cabin and helper by helper, and what can be placed there.

A *gap* is a stretch from the present on in which a place is open and its cabin is free, or a helper is on
duty there and free. What fits in it is what `booking.engine.availability` offers: the gap of a cabin lists
the starts which that cabin could take, the gap of a helper those which that helper could. A visit without
appointment may also begin this minute: it ends after its usual length, or when the site closes, the helper
leaves or the next appointment needs the cabin or the helper.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.engine.snapshot import CabinWorld, HelperWorld, SiteWorld, SlotRequest, Snapshot
from booking.engine.starts import Masks, SiteStarts
from booking.engine.timeline import (
    Mask,
    Span,
    Window,
    bits,
    floor_tick,
    mask_of,
    minutes_to_ticks,
    runs,
    spans_of,
    tick_start,
)

SHORTEST_MIN = 10
"""A shorter visit is of no use: none begins if the next appointment leaves fewer minutes."""


@dataclass(frozen=True, slots=True)
class Begin:
    """A visit that can begin this minute."""

    cabin_id: int
    helper_id: int | None
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Fit:
    """A service that fits in a gap: the starts that can be booked, and the visit that can begin now."""

    need: SlotRequest
    starts: tuple[datetime, ...]
    begin: Begin | None


@dataclass(frozen=True, slots=True)
class Gap:
    """From one epoch tick to another; `is_useful` if anything fits."""

    start: int
    stop: int
    is_now: bool
    is_useful: bool

    @property
    def starts_at(self) -> datetime:
        return tick_start(self.start)

    @property
    def ends_at(self) -> datetime:
        return tick_start(self.stop)

    def __contains__(self, tick: int) -> bool:
        return self.start <= tick < self.stop


class Vacancies:
    """The gaps of one snapshot, for several needs at once.

    `cabins_in_session` and `helpers_in_session` are the ids of the cabins and helpers with a running session,
    perhaps beyond its time: no other visit begins with them now.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        needs: Sequence[SlotRequest],
        *,
        cabins_in_session: Collection[int] = (),
        helpers_in_session: Collection[int] = (),
    ) -> None:
        self.snapshot = snapshot
        self.plain = Masks(snapshot, SlotRequest(service_id=0, duration_min=5))
        self.wishes = [_Wish(Masks(snapshot, need), self) for need in needs]
        self.now_tick = floor_tick(snapshot.now)
        self.coming = self.plain.days & -(1 << max(0, self.now_tick - self.window.start))
        this_tick = mask_of(self.window, [(self.now_tick, self.now_tick + 1)])
        self.cabins_in_session = dict.fromkeys(cabins_in_session, this_tick)
        self.helpers_in_session = dict.fromkeys(helpers_in_session, this_tick)

    @property
    def window(self) -> Window:
        return self.plain.window

    def of_cabin(self, site: SiteWorld, cabin: CabinWorld) -> list[Gap]:
        starts = 0
        for wish in self.wishes:
            starts |= wish.cabin_starts(site, cabin)
        return [
            self._gap(span, starts, lambda wish: wish.begin_in(site, cabin))
            for span in spans_of(self.window, self.cabin_free(site, cabin))
        ]

    def of_helper(self, site: SiteWorld, helper: HelperWorld) -> list[Gap]:
        starts = 0
        for wish in self.wishes:
            starts |= wish.helper_starts(site, helper)
        return [
            self._gap(span, starts, lambda wish: wish.begin_with(site, helper))
            for span in spans_of(self.window, self.helper_free(site, helper))
        ]

    def fits_cabin(self, site: SiteWorld, cabin: CabinWorld, gap: Gap) -> list[Fit]:
        return self._fits(
            gap, lambda wish: wish.cabin_starts(site, cabin), lambda wish: wish.begin_in(site, cabin)
        )

    def fits_helper(self, site: SiteWorld, helper: HelperWorld, gap: Gap) -> list[Fit]:
        return self._fits(
            gap, lambda wish: wish.helper_starts(site, helper), lambda wish: wish.begin_with(site, helper)
        )

    def cabin_free(self, site: SiteWorld, cabin: CabinWorld) -> Mask:
        if not cabin.in_order:
            return 0
        free = self.plain.opened(site) & self.coming & ~self.plain.cabin_busy[cabin.id]
        return free & ~self.cabins_in_session.get(cabin.id, 0)

    def helper_free(self, site: SiteWorld, helper: HelperWorld) -> Mask:
        here = self.plain.on_site.get(site.id, {}).get(helper.id, 0)
        free = here & self.plain.opened(site) & self.coming & ~self.plain.helper_busy[helper.id]
        return free & ~self.helpers_in_session.get(helper.id, 0)

    def _gap(self, span: Span, starts: Mask, begin: Callable[[_Wish], Begin | None]) -> Gap:
        is_now = span[0] <= self.now_tick < span[1]
        can_begin = is_now and any(begin(wish) for wish in self.wishes)
        return Gap(*span, is_now, can_begin or bool(starts & mask_of(self.window, [span])))

    def _fits(
        self, gap: Gap, starts: Callable[[_Wish], Mask], begin: Callable[[_Wish], Begin | None]
    ) -> list[Fit]:
        here = mask_of(self.window, [(gap.start, gap.stop)])
        found = [
            Fit(
                wish.need,
                tuple(tick_start(self.window.start + bit) for bit in bits(starts(wish) & here)),
                begin(wish) if gap.is_now else None,
            )
            for wish in self.wishes
        ]
        return [fit for fit in found if fit.starts or fit.begin]


class _Wish:
    """One service, with or without a helper, and where it fits."""

    def __init__(self, masks: Masks, vacancies: Vacancies) -> None:
        self.masks = masks
        self.need = masks.need
        self.vacancies = vacancies
        self._starts: dict[int, SiteStarts] = {}

    # ---- what can be booked --------------------------------------------------------------------

    def cabin_starts(self, site: SiteWorld, cabin: CabinWorld) -> Mask:
        if not self.need.suits(cabin):
            return 0
        if site.id not in self._starts:
            self._starts[site.id] = self.masks.starts(site)
        starts = self._starts[site.id]
        free = self.masks.everything & ~self.masks.cabin_busy[cabin.id]
        return starts.attended & starts.helper_free & runs(free, self.need.blocked_ticks)

    def helper_starts(self, site: SiteWorld, helper: HelperWorld) -> Mask:
        """The starts for a resident who chose this helper by name."""
        if not (self.need.with_helper and self.need.accepts(helper)):
            return 0
        return self.masks.starts(site, helpers=[helper]).direct

    # ---- what can begin now --------------------------------------------------------------------

    def begin_in(self, site: SiteWorld, cabin: CabinWorld) -> Begin | None:
        """The visit that can begin now in this cabin; of the helpers, the one who is free the longest."""
        if not self._can_be_in(site, cabin):
            return None
        limit = self._cabin_limit(site, cabin)
        if not self.need.with_helper:
            return self._begin(cabin.id, None, limit)
        limits = [(self._helper_limit(site, helper), -helper.id) for helper in self.masks.eligible]
        longest, minus_id = max(limits, default=(0, 0))
        return self._begin(cabin.id, -minus_id, min(limit, longest))

    def begin_with(self, site: SiteWorld, helper: HelperWorld) -> Begin | None:
        """With this helper, in the cabin with the least equipment among those that are free the longest."""
        if not (self.need.with_helper and self.need.accepts(helper)):
            return None
        mine = self._helper_limit(site, helper)
        usual = self.vacancies.now_tick + self.need.service_ticks + 1
        rooms = [
            (-min(self._cabin_limit(site, cabin), mine, usual), len(cabin.equipment), cabin.id)
            for cabin in site.cabins
            if self._can_be_in(site, cabin)
        ]
        if not rooms:
            return None
        minus_limit, _, cabin_id = min(rooms)
        return self._begin(cabin_id, helper.id, -minus_limit)

    def _can_be_in(self, site: SiteWorld, cabin: CabinWorld) -> bool:
        """Whether it has what is needed, in order, and is free now."""
        works = cabin.withdrawn_until(self.need.equipment) <= self.vacancies.now_tick
        return self.need.suits(cabin) and works and bool(self._lasts(self.vacancies.cabin_free(site, cabin)))

    def _begin(self, cabin_id: int, helper_id: int | None, limit: int) -> Begin | None:
        starts_at = self.vacancies.snapshot.now.replace(second=0, microsecond=0)
        length = timedelta(minutes=self.need.duration_min)
        ends_at = min(starts_at + length, tick_start(limit))
        if ends_at - starts_at < min(length, timedelta(minutes=SHORTEST_MIN)):
            return None
        return Begin(cabin_id, helper_id, ends_at)

    def _cabin_limit(self, site: SiteWorld, cabin: CabinWorld) -> int:
        """The tick by which a visit begun now must end: closing, or the turnaround before what follows."""
        free = self.masks.everything & ~self.masks.cabin_busy[cabin.id]
        return min(self._lasts(self.masks.opened(site)), self._lasts(free) - self._turnaround)

    def _helper_limit(self, site: SiteWorld, helper: HelperWorld) -> int:
        """The tick by which a visit with this helper must end; 0 if the helper is not free now."""
        if not self._lasts(self.vacancies.helper_free(site, helper)):
            return 0
        here = self.masks.on_site[site.id][helper.id]
        free = self.masks.everything & ~self.masks.helper_busy[helper.id]
        return min(self._lasts(here), self._lasts(free) - self._turnaround)

    @property
    def _turnaround(self) -> int:
        return minutes_to_ticks(self.need.turnaround_min)

    def _lasts(self, mask: Mask) -> int:
        """The tick at which the run of `mask` around the present ends; 0 if the present is in none."""
        window, now_tick = self.masks.window, self.vacancies.now_tick
        if not window.start <= now_tick < window.stop:
            return 0
        rest = mask >> (now_tick - window.start)
        return now_tick + (~rest & -~rest).bit_length() - 1 if rest & 1 else 0
