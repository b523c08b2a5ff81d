from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from communes.opening.hours import describe, parse, summary
from core.localtime import merged

PARIS = ZoneInfo("Europe/Paris")
REUNION = ZoneInfo("Indian/Reunion")
PETIT_QUEVILLY, STRASBOURG, SAINT_DENIS = "76498", "67482", "97411"
TOWN_HALL = "Mo-Fr 08:30-12:00,13:30-17:00; Sa 09:00-12:00; PH off"


def shown(spans, tz):
    """Spans on the local clock, as `Tue 14 09:00-12:00`; the end says its day where that is another."""
    lines = []
    for start, end in spans:
        start, end = start.astimezone(tz), end.astimezone(tz)
        last = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%a %d %H:%M}"
        lines.append(f"{start:%a %d %H:%M}-{last}")
    return lines


def opened(expression, start, end, *, insee_code=PETIT_QUEVILLY, tz=PARIS):
    spans = parse(expression, insee_code).open_spans(date.fromisoformat(start), date.fromisoformat(end), tz)
    assert all(moment.tzinfo is UTC for span in spans for moment in span)
    assert spans == merged(spans)
    return shown(spans, tz)


def test_a_town_hall_has_its_lunch_break_its_saturday_and_its_holiday():
    assert opened(TOWN_HALL, "2026-07-13", "2026-07-20") == [
        "Mon 13 08:30-12:00",
        "Mon 13 13:30-17:00",
        # Tuesday 14 July is a holiday.
        "Wed 15 08:30-12:00",
        "Wed 15 13:30-17:00",
        "Thu 16 08:30-12:00",
        "Thu 16 13:30-17:00",
        "Fri 17 08:30-12:00",
        "Fri 17 13:30-17:00",
        "Sat 18 09:00-12:00",
    ]


def test_the_last_day_is_not_included():
    assert opened(TOWN_HALL, "2026-07-18", "2026-07-18") == []
    assert opened(TOWN_HALL, "2026-07-18", "2026-07-17") == []
    assert opened(TOWN_HALL, "2026-07-18", "2026-07-19") == ["Sat 18 09:00-12:00"]


def test_without_a_rule_for_holidays_the_place_is_open_on_them():
    assert opened("Mo-Fr 09:00-12:00", "2026-07-14", "2026-07-15") == ["Tue 14 09:00-12:00"]


def test_nine_stays_nine_on_both_clock_changes():
    sundays = "Su 09:00-12:00; PH off"
    spring = parse(sundays, PETIT_QUEVILLY).open_spans(date(2026, 3, 22), date(2026, 3, 30), PARIS)
    autumn = parse(sundays, PETIT_QUEVILLY).open_spans(date(2026, 10, 18), date(2026, 10, 26), PARIS)
    assert [start.hour for start, _end in spring] == [8, 7]
    assert [start.hour for start, _end in autumn] == [7, 8]
    assert all(end - start == timedelta(hours=3) for start, end in spring + autumn)


def test_round_the_clock_has_23_and_25_hours_when_clocks_change():
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 10, 26), 24)):
        [(start, end)] = parse("24/7", PETIT_QUEVILLY).open_spans(day, day + timedelta(days=1), PARIS)
        assert end - start == timedelta(hours=hours)


def test_an_opening_over_the_change_is_an_hour_shorter_or_longer():
    night = parse("Sa 22:00-06:00", PETIT_QUEVILLY)
    [(start, end)] = night.open_spans(date(2026, 3, 28), date(2026, 3, 30), PARIS)
    assert end - start == timedelta(hours=7)
    [(start, end)] = night.open_spans(date(2026, 10, 24), date(2026, 10, 26), PARIS)
    assert end - start == timedelta(hours=9)


