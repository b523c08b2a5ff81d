"""Conversion of local wall-clock times to instants, exact through both clock changes."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Span = tuple[datetime, datetime]
"""Half-open `[start, end)`: both naive (local wall-clock time) or both aware (instants)."""

_DAY = timedelta(days=1)


def is_after(end: datetime, start: datetime) -> bool:
    """Whether the instant `end` comes after `start`. Python compares two datetimes of one zone by what clocks
    show: 3:30 seems to follow 2:30 also in the night when both are the same instant."""
    return end.astimezone(UTC) > start.astimezone(UTC)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time as sorted spans: overlapping and touching spans are made one, empty ones dropped."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if result and start <= result[-1][1]:
            if end > result[-1][1]:
                result[-1] = (result[-1][0], end)
        else:
            result.append((start, end))
    return result


def merged_within(spans: Iterable[Span], pause: timedelta) -> list[Span]:
    """The same time as sorted spans: spans less than `pause` apart are made one. Aware spans must be in
    UTC: Python subtracts two instants of one zone by their wall-clock times."""
    result: list[Span] = []
    for start, end in merged(spans):
        if result and start - result[-1][1] < pause:
            result[-1] = (result[-1][0], end)
        else:
            result.append((start, end))
    return result


def overlapping(spans: Sequence[Span], wanted: Span) -> Sequence[Span]:
    """The spans that share time with the wanted one. The spans are sorted and do not overlap, as `merged`
    makes them. Found by bisection: a year of spans costs no more than a day of them."""
    first = bisect_right(spans, wanted[0], key=lambda span: span[1])
    return spans[first : bisect_left(spans, wanted[1], lo=first, key=lambda span: span[0])]


def cut(spans: Iterable[Span], by: Span) -> list[Span]:
    """The parts of these spans that lie within another one; each shares time with it."""
    return [(max(start, by[0]), min(end, by[1])) for start, end in spans]


def subtract(wanted: Span, taken: Sequence[Span]) -> list[Span]:
    """What is left of the wanted span without the taken ones (sorted, as `merged` makes them)."""
    start, end = wanted
    left: list[Span] = []
    for first, last in overlapping(taken, wanted):
        if start < first:
            left.append((start, first))
        start = last
    if start < end:
        left.append((start, end))
    return left


def utc_spans(local: Sequence[Span], tz: ZoneInfo) -> list[Span]:
    """The instants at which the local clock reads a time within these spans (naive, in order).

    This one definition settles the clock changes. When clocks go forward, the skipped hour has no length:
    a span from 02:30, or until 02:30, begins or ends at the change. When clocks go back, the hour that the
    clock shows twice counts twice.
    """
    if not local:
        return []
    first, last = local[0][0] - _DAY, local[-1][1] + _DAY
    regimes = [
        (begins, ends, offset)
        for begins, ends, offset in _regimes(tz, first.year, last.year)
        if begins < last and first < ends
    ]
    if len(regimes) == 1:
        offset = regimes[0][2]
        spans = [(start - offset, end - offset) for start, end in local]
    else:
        spans = [
            (max(start - offset, begins), min(end - offset, ends))
            for begins, ends, offset in regimes
            for start, end in local
        ]
    return [(start.replace(tzinfo=UTC), end.replace(tzinfo=UTC)) for start, end in merged(spans)]


@lru_cache(maxsize=256)
def _regimes(
    tz: ZoneInfo, first_year: int, last_year: int
) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """The stretches of UTC (naive here, for speed) over which the zone keeps one offset."""
    begins = datetime(first_year, 1, 1, tzinfo=UTC).replace(tzinfo=None) - 2 * _DAY
    limit = datetime(last_year + 1, 1, 1, tzinfo=UTC).replace(tzinfo=None) + 2 * _DAY
    offset, day = _offset(tz, begins), begins
    result = []
    while day < limit:
        day += _DAY
        later = _offset(tz, day)
        if later != offset:
            change = _change(tz, day - _DAY, day, offset)
            result.append((begins, change, offset))
            begins, offset = change, later
    result.append((begins, day, offset))
    return tuple(result)


def _change(tz: ZoneInfo, before: datetime, after: datetime, offset: timedelta) -> datetime:
    """The second at which the zone leaves this offset, known to lie in `(before, after]`."""
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _offset(tz, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(tz: ZoneInfo, naive_utc: datetime) -> timedelta:
    return naive_utc.replace(tzinfo=UTC).astimezone(tz).utcoffset() or timedelta()
