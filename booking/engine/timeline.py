"""Time as integers: bit *i* of a mask is the 5-minute tick *i* of a window.

A tick is numbered from the Unix epoch (``epoch seconds // 300``), so ticks need no time
zone: every offset in use in France and overseas is a multiple of five minutes, and local
time only matters to whoever decides where a day begins. A span is a half-open pair of
epoch ticks ``(start, stop)``. A mask is an ordinary ``int``: ``&``, ``|`` and ``& ~``
combine resources, and a stretch of *n* free ticks is found in about log2(n) operations
whatever the length of the window.

Rounding never invents free time: what is free shrinks to whole ticks, what is busy grows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple, Self

TICK_MINUTES = 5
TICK_SECONDS = TICK_MINUTES * 60

type Span = tuple[int, int]
"""Half-open ``(start, stop)`` in epoch ticks."""

type Mask = int

# The masks of short spans, made once: an appointment is rarely longer than a day.
_ONES = [(1 << length) - 1 for length in range(289)]


def floor_tick(at: datetime) -> int:
    """The tick in which the aware datetime `at` falls."""
    return int(at.timestamp() // TICK_SECONDS)


def ceil_tick(at: datetime) -> int:
    """The first tick that begins at the aware datetime `at` or later."""
    return int(-(-at.timestamp() // TICK_SECONDS))


def tick_start(tick: int) -> datetime:
    """The instant, in UTC, at which `tick` begins."""
    return datetime.fromtimestamp(tick * TICK_SECONDS, UTC)


def round_up(at: datetime) -> datetime:
    """`at` if a tick begins then, else the start of the next tick, in UTC."""
    return tick_start(ceil_tick(at))


def minutes_to_ticks(minutes: int) -> int:
    """How many ticks `minutes` take: 45 minutes are 9 ticks, 32 minutes are 7."""
    return -(-minutes // TICK_MINUTES)


def free_span(start: datetime, stop: datetime) -> Span:
    """Free time rounded inward: only the ticks that lie wholly between the two."""
    return ceil_tick(start), floor_tick(stop)


def busy_span(start: datetime, stop: datetime) -> Span:
    """Busy time rounded outward: every tick that the stretch touches."""
    return floor_tick(start), ceil_tick(stop)


class Window(NamedTuple):
    """The stretch of time that masks talk about: bit 0 is `start`, an epoch tick."""

    start: int
    ticks: int

    @property
    def stop(self) -> int:
        return self.start + self.ticks

    @property
    def everything(self) -> Mask:
        return (1 << self.ticks) - 1

    @classmethod
    def of_span(cls, span: Span) -> Self:
        return cls(span[0], max(0, span[1] - span[0]))

    @classmethod
    def between(cls, start: datetime, stop: datetime) -> Self:
        """The window of all ticks touched by ``[start, stop)``, two aware datetimes."""
        return cls.of_span(busy_span(start, stop))


def mask_of(window: Window, spans: Iterable[Span]) -> Mask:
    """The ticks of `window` that lie in one of `spans`; what lies outside is cut off."""
    origin, length = window
    mask = 0
    for start, stop in spans:
        first = start - origin
        last = stop - origin
        if first < 0:
            first = 0
        if last > length:
            last = length
        size = last - first
        if size > 0:
            mask |= (_ONES[size] if size < 289 else (1 << size) - 1) << first
    return mask


def runs(mask: Mask, length: int) -> Mask:
    """The ticks at which `length` ticks of `mask` in a row begin.

    Each step joins two runs already found, so that the known length doubles; the last
    step overlaps them to land on `length` exactly.
    """
    known = 1
    while known < length and mask:
        step = min(known, length - known)
        mask &= mask >> step
        known += step
    return mask


def rising(mask: Mask) -> Mask:
    """The set ticks whose preceding tick is not set (tick 0 counts if it is set)."""
    return mask & ~(mask << 1)


@lru_cache(maxsize=1024)
def _comb(step: int, count: int) -> Mask:
    mask = 0
    for tooth in range(count):
        mask |= 1 << (tooth * step)
    return mask


def grid(window: Window, spans: Iterable[Span], step: int) -> Mask:
    """Every `step` ticks from the start of each span, as long as the span lasts.

    A span that began before the window keeps its own rhythm: the first tick shown is the
    first multiple of `step` after its start that the window holds.
    """
    origin, length = window
    mask = 0
    for start, stop in spans:
        skipped = max(0, -(-(origin - start) // step))
        first = start + skipped * step
        count = -(-(min(stop, origin + length) - first) // step)
        if count > 0:
            mask |= _comb(step, count) << (first - origin)
    return mask


def bits(mask: Mask) -> Iterator[int]:
    """The positions of the set bits, lowest first.

    Reading them off the binary digits is linear; clearing the lowest bit of a long
    integer again and again is quadratic.
    """
    digits = format(mask, "b")[::-1]
    position = digits.find("1")
    while position >= 0:
        yield position
        position = digits.find("1", position + 1)


def spans_of(window: Window, mask: Mask) -> Iterator[Span]:
    """The stretches of set ticks, in order: what `mask_of` makes a mask of."""
    position = window.start
    while mask:
        gap = (mask & -mask).bit_length() - 1
        mask >>= gap
        length = (~mask & -~mask).bit_length() - 1
        mask >>= length
        yield position + gap, position + gap + length
        position += gap + length


def lowest(mask: Mask) -> int | None:
    """The position of the lowest set bit, or None."""
    return (mask & -mask).bit_length() - 1 if mask else None