def test_reunion_keeps_its_own_clock_and_its_own_holiday():
    hours = "Mo-Su 09:00-12:00; PH off"
    spans = parse(hours, SAINT_DENIS).open_spans(date(2026, 12, 19), date(2026, 12, 22), REUNION)
    assert shown(spans, REUNION) == ["Sat 19 09:00-12:00", "Mon 21 09:00-12:00"]
    assert spans[0][0] == datetime(2026, 12, 19, 5, tzinfo=UTC)
    assert len(opened(hours, "2026-12-19", "2026-12-22")) == 3


def test_alsace_is_closed_on_26_december_and_normandy_is_not():
    hours = "Mo-Sa 09:00-12:00; PH off"
    assert opened(hours, "2026-12-24", "2026-12-28", insee_code=STRASBOURG) == ["Thu 24 09:00-12:00"]
    assert opened(hours, "2026-12-24", "2026-12-28") == ["Thu 24 09:00-12:00", "Sat 26 09:00-12:00"]


def test_holidays_are_known_on_both_sides_of_new_year():
    assert opened("Mo-Su 09:00-10:00; PH off", "2026-12-24", "2027-01-03") == [
        "Thu 24 09:00-10:00",
        *(
            f"{day} 09:00-10:00"
            for day in ("Sat 26", "Sun 27", "Mon 28", "Tue 29", "Wed 30", "Thu 31", "Sat 02")
        ),
    ]


def test_a_dated_opening_after_the_holiday_rule_opens_again():
    hours = "Mo-Fr 09:00-12:00; PH off; 2026 Jul 14 10:00-11:00; easter +1 day 15:00-16:00"
    assert opened(hours, "2026-07-13", "2026-07-15") == ["Mon 13 09:00-12:00", "Tue 14 10:00-11:00"]
    assert opened(hours, "2026-04-06", "2026-04-07") == ["Mon 06 15:00-16:00"]


def test_weekdays_may_close_together_with_holidays():
    hours = "Mo-Sa 09:00-12:00; We,PH off"
    assert opened(hours, "2026-07-13", "2026-07-17") == ["Mon 13 09:00-12:00", "Thu 16 09:00-12:00"]
    assert opened("Mo-Sa 09:00-12:00; PH,We off", "2026-07-13", "2026-07-17") == opened(
        hours, "2026-07-13", "2026-07-17"
    )


def test_a_night_goes_on_into_a_day_with_hours_of_its_own_or_none():
    night = ["Fri 10 22:00-Sat 11 02:00"]
    assert opened("Fr 22:00-02:00", "2026-07-10", "2026-07-13") == night
    assert opened("Fr 22:00-26:00; Sa off", "2026-07-10", "2026-07-13") == night
    assert opened("Fr 22:00-02:00; Sa 10:00-12:00", "2026-07-10", "2026-07-13") == [
        *night,
        "Sat 11 10:00-12:00",
    ]
    assert opened("Fr 22:00-00:00", "2026-07-10", "2026-07-13") == ["Fri 10 22:00-Sat 11 00:00"]


def test_a_night_that_starts_on_a_holiday_is_closed_to_its_end():
    # Tuesday 14 July 2026 is a holiday.
    assert opened("Mo-We 22:00-02:00; PH off", "2026-07-13", "2026-07-17") == [
        "Mon 13 22:00-Tue 14 02:00",
        "Wed 15 22:00-Thu 16 02:00",
    ]


def test_a_window_that_begins_in_the_night_has_its_morning():
    assert opened("Fr 22:00-02:00", "2026-07-11", "2026-07-12") == ["Sat 11 00:00-02:00"]
    assert opened("Fr 22:00-02:00", "2026-07-10", "2026-07-11") == ["Fri 10 22:00-Sat 11 00:00"]


def test_openings_that_touch_are_one():
    assert opened("Mo 09:00-12:00,12:00-14:00, Mo 14:00-15:00", "2026-07-13", "2026-07-14") == [
        "Mon 13 09:00-15:00"
    ]
    assert opened("Mo-Tu", "2026-07-13", "2026-07-16") == ["Mon 13 00:00-Wed 15 00:00"]


