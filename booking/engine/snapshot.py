"""What availability is computed from: plain values, without database and without names.

All spans are half-open pairs of epoch ticks (see `booking.engine.timeline`), already rounded: opening hours
and shifts inward, closures, absences and appointments outward.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from booking.engine.timeline import Span, Window, ceil_tick, floor_tick, minutes_to_ticks, tick_start
from communes.enums import WheelchairAccess

WHEELCHAIR_ORDER = WheelchairAccess.YES, WheelchairAccess.UNKNOWN, WheelchairAccess.NO
"""From the best to the worst."""

NEVER = 1 << 40
"""The tick of what nobody knows the end of: after all others."""

SETTLED_MINUTES = 120
"""An appointment that starts sooner than this keeps its cabin and its helper."""


class OpenDay(NamedTuple):
    """A day of the commune's calendar, in epoch ticks; 23 or 25 hours long when clocks change."""

    on: date
    start: int
    noon: int
    stop: int


@dataclass(frozen=True, slots=True)
class DayFilter:
    """The days and half-days that suit somebody; no weekday (0 is Monday) means any."""

    weekdays: frozenset[int] = frozenset()
    mornings: bool = True
    afternoons: bool = True

    def days(self, first: date, last: date) -> Iterator[date]:
        """The days that suit, from `first` to `last`, both included."""
        for n in range((last - first).days + 1):
            on = first + timedelta(days=n)
            if not self.weekdays or on.weekday() in self.weekdays:
                yield on


ANY_DAY = DayFilter()


def days_between(first: date, last: date, tz: tzinfo, suiting: DayFilter = ANY_DAY) -> tuple[OpenDay, ...]:
    """The local days from `first` to `last`, both included, that suit."""

    def at(on: date, hour: int) -> int:
        return floor_tick(datetime.combine(on, time(hour), tz))

    return tuple(
        OpenDay(on, at(on, 0), at(on, 12), at(on + timedelta(days=1), 0)) for on in suiting.days(first, last)
    )


class Pin:
    """What an exchange must not change in an appointment, besides what `SETTLED_MINUTES` says."""

    NONE = 0
    HELPER = 1  # the resident chose the helper by name
    ALL = 2  # arrived, or in session


class Booked(NamedTuple):
    """A live appointment in a cabin of the snapshot's sites; `blocked` is the end of its turnaround."""

    id: int
    cabin_id: int
    helper_id: int | None
    service_id: int
    start: int
    stop: int
    blocked: int
    pin: int = Pin.NONE


@dataclass(frozen=True, slots=True)
class CabinWorld:
    id: int
    equipment: frozenset[str] = frozenset()
    in_order: bool = True
    busy: Sequence[Span] = ()
    out_until: int = 0
    """Nothing begins in it before this tick. While nobody knows until when, it is not `in_order`."""
    wheelchair: WheelchairAccess = WheelchairAccess.UNKNOWN
    """Whether somebody in a wheelchair can get in, the place considered."""
    retired_from: int | None = None
    """From this tick on it is taken for good."""
    faults: Sequence[tuple[str, int]] = ()
    """Equipment that does not work, each with the tick before which nothing begins that needs it."""

    def withdrawn_until(self, needed: frozenset[str]) -> int:
        """The tick before which nothing begins in it that needs this equipment; 0 if all of it works."""
        return max((tick for code, tick in self.faults if code in needed), default=0)

    def outlives(self, tick: int) -> bool:
        """Whether what ends at `tick` ends before the cabin is retired."""
        return self.retired_from is None or tick <= self.retired_from

    def retirement(self, stop: int) -> list[Span]:
        """The time after it is retired, cut at `stop`."""
        return [] if self.retired_from is None else [(self.retired_from, stop)]


@dataclass(frozen=True, slots=True)
class SiteWorld:
    id: int
    open_spans: Sequence[Span]
    closures: Sequence[Span] = ()
    cabins: Sequence[CabinWorld] = ()


