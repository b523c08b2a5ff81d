"""Masks say of every tick what the spans say."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.engine.timeline import (
    Window,
    bits,
    busy_span,
    ceil_tick,
    floor_tick,
    free_span,
    grid,
    lowest,
    mask_of,
    minutes_to_ticks,
    rising,
    round_up,
    runs,
    tick_start,
)

NINE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ORIGIN = floor_tick(NINE)

windows = st.builds(Window, st.integers(-50, 50), st.integers(0, 700))
spans = st.lists(st.tuples(st.integers(-100, 700), st.integers(-100, 900)), max_size=8)
masks = st.integers(0, 2**700)


def minutes(count: float) -> datetime:
    return NINE + timedelta(minutes=count)


def test_a_tick_is_five_minutes_from_the_epoch() -> None:
    assert tick_start(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert tick_start(ORIGIN) == NINE
    assert (floor_tick(minutes(4.9)), ceil_tick(minutes(4.9))) == (ORIGIN, ORIGIN + 1)
    assert (floor_tick(minutes(5)), ceil_tick(minutes(5))) == (ORIGIN + 1, ORIGIN + 1)


def test_a_microsecond_after_a_tick_is_the_next_when_rounded_up() -> None:
    late = NINE + timedelta(microseconds=1)
    assert (round_up(NINE), round_up(late)) == (NINE, minutes(5))


@pytest.mark.parametrize(("given", "ticks"), [(0, 0), (1, 1), (5, 1), (32, 7), (45, 9)])
def test_lengths_are_rounded_up(given: int, ticks: int) -> None:
    assert minutes_to_ticks(given) == ticks


def test_free_time_shrinks_and_busy_time_grows() -> None:
    assert free_span(minutes(2), minutes(18)) == (ORIGIN + 1, ORIGIN + 3)
    assert busy_span(minutes(2), minutes(18)) == (ORIGIN, ORIGIN + 4)
    assert (
        free_span(minutes(5), minutes(10)) == busy_span(minutes(5), minutes(10)) == (ORIGIN + 1, ORIGIN + 2)
    )
    start, stop = free_span(minutes(1), minutes(4))
    assert start >= stop


def test_a_window_holds_every_tick_it_touches() -> None:
    assert Window.between(minutes(2), minutes(18)) == Window(ORIGIN, 4)
    assert Window.of_span((7, 3)) == Window(7, 0)


@given(windows, spans)
def test_a_mask_has_the_ticks_of_its_spans_and_no_others(
    window: Window, given: list[tuple[int, int]]
) -> None:
    expected = {
        tick - window.start
        for start, stop in given
        for tick in range(start, stop)
        if window.start <= tick < window.stop
    }
    assert set(bits(mask_of(window, given))) == expected


@given(masks, st.integers(1, 300))
def test_a_run_begins_where_all_its_ticks_are_set(mask: int, length: int) -> None:
    here = set(bits(mask))
    expected = {tick for tick in here if all(tick + n in here for n in range(length))}
    assert set(bits(runs(mask, length))) == expected


@given(windows, spans, st.integers(1, 40))
def test_a_grid_is_counted_from_each_opening(window: Window, given: list[tuple[int, int]], step: int) -> None:
    expected = {
        tick - window.start
        for start, stop in given
        for tick in range(start, stop, step)
        if window.start <= tick < window.stop
    }
    assert set(bits(grid(window, given, step))) == expected


@given(masks)
def test_bits_come_in_order_and_rebuild_the_mask(mask: int) -> None:
    positions = list(bits(mask))
    assert positions == sorted(positions)
    assert sum(1 << position for position in positions) == mask
    assert lowest(mask) == (positions[0] if positions else None)


@given(masks)
def test_a_tick_rises_when_the_one_before_is_not_set(mask: int) -> None:
    here = set(bits(mask))
    assert set(bits(rising(mask))) == {tick for tick in here if tick - 1 not in here}