def test_august_and_dated_closings_close():
    assert opened("Fr 09:00-12:00; Aug off", "2026-07-25", "2026-09-06") == [
        "Fri 31 09:00-12:00",
        "Fri 04 09:00-12:00",
    ]
    assert opened("Fr 09:00-12:00; 2026 Jul 24-2026 Jul 31 off", "2026-07-17", "2026-08-08") == [
        "Fri 17 09:00-12:00",
        "Fri 07 09:00-12:00",
    ]


def test_weeks_are_iso_weeks_and_2026_has_53_of_them():
    # Odd weeks: 51, 53, then 1 again, so that two odd weeks follow each other.
    assert opened("week 1-53/2 Mo 09:00-12:00", "2026-12-07", "2027-01-20") == [
        "Mon 14 09:00-12:00",
        "Mon 28 09:00-12:00",
        "Mon 04 09:00-12:00",
        "Mon 18 09:00-12:00",
    ]


def test_a_step_longer_than_its_range_leaves_the_first_only():
    assert opened("week 41-44/4 Mo 09:00-12:00", "2026-09-28", "2026-11-09") == ["Mon 05 09:00-12:00"]
    assert opened("2026-2027/2 Jan 4 09:00-12:00", "2026-01-01", "2029-01-01") == ["Sun 04 09:00-12:00"]
    assert len(opened("2026-2028/2 Jan 4 09:00-12:00", "2026-01-01", "2029-01-01")) == 2


def test_the_usual_week_leaves_august_and_holidays_aside():
    week = describe(TOWN_HALL + "; Aug off", around=date(2026, 8, 3))
    assert [day.weekday for day in week] == list(range(7))
    assert week[0].spans == ((time(8, 30), time(12)), (time(13, 30), time(17)))
    assert week[5].spans == ((time(9), time(12)),)
    assert week[6].spans == ()


def test_the_usual_week_knows_nights_and_round_the_clock():
    assert describe("Su 22:00-02:00", around=date(2026, 7, 13))[6].spans == ((time(22), time(2)),)
    assert describe("Su 22:00-02:00", around=date(2026, 7, 13))[0].spans == ()
    assert all(day.spans == ((time(), time()),) for day in describe("24/7", around=date(2026, 7, 13)))


def test_the_usual_week_keeps_hours_to_the_day_that_wrote_them():
    week = describe("Sa 00:10-24:00; Su 00:00-00:05", around=date(2026, 7, 13))
    assert week[5].spans == ((time(0, 10), time()),)
    assert week[6].spans == ((time(), time(0, 5)),)
    week = describe("Fr 08:00-10:00,20:00-02:00; Sa 00:00-01:00", around=date(2026, 7, 13))
    assert week[4].spans == ((time(8), time(10)), (time(20), time(2)))
    assert week[5].spans == ((time(), time(1)),)
    week = describe("Fr 20:00-48:00", around=date(2026, 7, 13))
    assert [day.spans for day in week[4:]] == [((time(20), time()),), ((time(), time()),), ()]


def test_a_summary_groups_like_days_and_says_what_is_special():
    lines = summary(TOWN_HALL, around=date(2026, 7, 13))
    assert len(lines) == 3
    assert "lundi" in lines[0]
    assert "vendredi" in lines[0]
    assert lines[0].endswith("8:30–12:00, 13:30–17:00")
    assert lines[1].startswith("samedi")
    assert len(summary("Mo-Su 09:00-12:00", around=date(2026, 7, 13))) == 1
    assert len(summary("Mo-Fr 09:00-12:00; Aug off", around=date(2026, 7, 13))) == 2
    assert len(summary("off", around=date(2026, 7, 13))) == 1
    assert summary("24/7", around=date(2026, 7, 13))[0].endswith("0:00–24:00")


