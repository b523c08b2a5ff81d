"""The masks of a search: which starts each site has, and how far each step narrows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from booking.engine.exchange import BOUND, SEARCH_BOUND, Effort, Exchanger, Room
from booking.engine.snapshot import HelperWorld, OpenDay, SiteWorld, SlotRequest, Snapshot
from booking.engine.timeline import Mask, Span, Window, ceil_tick, floor_tick, grid, mask_of, rising, runs
from booking.enums import WhyEmpty


@dataclass(frozen=True, slots=True)
class People:
    """Helpers at one site, as masks of starts: one who may serve is on duty until the end of the
    service (`duty`), and has no other appointment until the end of the turnaround (`ready`).
    `freed`: ticks at which one comes free there."""

    duty: Mask
    ready: Mask
    freed: Mask


@dataclass(frozen=True, slots=True)
class Cabins:
    """The suitable cabins of a site: `free` are the starts at which one is free until the end of the
    turnaround, `freed` the ticks at which one comes free."""

    suitable: Sequence[int]
    free: Mask
    freed: Mask


@dataclass(frozen=True, slots=True)
class SiteStarts:
    """The starts at one site, narrowed step by step; the step that leaves nothing is the reason.

    `fitting`: the site is open for long enough; `timely`: not past, nor outside the lead times;
    `equipped`: there is a suitable cabin; `housed`: its equipment works; `attended`: an eligible
    helper is on duty; `direct`: one of each is free.
    """

    site: SiteWorld
    opened: Mask
    fitting: Mask
    timely: Mask
    equipped: Mask
    housed: Mask
    attended: Mask
    direct: Mask
    cabin_free: Mask
    helper_free: Mask


@dataclass
class Masks:
    """What one snapshot says about one request, as masks; each part is computed once, when first used."""

    snapshot: Snapshot
    need: SlotRequest
    bound: int = SEARCH_BOUND
    given_up: dict[int, Mask] = field(default_factory=dict)
    """Site id → the starts at which the search for an exchange ended at its bound: perhaps possible."""
    window: Window = field(init=False)
    everything: Mask = field(init=False)

    def __post_init__(self) -> None:
        self.window = self.snapshot.window(self.need.blocked_ticks)
        self.everything = self.window.everything

    # ---- time ----------------------------------------------------------------------------------

    @cached_property
    def days(self) -> Mask:
        """Where a start may lie: within the days and half-days asked for, not in the margins."""
        need = self.need
        return mask_of(
            self.window,
            [
                (day.start if need.mornings else day.noon, day.stop if need.afternoons else day.noon)
                for day in self.snapshot.days
            ],
        )

    @cached_property
    def not_past(self) -> Mask:
        return self._from(ceil_tick(self.snapshot.now))

    @cached_property
    def not_too_soon(self) -> Mask:
        earliest = self.need.earliest
        return self.not_past if earliest is None else self.not_past & self._from(ceil_tick(earliest))

    @cached_property
    def timely(self) -> Mask:
        if self.need.latest is None:
            return self.not_too_soon
        return self.not_too_soon & ~self._from(floor_tick(self.need.latest) + 1)

    def _from(self, tick: int) -> Mask:
        return self.everything & -(1 << max(0, tick - self.window.start))

    def kept(self, tick: int) -> Mask:
        """What an appointment begun at `tick` keeps busy."""
        return ((1 << self.need.blocked_ticks) - 1) << (tick - self.window.start)

    def served(self, tick: int) -> Mask:
        """The ticks of the service itself."""
        return ((1 << self.need.service_ticks) - 1) << (tick - self.window.start)

    # ---- resources -----------------------------------------------------------------------------

    @cached_property
    def cabin_busy(self) -> dict[int, Mask]:
        """Taken, out of order until some time, or without equipment that works."""
        return {
            cabin_id: mask | self.cabin_out.get(cabin_id, 0) | self.cabin_faulty.get(cabin_id, 0)
            for cabin_id, mask in self.cabin_taken.items()
        }

    @cached_property
    def cabin_taken(self) -> dict[int, Mask]:
        return {
            cabin.id: mask_of(self.window, [*cabin.busy, *cabin.retirement(self.window.stop)])
            for site in self.snapshot.sites
            for cabin in site.cabins
        }

    @cached_property
    def cabin_out(self) -> dict[int, Mask]:
        """Of those that are out of order until some time, the ticks before it; of those that are retired, the
        ticks after it."""
        start, stop = self.window.start, self.window.stop
        return {
            cabin.id: mask_of(self.window, [(start, cabin.out_until), *cabin.retirement(stop)])
            for site in self.snapshot.sites
            for cabin in site.cabins
            if cabin.out_until > start or not cabin.outlives(stop)
        }

    @cached_property
    def cabin_faulty(self) -> dict[int, Mask]:
        """Of those where equipment that is needed does not work, the ticks before it works again. Visits that
        do not need it may begin there."""
        start, needed = self.window.start, self.need.equipment
        return {
            cabin.id: mask_of(self.window, [(start, cabin.withdrawn_until(needed))])
            for site in self.snapshot.sites
            for cabin in site.cabins
            if cabin.faults and cabin.withdrawn_until(needed) > start
        }

    def working(self, suitable: Iterable[int], *, whatever_fails: bool = False) -> Mask:
        """The ticks at which at least one of these cabins is not out of order, and its equipment works or
        whatever of it fails."""
        works = 0
        for cabin_id in suitable:
            faulty = 0 if whatever_fails else self.cabin_faulty.get(cabin_id, 0)
            works |= self.everything & ~(self.cabin_out.get(cabin_id, 0) | faulty)
        return works

    @cached_property
    def helper_busy(self) -> dict[int, Mask]:
        return {helper.id: mask_of(self.window, helper.busy) for helper in self.snapshot.helpers}

    @cached_property
    def turnarounds(self) -> dict[int, Mask]:
        """By helper: the ticks between the end of a service and the end of its turnaround."""
        spans: dict[int, list[Span]] = defaultdict(list)
        for row in self.snapshot.booked:
            if row.stop < row.blocked and row.helper_id is not None:
                spans[row.helper_id].append((row.stop, row.blocked))
        return {helper_id: mask_of(self.window, each) for helper_id, each in spans.items()}

    @cached_property
    def on_site(self) -> dict[int, dict[int, Mask]]:
        """By site, then by helper: the ticks on shift there and not absent."""
        sites: dict[int, dict[int, Mask]] = {}
        for helper in self.snapshot.helpers:
            absent = mask_of(self.window, helper.absences)
            for site_id, spans in helper.shifts.items():
                sites.setdefault(site_id, {})[helper.id] = mask_of(self.window, spans) & ~absent
        return sites

    @cached_property
    def eligible(self) -> list[HelperWorld]:
        return [helper for helper in self.snapshot.helpers if self.need.accepts(helper)]

    def load(self, helper_id: int, day: OpenDay) -> int:
        """How many ticks of the day a helper is busy."""
        today = mask_of(self.window, [(day.start, day.stop)])
        return (self.helper_busy[helper_id] & today).bit_count()

    def opened(self, site: SiteWorld) -> Mask:
        return mask_of(self.window, site.open_spans) & ~mask_of(self.window, site.closures)

    def people(self, site_id: int, helpers: Iterable[HelperWorld]) -> People:
        if not self.need.with_helper:
            return People(self.everything, self.everything, 0)
        present = self.on_site.get(site_id, {})
        duty = ready = freed = 0
        for helper in helpers:
            here = present.get(helper.id, 0)
            if here:
                free = self.everything & ~self.helper_busy[helper.id]
                serves = runs(here, self.need.service_ticks)
                duty |= serves
                ready |= serves & runs(free, self.need.blocked_ticks)
                freed |= here & rising(free)
        return People(duty, ready, freed)

    # ---- starts --------------------------------------------------------------------------------

    def cabins(self, site: SiteWorld) -> Cabins:
        suitable = [cabin.id for cabin in site.cabins if self.need.suits(cabin)]
        cabin_free = freed = 0
        for cabin_id in suitable:
            free = self.everything & ~self.cabin_busy[cabin_id]
            cabin_free |= runs(free, self.need.blocked_ticks)
            freed |= rising(free)
        return Cabins(suitable, cabin_free, freed)

    def starts(
        self,
        site: SiteWorld,
        *,
        helpers: Iterable[HelperWorld] | None = None,
        only: Mask | None = None,
    ) -> SiteStarts:
        """The starts at the site. `helpers`: those who may serve, by default all who are eligible.
        `only`: the ticks to judge, by default those that a search lists."""
        need = self.need
        cabins = self.cabins(site)
        people = self.people(site.id, self.eligible if helpers is None else helpers)
        opened = self.opened(site)
        starts = only
        if starts is None:
            starts = grid(self.window, site.open_spans, need.step_ticks) | cabins.freed | people.freed
        fitting = starts & self.days & runs(opened, need.service_ticks)
        timely = fitting & self.timely
        equipped = timely & self.working(cabins.suitable, whatever_fails=True)
        housed = equipped & self.working(cabins.suitable)
        attended = housed & people.duty
        return SiteStarts(
            site,
            opened & self.days,
            fitting,
            timely,
            equipped,
            housed,
            attended,
            attended & cabins.free & people.ready,
            cabins.free,
            people.ready,
        )

    def why_none(self, sites: Sequence[SiteStarts], period: Mask) -> WhyEmpty:
        """The step at which the last start of the period was lost, over all sites together. CLOSED is the
        first step. FULL: some starts are attended, and only other appointments stand against them."""
        steps: tuple[tuple[Callable[[SiteStarts], Mask], WhyEmpty], ...] = (
            (lambda starts: starts.opened, WhyEmpty.CLOSED),
            (lambda starts: starts.fitting, WhyEmpty.TOO_SHORT),
            (lambda starts: starts.fitting & self.not_past, WhyEmpty.PAST),
            (lambda starts: starts.fitting & self.not_too_soon, WhyEmpty.TOO_SOON),
            (lambda starts: starts.timely, WhyEmpty.TOO_FAR),
            (lambda starts: starts.equipped, WhyEmpty.NO_CABIN),
            (lambda starts: starts.housed, WhyEmpty.FAULT),
            (lambda starts: starts.attended, WhyEmpty.NO_HELPER),
        )
        for step, why in steps:
            if not any(step(starts) & period for starts in sites):
                return why
        return WhyEmpty.FULL

    def closed_or_holiday(self, sites: Iterable[SiteWorld], day: OpenDay, start: int, stop: int) -> WhyEmpty:
        """Why no site is open in `[start, stop)` of the day: HOLIDAY if none has opening hours then."""
        has_hours = any(
            opens < stop and start < closes for site in sites for opens, closes in site.open_spans
        )
        is_holiday = day.on in self.snapshot.holidays and not has_hours
        return WhyEmpty.HOLIDAY if is_holiday else WhyEmpty.CLOSED

    def promising(self, starts: SiteStarts) -> Mask:
        """The starts that are attended but not direct, and that an exchange might make possible: during them
        some cabin, and some helper of whatever skill, is free at every moment. Where all are taken at once,
        nothing can be gained by an exchange.

        A helper making ready counts as free: that can be left to one whose shift is over.
        """
        site, cabin_free, helper_free = starts.site, starts.cabin_free, starts.helper_free
        refused = starts.attended & ~starts.direct
        if refused and self.snapshot.booked:
            some = 0
            for cabin in site.cabins:
                if cabin.in_order:
                    # Those who must make way may not need what fails there.
                    out = self.cabin_out.get(cabin.id, 0)
                    some |= self.everything & ~(self.cabin_taken[cabin.id] | out)
            refused &= cabin_free | runs(some, self.need.blocked_ticks)
        else:
            return 0
        if refused and self.need.with_helper:
            some = 0
            for helper_id, here in self.on_site.get(site.id, {}).items():
                some |= here & (~self.helper_busy[helper_id] | self.turnarounds.get(helper_id, 0))
            refused &= helper_free | runs(some, self.need.service_ticks)
        return refused

    # ---- exchange ------------------------------------------------------------------------------

    @cached_property
    def exchanger(self) -> Exchanger:
        return Exchanger(
            self.snapshot,
            self.need,
            self.window,
            self.cabin_taken,
            self.cabin_out,
            self.helper_busy,
            self.on_site,
            Effort(self.bound),
        )

    def by_exchange(
        self, starts: SiteStarts, day: OpenDay, tick: int, bound: int = BOUND
    ) -> tuple[Room, Room] | None:
        """The cabin and the helper to be had at a start where one of them is not free, or None."""
        here = 1 << (tick - self.window.start)
        cabin: Room | None = Room(None)
        helper: Room | None = Room(None)
        if not starts.cabin_free & here:
            cabin = self.exchanger.room_in_cabin(starts.site, day, tick, bound)
        if cabin is not None and not starts.helper_free & here:
            helper = self.exchanger.room_with_helper(starts.site, day, tick, bound)
        return None if cabin is None or helper is None else (cabin, helper)
