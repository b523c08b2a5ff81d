"""A day as lanes on one time axis: one lane per cabin or helper, divided completely into blocks.

Pure: spans and masks in, blocks out. An axis begins and ends at a full local hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from booking.engine.snapshot import OpenDay
from booking.engine.timeline import Mask, Span, Window, floor_tick, spans_of, tick_start

TICKS_PER_HOUR = 12


class BlockKind(StrEnum):
    """What a block of a lane shows."""

    VISIT = "visit"
    TRACE = "trace"  # a visit that is over, or did not take place: it no longer occupies the lane
    READYING = "readying"  # the turnaround after a visit
    GAP = "gap"
    REST = "rest"  # free, but past, or too short for any service
    CLOSED = "closed"
    OUT_OF_ORDER = "out_of_order"
    OFF = "off"  # a helper who is not on duty here
    ABSENT = "absent"
    ELSEWHERE = "elsewhere"  # a helper with a visit at another site


@dataclass(frozen=True, slots=True)
class Layer:
    """The ticks that one kind of block covers; `ref` identifies the visit or gap, if a kind has several."""

    kind: BlockKind
    mask: Mask
    ref: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    kind: BlockKind
    ref: int
    start: int
    stop: int

    @property
    def ticks(self) -> int:
        return self.stop - self.start

    @property
    def starts_at(self) -> datetime:
        return tick_start(self.start)

    @property
    def ends_at(self) -> datetime:
        return tick_start(self.stop)


@dataclass(frozen=True, slots=True)
class Hour:
    """The heading over an hour of the axis; shorter if the clocks change within the hour."""

    starts_at: datetime
    ticks: int


def axis(spans: Iterable[Span], day: OpenDay, tz: tzinfo) -> Window:
    """The full hours of the day that contain all the spans; an empty window if there are none."""
    within = [(max(start, day.start), min(stop, day.stop)) for start, stop in spans]
    within = [span for span in within if span[0] < span[1]]
    if not within:
        return Window(day.start, 0)
    first = _full_hour(min(start for start, _ in within), tz)
    last = _full_hour(max(stop for _, stop in within) - 1, tz) + TICKS_PER_HOUR
    return Window.of_span((max(first, day.start), min(last, day.stop)))


def hours(window: Window, tz: tzinfo) -> list[Hour]:
    found = []
    tick = window.start
    while tick < window.stop:
        following = min(_full_hour(tick, tz) + TICKS_PER_HOUR, window.stop)
        found.append(Hour(tick_start(tick), following - tick))
        tick = following
    return found


def lane(window: Window, layers: Sequence[Layer]) -> list[Block]:
    """Divide the window into blocks. Each tick belongs to the first layer that covers it; the last layer
    covers all.

    Of a TRACE layer only the first free part is kept: later visits in its time hide the rest.
    """
    rest = window.everything
    blocks: list[Block] = []
    for layer in layers:
        stretches = list(spans_of(window, layer.mask & rest))
        if layer.kind == BlockKind.TRACE:
            stretches = stretches[:1]
        for start, stop in stretches:
            blocks.append(Block(layer.kind, layer.ref, start, stop))
            rest &= ~(((1 << (stop - start)) - 1) << (start - window.start))
    return sorted(blocks, key=lambda block: block.start)


def share(window: Window, at: datetime) -> float | None:
    """How far along the window an instant lies, in percent; None outside the window."""
    start, stop = tick_start(window.start), tick_start(window.stop)
    if not start <= at < stop:
        return None
    return round((at - start) / (stop - start) * 100, 2)


def _full_hour(tick: int, tz: tzinfo) -> int:
    local = tick_start(tick).astimezone(tz)
    return floor_tick(tick_start(tick) - timedelta(minutes=local.minute))
