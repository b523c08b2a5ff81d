from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from communes.localtime import merged, utc_spans

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