# ---- against a plain oracle: day by day, quarter by quarter -------------------------------------

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Written out by hand, on purpose not taken from the code under test.
HOLIDAYS = {
    PETIT_QUEVILLY: {"01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25"},
    STRASBOURG: {"01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25", "12-26"},
    SAINT_DENIS: {"01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-20", "12-25"},
}
EASTER = {2025: date(2025, 4, 20), 2026: date(2026, 4, 5), 2027: date(2027, 3, 28), 2028: date(2028, 4, 16)}


def is_holiday(insee_code, day):
    easter = EASTER[day.year]
    if day in {easter + timedelta(days=n) for n in (1, 39, 50)}:
        return True
    if insee_code == STRASBOURG and day == easter - timedelta(days=2):
        return True
    return f"{day:%m-%d}" in HOLIDAYS[insee_code]


@st.composite
def date_selectors(draw):
    """A selector as written, and the test of a day that it means."""
    kind = draw(
        st.sampled_from(["none", "none", "months", "days", "date", "dates", "weeks", "year", "easter"])
    )
    first, last = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    if kind == "months":
        if first == last:
            return f"{MONTHS[first - 1]} ", lambda d: d.month == first
        text = f"{MONTHS[first - 1]}-{MONTHS[last - 1]} "
        return (
            text,
            lambda d: first <= d.month <= last if first < last else d.month >= first or d.month <= last,
        )
    if kind == "days":
        a, b = (first, draw(st.integers(1, 28))), (last, draw(st.integers(1, 28)))
        text = f"{MONTHS[a[0] - 1]} {a[1]}-{MONTHS[b[0] - 1]} {b[1]} "
        return (
            text,
            lambda d: (
                a <= (d.month, d.day) <= b if a <= b else (d.month, d.day) >= a or (d.month, d.day) <= b
            ),
        )
    if kind == "date":
        day = draw(st.dates(date(2026, 1, 1), date(2027, 12, 31)))
        return f"{day.year} {MONTHS[day.month - 1]} {day.day:02} ", lambda d: d == day
    if kind == "dates":
        a = draw(st.dates(date(2026, 1, 1), date(2027, 6, 30)))
        b = a + timedelta(days=draw(st.integers(0, 40)))
        text = f"{a.year} {MONTHS[a.month - 1]} {a.day}-{b.year} {MONTHS[b.month - 1]} {b.day} "
        return text, lambda d: a <= d <= b
    if kind == "weeks":
        low, high = sorted((draw(st.integers(1, 53)), draw(st.integers(1, 53))))
        step = draw(st.integers(1, 4))
        text = f"week {low}-{high}/{step} " if step > 1 else f"week {low}-{high} "
        return (
            text,
            lambda d: low <= d.isocalendar().week <= high and (d.isocalendar().week - low) % step == 0,
        )
    if kind == "year":
        return "2026 ", lambda d: d.year == 2026
    if kind == "easter":
        shift = draw(st.integers(-3, 50))
        text = "easter " if shift == 0 else f"easter {shift:+d} days "
        return text, lambda d: d == EASTER[d.year] + timedelta(days=shift)
    return "", lambda d: True


@st.composite
def weekday_selectors(draw):
    kind = draw(st.sampled_from(["list", "range", "nth", "last"]))
    if kind == "list":
        days = draw(st.lists(st.integers(0, 6), min_size=1, max_size=4, unique=True))
        return ",".join(WEEKDAYS[d] for d in days), lambda d: d.weekday() in days
    first = draw(st.integers(0, 6))
    if kind == "range":
        length = draw(st.integers(1, 6))
        inside = {(first + n) % 7 for n in range(length + 1)}
        return f"{WEEKDAYS[first]}-{WEEKDAYS[(first + length) % 7]}", lambda d: d.weekday() in inside
    nth = draw(st.integers(1, 4))
    if kind == "nth":
        return f"{WEEKDAYS[first]}[{nth}]", lambda d: d.weekday() == first and (d.day - 1) // 7 + 1 == nth
    return (
        f"{WEEKDAYS[first]}[-1]",
        lambda d: d.weekday() == first and (d + timedelta(days=7)).month != d.month,
    )