@dataclass(frozen=True, slots=True)
class HelperWorld:
    """`shifts` by site; `busy` holds every appointment of the helper, in whatever commune."""

    id: int
    skills: frozenset[int]
    shifts: Mapping[int, Sequence[Span]]
    absences: Sequence[Span] = ()
    busy: Sequence[Span] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Sites, cabins and helpers over some days, in their order; there may be others between them.

    `booked` and `equipment_by_service` serve the exchange of helpers and cabins only; without
    them nothing is exchanged. Busy spans of one cabin or one helper never overlap (the database
    refuses it). Spans must be complete over the days and, after the last, for as long as an
    appointment started then may last.
    """

    now: datetime
    days: tuple[OpenDay, ...]
    sites: tuple[SiteWorld, ...]
    helpers: tuple[HelperWorld, ...] = ()
    holidays: frozenset[date] = frozenset()
    booked: Sequence[Booked] = ()
    equipment_by_service: Mapping[int, frozenset[str]] = field(default_factory=dict)

    def window(self, blocked_ticks: int) -> Window:
        """The ticks that a search must see: the one before the first day (something may end just
        then), the days, and what an appointment begun at the very end would take."""
        first = self.days[0].start - 1
        return Window(first, self.days[-1].stop + blocked_ticks - first)

    def day_of(self, tick: int) -> OpenDay | None:
        return next((day for day in self.days if day.start <= tick < day.stop), None)

    @property
    def settled_before(self) -> int:
        """Appointments that start before this tick are not exchanged."""
        return ceil_tick(self.now + timedelta(minutes=SETTLED_MINUTES))


@dataclass(frozen=True, slots=True)
class SlotRequest:
    """What is looked for. Lengths that are not a multiple of five minutes are rounded up to the tick.

    `earliest` and `latest` bound the start (both allowed); the start is never before the snapshot's
    now. Without `mornings`, or without `afternoons`, nothing is looked for in that half of a day.
    `helper_id` is a helper chosen by name, `seen_last_id` the one who saw the resident last. With
    `wheelchair`, a cabin into which one gets with it is preferred.
    """

    service_id: int
    duration_min: int
    turnaround_min: int = 0
    start_step_min: int = 15
    equipment: frozenset[str] = frozenset()
    with_helper: bool = False
    helper_id: int | None = None
    seen_last_id: int | None = None
    earliest: datetime | None = None
    latest: datetime | None = None
    mornings: bool = True
    afternoons: bool = True
    wheelchair: bool = False

    @property
    def service_ticks(self) -> int:
        return minutes_to_ticks(self.duration_min)

    @property
    def blocked_ticks(self) -> int:
        """Service and turnaround: how long cabin and helper are kept."""
        return self.service_ticks + minutes_to_ticks(self.turnaround_min)

    @property
    def step_ticks(self) -> int:
        return minutes_to_ticks(self.start_step_min)

    def suits(self, cabin: CabinWorld) -> bool:
        return cabin.in_order and self.equipment <= cabin.equipment

    def comfort(self, cabin: CabinWorld) -> int:
        """How well a cabin meets what is preferred; less is better."""
        return WHEELCHAIR_ORDER.index(cabin.wheelchair) if self.wheelchair else 0

    def accepts(self, helper: HelperWorld) -> bool:
        return self.service_id in helper.skills and self.helper_id in (None, helper.id)


class Offer(NamedTuple):
    """A start that can be booked. With `via_exchange`, others' helpers or cabins must be changed first."""

    tick: int
    site_id: int
    service_ticks: int
    blocked_ticks: int
    via_exchange: bool = False

    @property
    def start(self) -> datetime:
        return tick_start(self.tick)

    @property
    def end(self) -> datetime:
        return tick_start(self.tick + self.service_ticks)

    @property
    def blocked_until(self) -> datetime:
        return tick_start(self.tick + self.blocked_ticks)
