"""One bad event takes no other with it: the good ones count, the bad ones are counted and named."""

from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.localtime import Span
from planning.errors import LEFT_OUT, PROBLEMS
from planning.rules import busy_times as reader
from planning.rules.busy_times import BusyTimes, Unreadable, busy_times
from planning.rules.calendar_parts import parts_of
from tests.factories import PARIS, at
from tests.planning.test_external_calendars import TODAY
from tests.profiles import share

CALENDARS = Path(__file__).parent / "calendars"
GOOD = "DTSTART:20261127T090000Z\r\nDTEND:20261127T100000Z"
THE_GOOD: Span = (at(10, day=27), at(11, day=27))


def calendar(*components: str) -> bytes:
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{''.join(components)}END:VCALENDAR\r\n".encode()


def event(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT", ""])


def read(body: bytes, *, mine: str = "", first: date = TODAY, tz: ZoneInfo = PARIS) -> BusyTimes:
    return busy_times(body, first=first, days=366, tz=tz, mine=mine)


def read_file(name: str, mine: str = "") -> BusyTimes:
    return read((CALENDARS / f"{name}.ics").read_bytes(), mine=mine)


def hours(found: BusyTimes) -> list[str]:
    return [
        f"{start.astimezone(PARIS):%d.%m %H:%M}-{end.astimezone(PARIS):%H:%M}" for start, end in found.spans
    ]


# ---- what is left out ------------------------------------------------------------------------------------


BAD = {
    "no beginning": ("SUMMARY:x", "no_start"),
    "beginning as people write it": ("DTSTART:2026-11-25 09:00", "bad_date"),
    "empty beginning": ("DTSTART:", "bad_date"),
    "beginning that is an hour": ("DTSTART:090000", "bad_date"),
    "beginning that is a length": ("DTSTART:PT1H", "bad_date"),
    "two beginnings": (f"{GOOD}\r\nDTSTART:20261128T090000Z", "bad_date"),
    "no such day": ("DTSTART:20261340T090000Z", "bad_date"),
    "end that is no date": ("DTSTART:20261126T090000Z\r\nDTEND:demain", "bad_date"),
    "end before the beginning": ("DTSTART:20261126T090000Z\r\nDTEND:20261126T080000Z", "ends_early"),
    "length below nothing": ("DTSTART:20261126T090000Z\r\nDURATION:-PT1H", "ends_early"),
    "length that is none": ("DTSTART:20261126T090000Z\r\nDURATION:une heure", "bad_date"),
    "last day as people write it": (
        "DTSTART:20261126T090000Z\r\nRRULE:FREQ=WEEKLY;UNTIL=2026-12-31",
        "bad_rule",
    ),
    "unknown repetition": ("DTSTART:20261126T090000Z\r\nRRULE:FREQ=FORTNIGHTLY", "bad_rule"),
    "repetition without a rhythm": ("DTSTART:20261126T090000Z\r\nRRULE:BYDAY=MO", "bad_rule"),
    "repetition of no length": ("DTSTART:20261126T090000Z\r\nRRULE:FREQ=DAILY;INTERVAL=0", "bad_rule"),
    "each second": ("DTSTART:20261126T090000Z\r\nRRULE:FREQ=SECONDLY", "too_much"),
    "each half hour": (
        "DTSTART:20261126T090000Z\r\nDURATION:PT1M\r\nRRULE:FREQ=HOURLY;BYMINUTE=0,20,40",
        "too_many",
    ),
    "exception that is no date": (f"{GOOD}\r\nRRULE:FREQ=DAILY\r\nEXDATE:20261340T000000Z", "bad_date"),
    "change of no date": (f"{GOOD}\r\nRECURRENCE-ID:x", "bad_date"),
    "beyond the calendar": ("DTSTART:99991231T235959Z\r\nDURATION:P9999D", "unclear"),
}


@pytest.mark.parametrize(("bad", "why"), BAD.values(), ids=BAD)
def test_a_bad_event_is_left_out_and_named_and_the_good_ones_count(bad: str, why: str) -> None:
    found = read(calendar(event("UID:1", GOOD), event("UID:2", bad, "SUMMARY:Réunion\\, salle 2")))
    assert found.spans == [THE_GOOD]
    assert found.left_out.count == 1
    [named] = found.left_out.first
    assert (named.line, named.why) == (8, why)
    assert named.title in {"Réunion, salle 2", "x"}
    assert named.why in LEFT_OUT


def test_what_is_named_is_where_the_agent_finds_it() -> None:
    found = read_file("one-bad-event")
    assert found.spans == [THE_GOOD]
    assert [tuple(each) for each in found.left_out.first] == [
        (4, "sans debut", "", "no_start"),
        (9, "date illisible", "2026-11-25", "bad_date"),
        (15, "fin illisible", "2026-11-26", "bad_rule"),
    ]
    assert read_file("nodtstart").spans == read_file("badrrule").spans == [(at(14, day=26), at(16, day=26))]


def test_all_that_is_left_out_is_counted_and_the_first_are_named() -> None:
    bad = [event(f"UID:{n}", f"SUMMARY:{'long ' * 30}{n}") for n in range(40)]
    found = read(calendar(*bad, event(GOOD)))
    assert (found.left_out.count, len(found.left_out.first)) == (40, reader.MOST_NAMED)
    assert {len(each.title) for each in found.left_out.first} == {60}


@pytest.mark.parametrize(
    "line",
    [
        "EXDATE:",
        "EXDATE;TZID=Europe/Paris:,",
        "RDATE:",
        "SEQUENCE:deux",
        "no line of a calendar",
        "X-WR-ODD",
        "ATTENDEE",
        "GEO:nowhere",
        "CREATED:yesterday",
        "BEGIN:VALARM\r\nTRIGGER:bientôt\r\nDURATION:x\r\nEND:VALARM",
        "BEGIN:VALARM\r\nDTSTART:x\r\nBEGIN:X-IN-IT\r\nEND:X-IN-IT\r\nEND:VALARM",
        "DESCRIPTION:BEGIN:VEVENT",
    ],
)
def test_what_says_nothing_about_when_breaks_nothing(line: str) -> None:
    found = read(calendar(event(line, GOOD, "RRULE:FREQ=DAILY;COUNT=1")))
    assert (found.spans, found.left_out.count) == ([THE_GOOD], 0)
    assert read(calendar(event(GOOD, line))).spans == [THE_GOOD]


def test_an_event_without_its_end_takes_no_other_with_it() -> None:
    found = read(calendar("BEGIN:VEVENT\r\nDTSTART:20261128T090000Z\r\n", event(GOOD)))
    assert (found.spans, [each.why for each in found.left_out.first]) == ([THE_GOOD], ["cut_short"])


def test_a_bad_time_zone_discards_neither_calendar_nor_event() -> None:
    for zone in ("TZID:Chez nous\r\nBEGIN:STANDARD\r\nDTSTART:x\r\nEND:STANDARD", "X:y", "TZID:Europe/Paris"):
        body = calendar(
            f"BEGIN:VTIMEZONE\r\n{zone}\r\nEND:VTIMEZONE\r\n",
            event("DTSTART;TZID=Chez nous:20261127T100000", "DURATION:PT1H"),
        )
        assert (read(body).spans, read(body).left_out.count) == ([THE_GOOD], 0), zone


def test_a_time_zone_of_the_calendar_is_honoured_wherever_it_stands_in_the_file() -> None:
    change = "DTSTART:16010101T000000\r\nTZOFFSETFROM:+0500\r\nTZOFFSETTO:+0500"
    zone = (
        f"BEGIN:VTIMEZONE\r\nTZID:Bureau\r\nBEGIN:STANDARD\r\n{change}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )
    told = event(
        "DTSTART;TZID=Bureau:20261127T140000", "DTEND;TZID=Bureau:20261127T150000", "RRULE:FREQ=YEARLY"
    )
    for body in (calendar(zone, told), calendar(told, zone)):
        assert read(body).spans == [THE_GOOD]


def test_a_change_that_cannot_be_read_leaves_the_series_as_it_was() -> None:
    series = event("UID:s", "DTSTART:20261126T090000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=3")
    moved = event("UID:s", "RECURRENCE-ID:20261203T090000Z", "DTSTART:20261203T130000Z", "DURATION:PT1H")
    broken = moved.replace("T13", "T1x")
    assert hours(read(calendar(series, moved))) == [
        "26.11 10:00-11:00",
        "03.12 14:00-15:00",
        "10.12 10:00-11:00",
    ]
    found = read(calendar(series, broken))
    assert (hours(found)[1], found.left_out.count) == ("03.12 10:00-11:00", 1)


def test_events_that_share_a_uid_all_count_and_a_newer_version_replaces_an_older() -> None:
    one, other = event("UID:0", GOOD), event("UID:0", GOOD.replace("1127", "1130"))
    assert len(read(calendar(one, other)).spans) == 2
    newer = event("UID:0", "SEQUENCE:2", GOOD.replace("1127", "1130"))
    assert hours(read(calendar(one, newer))) == ["30.11 10:00-11:00"]


def test_a_calendar_of_which_nothing_is_understood_is_refused_and_says_what_it_holds() -> None:
    with pytest.raises(Unreadable) as refused:
        read(calendar(event("SUMMARY:a"), event("SUMMARY:b")))
    assert (refused.value.problem, refused.value.left_out.count) == ("bad_event", 2)
    assert refused.value.problem in PROBLEMS


def test_it_may_be_written_for_any_program_and_on_any_machine() -> None:
    body = calendar(event("SUMMARY:é", "DTSTART", GOOD))
    for written in (
        body.replace(b"\r\n", b"\n"),
        body.replace(b"\r\n", b"\r"),
        b"\xef\xbb\xbf" + body,
        body.decode().encode("utf-16"),
        body.decode().encode("latin-1"),
        body.replace(b"DTSTART:", b"dtst\r\n art:"),
        body.replace(b"VEVENT", b"vevent"),
        b"\r\n\r\n" + body + b"\r\n",
        body + body,
    ):
        assert read(written).spans == [THE_GOOD], written


@pytest.mark.parametrize(
    "lines",
    [
        "DTSTART;VALUE=DATE:20261126",
        "DTSTART:20261126",
        "DTSTART;VALUE=DATE:20261126\r\nDTEND;VALUE=DATE:20261126",
        "DTSTART;VALUE=DATE: 20261126 \r\nDTEND;VALUE=DATE:20261127 ",
        "DTSTART;VALUE=DATE:20261126\r\nDURATION:P1D",
    ],
)
def test_a_whole_day_is_busy_however_it_is_written(lines: str) -> None:
    assert read(calendar(event(lines))).spans == [(at(0, day=26), at(0, day=27))]


# ---- who is busy -----------------------------------------------------------------------------------------


def test_what_is_free_in_any_spelling_is_not_busy() -> None:
    assert read_file("transp").spans == []
    assert hours(read_file("google-declined-free")) == [
        "26.11 10:00-10:45",
        "30.11 00:00-00:00",
        "03.12 10:00-11:00",
    ]
    for line in ("Transp:Transparent", "status:cancelled", "x-microsoft-cdo-busystatus:free"):
        assert read(calendar(event(GOOD, line))).spans == [], line


ME, OTHER = "camille@example.org", "jean@example.org"


def invited(who: str, answer: str, kind: str = "INDIVIDUAL") -> str:
    return f"ATTENDEE;CUTYPE={kind};PARTSTAT={answer};CN=x:mailto:{who}"


@pytest.mark.parametrize(
    ("lines", "mine", "is_busy"),
    [
        ([invited(ME, "DECLINED")], "", False),
        ([invited(ME, "declined")], ME, False),
        ([invited(ME, "ACCEPTED")], ME, True),
        ([invited(ME, "NEEDS-ACTION")], "", True),
        ([invited(ME, "DECLINED"), invited(OTHER, "ACCEPTED")], ME.upper(), False),
        ([invited(ME, "ACCEPTED"), invited(OTHER, "DECLINED")], ME, True),
        ([invited(ME, "DECLINED"), invited(OTHER, "DECLINED")], "", True),
        ([invited(ME, "DECLINED"), invited("salle@example.org", "ACCEPTED", "ROOM")], "", False),
        ([f"ATTENDEE;PARTSTAT=DECLINED;EMAIL={ME}:urn:uuid:1", invited(OTHER, "ACCEPTED")], ME, False),
        ([f"ORGANIZER:mailto:{ME}", invited(OTHER, "DECLINED")], ME, True),
    ],
)
def test_an_invitation_that_the_agent_declined_is_not_busy(
    lines: list[str], mine: str, is_busy: bool
) -> None:
    found = read(calendar(event(GOOD, *lines)), mine=mine)
    assert (bool(found.spans), found.left_out.count) == (is_busy, 0)


def test_the_declined_one_of_a_series_is_free_and_the_others_are_busy() -> None:
    series = event("UID:s", "DTSTART:20261126T090000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=2")
    declined = event(
        *("UID:s", "RECURRENCE-ID:20261203T090000Z", "DTSTART:20261203T090000Z", "DURATION:PT1H"),
        invited(ME, "DECLINED"),
    )
    assert hours(read(calendar(series, declined))) == ["26.11 10:00-11:00"]


# ---- other kinds -----------------------------------------------------------------------------------------


PERIODS = "\r\n".join(
    [
        "BEGIN:VFREEBUSY",
        "FREEBUSY;FBTYPE=busy:x,20261127T090000Z/PT1H",
        "FREEBUSY;fbtype=Free:20261128T090000Z/PT1H",
        "END:VFREEBUSY\r\n",
    ]
)


def test_the_busy_periods_of_outlook_are_read_one_by_one() -> None:
    assert hours(read_file("vfreebusy")) == ["26.11 14:00-16:00", "27.11 09:00-11:00"]
    found = read(calendar(PERIODS))
    assert (found.spans, found.left_out.count) == ([THE_GOOD], 1)


def test_zones_as_outlook_names_them_are_known_and_unknown_ones_are_those_of_the_commune() -> None:
    assert [each[6:] for each in hours(read_file("romance-no-vtimezone"))] == ["14:00-15:00"] * 4


def test_the_last_day_of_a_repetition_counts_however_it_is_written() -> None:
    assert hours(read_file("until")) == [
        *("24.11 14:00-15:00", "25.11 14:00-15:00", "26.11 14:00-15:00"),
        *("01.12 14:00-15:00", "02.12 14:00-15:00", "03.12 14:00-15:00"),
        *("08.12 14:00-15:00", "09.12 14:00-15:00"),
        *("10.12 16:00-17:00", "17.12 16:00-17:00", "24.12 16:00-17:00"),
    ]
    west = "DTSTART;TZID=America/Guadeloupe:20261126T140000\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;UNTIL="
    assert len(read(calendar(event(f"{west}20261128T140000"))).spans) == 3


@pytest.mark.parametrize("zone", ["Pacific/Noumea", "America/Guadeloupe", "Europe/Paris"])
def test_the_first_hours_of_today_are_read_wherever_the_commune_is(zone: str) -> None:
    """An event in UTC: in the Pacific, its day there is still yesterday."""
    tz = ZoneInfo(zone)
    start = datetime(2026, 11, 24, 0, 30, tzinfo=tz)
    utc = start.astimezone(ZoneInfo("UTC"))
    found = read(calendar(event(f"DTSTART:{utc:%Y%m%dT%H%M%SZ}", "DURATION:PT1H")), tz=tz)
    assert found.spans == [(start, start + timedelta(hours=1))]


@pytest.mark.parametrize(
    ("lines", "is_past"),
    [
        ("DTSTART:20251124T090000Z\r\nDTEND:20251124T100000Z", True),
        ("DTSTART:20251124T090000Z\r\nDURATION:P1W2DT3H", True),
        ("DTSTART;VALUE=DATE:20251124", True),
        ("DTSTART:20251124T090000Z\r\nRRULE:FREQ=DAILY;UNTIL=20261101T000000Z", True),
        ("DTSTART:20251124T090000Z\r\nDTEND:20261130T100000Z", False),
        ("DTSTART:20251124T090000Z\r\nDURATION:P400D", False),
        ("DTSTART:20251124T090000Z\r\nDURATION:PT9000H", False),
        ("DTSTART:20251124T090000Z\r\nRRULE:FREQ=DAILY", False),
        ("DTSTART:20251124T090000Z\r\nRRULE:FREQ=DAILY;COUNT=900", False),
        ("DTSTART:20251124T090000Z\r\nRRULE:FREQ=DAILY;UNTIL=20261124T235900Z", False),
        ("DTSTART:20251101T090000Z\r\nDURATION:P30D\r\nRRULE:FREQ=YEARLY;UNTIL=20261101T090000Z", False),
        ("DTSTART:20251124T090000Z\r\nRDATE:20261124T090000Z", False),
        ("DTSTART:20261124T000000\r\nDTEND:20261124T003000", False),
    ],
)
def test_what_is_past_is_passed_over_only_where_nothing_of_it_is_to_come(lines: str, is_past: bool) -> None:
    [part] = parts_of(calendar(event(lines)))
    assert part.ends_before(TODAY) == is_past
    length = "" if "DTEND" in lines or "DURATION" in lines or "VALUE=DATE" in lines else "DURATION:PT1H"
    assert is_past == (read(calendar(event(lines, length))).spans == [])


# ---- whatever is in between ------------------------------------------------------------------------------


def good_event(day: int, hour: int, kind: int) -> tuple[str, Span]:
    """An event of 30 minutes, and when it is."""
    start = datetime(2026, 12, day, hour, tzinfo=PARIS)
    written = {
        0: (f"DTSTART:{start.astimezone(ZoneInfo('UTC')):%Y%m%dT%H%M%SZ}", "DURATION:PT30M"),
        1: (
            f"DTSTART;TZID=Europe/Paris:{start:%Y%m%dT%H%M%S}",
            f"DTEND;TZID=Europe/Paris:{start:%Y%m%dT%H}3000",
        ),
        2: (f"DTSTART:{start:%Y%m%dT%H%M%S}", "DURATION:PT30M", "RRULE:FREQ=DAILY;COUNT=1", "EXDATE:"),
        3: (f"DTSTART;TZID=Romance Standard Time:{start:%Y%m%dT%H%M%S}", "DURATION:PT30M", "BEGIN:VALARM"),
    }
    return event(*written[kind]), (start, start + timedelta(minutes=30))


CHEAP = [lines for lines, why in BAD.values() if why != "too_many"]
"""Those that need no expanding: an example takes milliseconds."""
junk = st.one_of(
    st.sampled_from([event(lines) for lines in CHEAP]),
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n"), max_size=40).map(
        lambda text: event(f"DTSTART{text}")
    ),
    st.text(st.characters(blacklist_categories=["Cs"]), max_size=60).map(
        lambda text: event("DTSTART:x", f"X-ODD:{text}")
    ),
    st.sampled_from(
        ["BEGIN:VEVENT\r\n", "END:VEVENT\r\n", "BEGIN:VTODO\r\n", "nothing\r\n", ": \r\n", "END:VALARM\r\n"]
    ),
)
goods = st.builds(good_event, st.integers(1, 28), st.integers(0, 23), st.integers(0, 3))


@settings(max_examples=share(0.5))
@given(st.lists(st.one_of(goods, junk), max_size=12))
def test_bad_events_among_good_ones_never_lose_a_good_one(rows: list[tuple[str, Span] | str]) -> None:
    texts = [row if isinstance(row, str) else row[0] for row in rows]
    wanted = {row[1] for row in rows if not isinstance(row, str)}
    try:
        found = read(calendar(*texts)).spans
    except Unreadable:
        assert not wanted
        return
    assert {(start, end) for start, end in wanted if not _covers(found, start, end)} == set()


def _covers(spans: list[Span], start: datetime, end: datetime) -> bool:
    return any(first <= start and end <= last for first, last in spans)


@settings(max_examples=share(0.25))
@given(
    st.lists(goods, min_size=1, max_size=6), st.permutations(CHEAP).map(lambda rows: rows[:6]), st.randoms()
)
def test_each_bad_event_is_counted_once(rows: list[tuple[str, Span]], bad: list[str], random: Random) -> None:
    texts = [text for text, _span in rows] + [event(lines) for lines in bad]
    random.shuffle(texts)
    assert read(calendar(*texts)).left_out.count == len(bad)
