"""A day laid out along one axis of time."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.engine.snapshot import days_between
from booking.engine.timeline import Window, floor_tick, mask_of
from booking.pages.axis import Block, BlockKind, Layer, axis, hours, lane, share
from tests.booking.worlds import PARIS, REUNION

TUESDAY = date(2026, 11, 24)
WINDOW = Window(1000, 60)

layers = st.lists(
    st.builds(
        Layer,
        st.sampled_from([kind for kind in BlockKind if kind != BlockKind.TRACE]),
        st.integers(0, WINDOW.everything),
        st.integers(0, 3),
    ),
    max_size=6,
)


@given(layers)
def test_each_tick_belongs_to_the_first_layer_that_covers_it(given_layers: list[Layer]) -> None:
    every = [*given_layers, Layer(BlockKind.REST, WINDOW.everything)]
    blocks = lane(WINDOW, every)
    ticks = [(block.kind, block.ref) for block in blocks for _ in range(block.ticks)]
    assert [block.start for block in blocks[:1]] == [WINDOW.start]
    assert all(a.stop == b.start for a, b in pairwise(blocks))
    assert ticks == [
        next((layer.kind, layer.ref) for layer in every if layer.mask >> tick & 1)
        for tick in range(WINDOW.ticks)
    ]


def test_a_trace_is_shown_until_something_took_its_place() -> None:
    missed = Layer(BlockKind.TRACE, mask_of(WINDOW, [(1000, 1009)]), 1)
    instead = Layer(BlockKind.VISIT, mask_of(WINDOW, [(1003, 1006)]), 2)
    rest = Layer(BlockKind.REST, WINDOW.everything)
    assert lane(WINDOW, [instead, missed, rest]) == [
        Block(BlockKind.TRACE, 1, 1000, 1003),
        Block(BlockKind.VISIT, 2, 1003, 1006),
        Block(BlockKind.REST, 0, 1006, 1060),
    ]


def tick(hour: int, minute: int = 0, on: date = TUESDAY) -> int:
    return floor_tick(datetime(on.year, on.month, on.day, hour, minute, tzinfo=PARIS))


def test_the_axis_goes_from_full_hour_to_full_hour() -> None:
    (day,) = days_between(TUESDAY, TUESDAY, PARIS)
    window = axis([(tick(8, 30), tick(12)), (tick(14), tick(16, 55))], day, PARIS)
    assert (window.start, window.stop) == (tick(8), tick(17))
    assert [hour.starts_at.astimezone(PARIS).hour for hour in hours(window, PARIS)] == list(range(8, 17))
    assert axis([], day, PARIS).ticks == 0


@pytest.mark.parametrize(("on", "length"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
def test_a_day_on_which_clocks_change_has_its_own_hours(on: date, length: int) -> None:
    (day,) = days_between(on, on, PARIS)
    window = axis([(day.start, day.stop)], day, PARIS)
    assert sum(hour.ticks for hour in hours(window, PARIS)) == length * 12
    assert len(hours(window, PARIS)) == length


def test_what_lies_before_and_after_the_day_is_cut_off() -> None:
    (day,) = days_between(TUESDAY, TUESDAY, REUNION)
    window = axis([(day.start - 20, day.start + 5), (day.stop + 3, day.stop + 9)], day, REUNION)
    assert (window.start, window.ticks) == (day.start, 12)


def test_the_present_lies_somewhere_along_the_axis() -> None:
    window = Window.of_span((tick(9), tick(17)))
    noon = datetime(2026, 11, 24, 13, tzinfo=PARIS)
    assert share(window, noon) == 50
    assert share(window, noon + timedelta(hours=4)) is None
    assert share(window, noon - timedelta(hours=5)) is None
