from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.localtime import merged, merged_within, overlapping, subtract, utc_spans

PARIS = ZoneInfo("Europe/Paris")


def local(text):
    return datetime.fromisoformat(text)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_nine_stays_nine_across_the_change_to_summer():
    spans = [(local(f"2026-03-{day} 09:00"), local(f"2026-03-{day} 12:00")) for day in (28, 29, 30)]
    assert utc_spans(spans, PARIS) == [
        (utc("2026-03-28 08:00"), utc("2026-03-28 11:00")),
        (utc("2026-03-29 07:00"), utc("2026-03-29 10:00")),
        (utc("2026-03-30 07:00"), utc("2026-03-30 10:00")),
    ]


def test_a_night_is_an_hour_shorter_or_longer_when_clocks_change():
    spring = [(local("2026-03-28 22:00"), local("2026-03-29 06:00"))]
    autumn = [(local("2026-10-24 22:00"), local("2026-10-25 06:00"))]
    assert utc_spans(spring, PARIS) == [(utc("2026-03-28 21:00"), utc("2026-03-29 04:00"))]
    assert utc_spans(autumn, PARIS) == [(utc("2026-10-24 20:00"), utc("2026-10-25 05:00"))]


def test_a_time_that_the_clock_skips_is_the_moment_of_the_change():
    change = utc("2026-03-29 01:00")
    before = [(local("2026-03-29 01:00"), local("2026-03-29 02:30"))]
    after = [(local("2026-03-29 02:30"), local("2026-03-29 04:00"))]
    within = [(local("2026-03-29 02:15"), local("2026-03-29 02:45"))]
    assert utc_spans(before, PARIS) == [(utc("2026-03-29 00:00"), change)]
    assert utc_spans(after, PARIS) == [(change, utc("2026-03-29 02:00"))]
    assert utc_spans(within, PARIS) == []


def test_an_hour_that_the_clock_shows_twice_counts_twice():
    within = [(local("2026-10-25 02:15"), local("2026-10-25 02:45"))]
    until = [(local("2026-10-25 01:00"), local("2026-10-25 02:30"))]
    whole = [(local("2026-10-25 02:00"), local("2026-10-25 03:00"))]
    assert utc_spans(within, PARIS) == [
        (utc("2026-10-25 00:15"), utc("2026-10-25 00:45")),
        (utc("2026-10-25 01:15"), utc("2026-10-25 01:45")),
    ]
    assert utc_spans(until, PARIS) == [
        (utc("2026-10-24 23:00"), utc("2026-10-25 00:30")),
        (utc("2026-10-25 01:00"), utc("2026-10-25 01:30")),
    ]
    assert utc_spans(whole, PARIS) == [(utc("2026-10-25 00:00"), utc("2026-10-25 02:00"))]


def test_a_zone_without_changes_is_only_shifted():
    spans = [(local("2026-03-29 09:00"), local("2026-03-29 12:00"))]
    assert utc_spans(spans, ZoneInfo("Indian/Reunion")) == [
        (utc("2026-03-29 05:00"), utc("2026-03-29 08:00"))
    ]


def test_nothing_in_nothing_out():
    assert utc_spans([], PARIS) == []


@pytest.mark.parametrize("zone", ["Europe/Paris", "Indian/Reunion", "America/Miquelon", "Pacific/Marquesas"])
@settings(max_examples=60)
@given(
    day=st.dates(date(2026, 1, 1), date(2027, 12, 31))
    | st.sampled_from([date(2026, 3, 28), date(2026, 10, 24), date(2026, 10, 31)]),
    quarters=st.lists(st.integers(0, 4 * 48), min_size=2, max_size=6, unique=True).map(sorted),
)
def test_open_means_that_the_local_clock_reads_an_open_time(zone, day, quarters):
    tz = ZoneInfo(zone)
    midnight = datetime.combine(day, datetime.min.time())
    times = [midnight + timedelta(minutes=15 * n) for n in quarters]
    spans = list(zip(times[::2], times[1::2], strict=False))
    result = utc_spans(spans, tz)
    assert result == merged(result)
    instant = midnight.replace(tzinfo=UTC) - timedelta(days=1)
    for _ in range(4 * 24 * 4):
        reads = instant.astimezone(tz).replace(tzinfo=None)
        expected = any(start <= reads < end for start, end in spans)
        assert any(start <= instant < end for start, end in result) == expected
        instant += timedelta(minutes=15)


def test_merging_joins_what_touches_and_drops_what_is_empty():
    at = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in range(10)]
    assert merged([(at[5], at[6]), (at[1], at[2]), (at[2], at[3]), (at[4], at[4]), (at[1], at[3])]) == [
        (at[1], at[3]),
        (at[5], at[6]),
    ]


# ---- spans among spans -----------------------------------------------------------------------------

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
minutes = st.integers(0, 60)
some_spans = st.lists(
    st.tuples(minutes, minutes).map(
        lambda ends: tuple(NOON + timedelta(minutes=minute) for minute in sorted(ends))
    ),
    max_size=12,
)


def by_minute(spans):
    return {m for m in range(60) if any(s <= NOON + timedelta(minutes=m) < e for s, e in spans)}


def cut_by_each(wanted, taken):
    """The plain old way: the span is cut by each of the others, one after the other."""
    pieces = [wanted]
    for first, last in taken:
        pieces = [
            piece
            for start, end in pieces
            for piece in ((start, min(end, first)), (max(start, last), end))
            if piece[0] < piece[1]
        ]
    return merged(pieces)


@given(some_spans, some_spans)
def test_a_span_without_others_is_what_cutting_it_by_each_of_them_leaves(wanted, taken):
    for span in wanted:
        assert subtract(span, merged(taken)) == cut_by_each(span, taken)


@given(some_spans, some_spans)
def test_the_spans_that_meet_one_are_those_that_share_a_minute_with_it(wanted, others):
    known = merged(others)
    for span in merged(wanted):
        assert overlapping(known, span) == [each for each in known if by_minute([each]) & by_minute([span])]


@given(some_spans, st.integers(1, 10))
def test_joined_spans_keep_their_time_and_fill_the_short_pauses_only(spans, pause):
    found = merged_within(spans, timedelta(minutes=pause))
    assert by_minute(spans) <= by_minute(found)
    gaps = [later[0] - earlier[1] for earlier, later in pairwise(found)]
    assert all(gap >= timedelta(minutes=pause) for gap in gaps)
    edges = {edge for span in merged(spans) for edge in span}
    assert {edge for span in found for edge in span} <= edges
    for start, end in found:
        inside = [span for span in merged(spans) if start <= span[0] and span[1] <= end]
        pauses = [later[0] - earlier[1] for earlier, later in pairwise(inside)]
        assert all(between < timedelta(minutes=pause) for between in pauses)


def test_one_span_is_found_in_a_year_of_them_with_few_looks():
    class Looked(list):
        looks = 0

        def __getitem__(self, key):
            if isinstance(key, int):
                self.looks += 1
            return super().__getitem__(key)

    year = Looked((NOON + timedelta(hours=n), NOON + timedelta(hours=n, minutes=5)) for n in range(8760))
    span = (NOON + timedelta(hours=4000), NOON + timedelta(hours=4001))
    assert subtract(span, year) == [(span[0] + timedelta(minutes=5), span[1])]
    assert year.looks <= 30, "two bisections of 8,760"