def clock(minutes):
    return f"{minutes // 60:02}:{minutes % 60:02}"


@st.composite
def rules(draw, nights):
    """(separator, text, does it match a day, its openings in minutes or None for closed)."""
    dates, on_date = draw(date_selectors())
    weekdays, on_weekday = draw(weekday_selectors())

    def matches(day):
        return on_date(day) and on_weekday(day)

    separator = draw(st.sampled_from(["; ", "; ", ", "]))
    if draw(st.integers(0, 3)) == 0:
        return separator, f"{dates}{weekdays} off", matches, None
    edges = sorted(draw(st.lists(st.integers(0, 95), min_size=2, max_size=6, unique=True)))
    openings = [(a * 15, b * 15) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    written = [f"{clock(a)}-{clock(b)}" for a, b in openings]
    if nights and draw(st.booleans()):
        start, end = draw(st.integers(80, 95)) * 15, draw(st.integers(0, 40)) * 15
        openings.append((start, end + 1440))
        written.append(f"{clock(start)}-{clock(end if draw(st.booleans()) else end + 1440)}")
    return separator, f"{dates}{weekdays} {','.join(written)}", matches, openings


@st.composite
def expressions(draw):
    nights = draw(st.booleans())
    parts = draw(st.lists(rules(nights), min_size=1, max_size=4))
    text = "".join((part[0] if index else "") + part[1] for index, part in enumerate(parts))
    closes = draw(st.booleans())
    return (text + "; PH off" if closes else text), parts, closes


def minutes_opened(parts, closes, insee_code, day):
    """The openings that start on a day, by the norm: `;` takes the day over, `,` adds to it."""
    result: list[tuple[int, int]] = []
    for index, (separator, _text, matches, openings) in enumerate(parts):
        if not matches(day):
            continue
        if openings is None:
            result = []
        elif separator == ", " and index:
            result = result + openings
        else:
            result = list(openings)
    return [] if closes and is_holiday(insee_code, day) else result


@pytest.mark.parametrize(
    ("insee_code", "tz"), [(PETIT_QUEVILLY, PARIS), (STRASBOURG, PARIS), (SAINT_DENIS, REUNION)]
)
@settings(max_examples=200, deadline=None)
@given(
    written=expressions(),
    start=st.dates(date(2026, 1, 1), date(2027, 6, 30))
    | st.sampled_from([date(2026, 3, 27), date(2026, 10, 23), date(2026, 12, 18), date(2026, 12, 28)]),
    days=st.integers(1, 9),
)
def test_open_spans_are_those_of_the_oracle(insee_code, tz, written, start, days):
    expression, parts, closes = written
    spans = parse(expression, insee_code).open_spans(start, start + timedelta(days=days), tz)
    instant = datetime.combine(start, time(), tz).astimezone(UTC) - timedelta(hours=2)
    end = datetime.combine(start + timedelta(days=days), time(), tz).astimezone(UTC) + timedelta(hours=2)
    openings = {
        day: minutes_opened(parts, closes, insee_code, day)
        for day in (start + timedelta(days=n) for n in range(-2, days + 2))
    }
    while instant < end:
        reads = instant.astimezone(tz)
        minute, day = reads.hour * 60 + reads.minute, reads.date()
        expected = start <= day < start + timedelta(days=days) and (
            any(a <= minute < b for a, b in openings[day])
            or any(a <= minute + 1440 < b for a, b in openings[day - timedelta(days=1)])
        )
        assert any(a <= instant < b for a, b in spans) == expected, (expression, reads)
        instant += timedelta(minutes=15)
