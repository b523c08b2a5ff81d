"""Calendars that take too much are refused by a reader in a process of its own; large ones are read."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.localtime import Span
from planning.calendars.limited_reading import ReadingLimits, read_within_limits
from planning.errors import CalendarRefused
from tests.factories import PARIS, at
from tests.profiles import share

pytestmark = pytest.mark.process

CALENDARS = Path(__file__).parent / "calendars"
TODAY = date(2026, 11, 24)
YEAR = 366
FULL = ReadingLimits()
AMPLE = ReadingLimits(cpu_seconds=240, clock_seconds=480)
"""For what is read, or refused for another reason than time: a slow machine changes nothing."""
SHORT = ReadingLimits(cpu_seconds=3)
"""The same refusal as after ten seconds, sooner."""


def read(body: bytes, limits: ReadingLimits = AMPLE) -> list[Span]:
    return read_within_limits(body, first=TODAY, days=YEAR, tz=PARIS, limits=limits).spans


def problem(body: bytes, limits: ReadingLimits = AMPLE) -> str:
    with pytest.raises(CalendarRefused) as refused:
        read(body, limits)
    return refused.value.problem


def events(number: int, rule: str) -> bytes:
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"
        + "".join(
            f"BEGIN:VEVENT\r\nUID:{n}\r\nDTSTART;TZID=Europe/Paris:20251124T{8 + n % 10:02}0000\r\n"
            f"DURATION:PT1H\r\n{rule}\r\nEND:VEVENT\r\n"
            for n in range(number)
        )
        + "END:VCALENDAR\r\n"
    ).encode()


def test_an_event_that_repeats_each_second_is_refused_within_the_limits() -> None:
    assert problem((CALENDARS / "bomb-bysecond.ics").read_bytes(), FULL) == "too_much"


def test_an_event_that_repeats_each_minute_is_refused_within_the_limits() -> None:
    assert problem((CALENDARS / "bomb-byminute.ics").read_bytes(), SHORT) == "too_much"


def test_a_repetition_that_never_comes_ends_with_the_time_that_reading_may_take() -> None:
    """Looking for the 31st of February until the year 9999 takes seconds; a few of them never end in time."""
    body = (CALENDARS / "bomb-never.ics").read_bytes()
    assert problem(body, ReadingLimits(cpu_seconds=1)) == "too_much"


def test_two_thousand_daily_events_are_refused_within_the_limits() -> None:
    assert problem(events(2000, "RRULE:FREQ=DAILY"), SHORT) == "too_much"


def test_thousands_of_past_events_and_hundreds_of_weekly_ones_are_read() -> None:
    assert read(events(2001, "SUMMARY:Réunion")) == []  # all a year ago
    spans = read(events(200, "RRULE:FREQ=WEEKLY"))
    assert len(spans) == 52  # side by side from 8 to 18, each Monday
    assert spans[0] == (at(8, day=30), at(18, day=30))


def test_a_daily_event_since_1970_is_read_for_a_year_and_no_further() -> None:
    assert len(read((CALENDARS / "daily_infinite.ics").read_bytes())) == YEAR


def test_more_stretches_than_a_person_can_have_are_refused() -> None:
    assert problem((CALENDARS / "half-hours.ics").read_bytes()) == "too_many"


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        (b"", "not_a_calendar"),
        (b"<html>", "not_a_calendar"),
        (b"\xff\xfe\x00", "not_a_calendar"),
        (b"BEGIN:VCALENDAR\r\n" * 100_000, "cut_short"),
        (b"BEGIN:VCALENDAR\r\nX:" + b"\\" * 1_000_000, "cut_short"),
        (b"BEGIN:VCALENDAR\r\nX:\r\n" + b" x\r\n" * 1_000_000, "cut_short"),
        (b";" * 1_000_000, "not_a_calendar"),
    ],
    ids=["empty", "page", "binary", "nested", "backslashes", "folded", "semicolons"],
)
def test_what_is_no_calendar_is_refused_also_when_it_is_made_to_break_the_parser(
    body: bytes, refused: str
) -> None:
    assert problem(body) == refused


def test_a_file_over_ten_megabytes_is_not_even_looked_at() -> None:
    assert problem(b"x" * (10 * 1024 * 1024 + 1)) == "too_large"


def test_the_past_of_a_calendar_counts_against_no_limit() -> None:
    """Ten years of meetings, some of them weekly until last year: only what is to come is understood."""
    past = "SUMMARY:Réunion de service\r\nDESCRIPTION:" + "ordre du jour " * 18
    weekly = "RRULE:FREQ=WEEKLY;UNTIL=20260101T000000Z"
    parts = [events(12_000, past), events(6_000, f"{past}\r\n{weekly}")]
    coming = "DTSTART:20261127T090000Z\r\nDTEND:20261127T100000Z"
    inner = b"".join(part.split(b"PRODID:x\r\n")[1].removesuffix(b"END:VCALENDAR\r\n") for part in parts)
    body = b"BEGIN:VCALENDAR\r\n%sBEGIN:VEVENT\r\n%s\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    whole = body % (inner, coming.encode())
    assert 6_000_000 < len(whole) < 10_000_000
    assert read(whole) == [(at(10, day=27), at(11, day=27))]


def test_events_that_never_end_leave_time_for_the_others() -> None:
    bombs = [(CALENDARS / f"bomb-{name}.ics").read_bytes() for name in ("never", "byminute", "bysecond")]
    inner = [body.replace(b"\r\n", b"\n").split(b"BEGIN:VEVENT")[1].split(b"END:VEVENT")[0] for body in bombs]
    good = [b"\nUID:%d\nDTSTART:202611%dT090000Z\nDURATION:PT1H\n" % (day, day) for day in (25, 26, 27, 28)]
    mixed = [part for pair in zip(good, [*inner, b"\nSUMMARY:x\n"], strict=True) for part in pair]
    body = b"".join(b"BEGIN:VEVENT%sEND:VEVENT\n" % part for part in mixed)
    found = read_within_limits(
        b"BEGIN:VCALENDAR\n%sEND:VCALENDAR\n" % body,
        first=TODAY,
        days=YEAR,
        tz=PARIS,
        limits=ReadingLimits(cpu_seconds=6, clock_seconds=60),
    )
    assert found.spans == [(at(10, day=day), at(11, day=day)) for day in (25, 26, 27, 28)]
    assert [each.why for each in found.left_out.first] == ["too_much", "too_much", "too_much", "no_start"]


def test_the_clock_ends_a_reader_whatever_processor_time_it_had() -> None:
    body = (CALENDARS / "bomb-bysecond.ics").read_bytes()
    assert problem(body, ReadingLimits(clock_seconds=0)) == "too_much"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the kernel does not bound memory")
@pytest.mark.parametrize(
    ("code", "ends_with"),
    [
        ("x = bytearray(64 * 1024 * 1024)", 0),
        ("x = bytearray(300 * 1024 * 1024)", 1),
        ("while True: pass", -9),
        ("open('grown', 'wb').write(bytes(2 * 1024 * 1024))", 1),
    ],
    ids=["memory within", "memory beyond", "time beyond", "file beyond"],
)
def test_the_kernel_holds_the_reader_to_its_limits(code: str, ends_with: int, tmp_path: Path) -> None:
    """64 MiB are had, 300 MiB are not, time runs out, and no large file is written."""
    bounds = "seconds=1, memory_bytes=256 * 2**20"
    limited = f"from planning.rules.calendar_reader import _limit; _limit({bounds}); {code}"
    if code.startswith("while"):
        limited = limited.replace("; while", "\nwhile")
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r})\n{limited}"],
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    assert done.returncode == ends_with


# ---- whatever repeats ----------------------------------------------------------------------------------


def numbers(first: int, last: int) -> st.SearchStrategy[str]:
    """A list as in BYHOUR=…: a few numbers, or all of them."""
    some = st.lists(st.integers(first, last), min_size=1, max_size=6)
    return st.one_of(some, st.just(range(first, last + 1))).map(lambda rows: ",".join(map(str, rows)))


PARTS = {
    "INTERVAL": st.integers(-1, 10**12).map(str),
    "COUNT": st.integers(-1, 10**12).map(str),
    "UNTIL": st.sampled_from(["19700101", "20270101T000000Z", "99991231T235959Z", "2026-12-31", ""]),
    "BYSECOND": numbers(0, 59),
    "BYMINUTE": numbers(0, 59),
    "BYHOUR": numbers(0, 23),
    "BYDAY": st.sampled_from(["MO", "MO,TU,WE,TH,FR,SA,SU", "5MO", "-53SU", "XX"]),
    "BYMONTHDAY": numbers(-31, 31),
    "BYYEARDAY": numbers(-366, 366),
    "BYWEEKNO": numbers(-53, 53),
    "BYMONTH": numbers(0, 13),
    "BYSETPOS": numbers(-366, 366),
    "WKST": st.sampled_from(["SU", "YY"]),
}
FREQUENCIES = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY", ""]
rules = st.builds(
    lambda frequency, parts: ";".join(
        [f"FREQ={frequency}", *(f"{name}={value}" for name, value in parts.items())]
    ),
    st.sampled_from(FREQUENCIES),
    st.fixed_dictionaries({}, optional=PARTS),
)
starts = st.sampled_from(["00010101T000000", "19700101T000000Z", "20261124T130000Z", "99991231T000000Z"])
repeated = st.builds(lambda start, rule: f"DTSTART:{start}\r\nDURATION:PT1S\r\nRRULE:{rule}", starts, rules)


@settings(max_examples=share(0.04))
@given(st.lists(repeated, min_size=1, max_size=3))
def test_whatever_an_event_repeats_reading_ends_and_the_plain_event_behind_it_is_read(bad: list[str]) -> None:
    plain = "DTSTART:20261127T090000Z\r\nDURATION:PT1H"
    parts = "".join(
        f"BEGIN:VEVENT\r\nUID:{n}\r\n{lines}\r\nEND:VEVENT\r\n" for n, lines in enumerate([*bad, plain])
    )
    began = monotonic()
    try:
        spans = read(
            f"BEGIN:VCALENDAR\r\n{parts}END:VCALENDAR\r\n".encode(),
            ReadingLimits(cpu_seconds=3, clock_seconds=30),
        )
    except CalendarRefused as refused:
        why = refused.problem
    else:
        why = ""
        assert any(start <= at(10, day=27) and at(11, day=27) <= end for start, end in spans)
    assert why in {"", "too_much", "too_many", "too_many_a_day"}
    assert monotonic() - began < 60


MEASURED = """
import resource, sys
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo
import django
django.setup()
from planning.calendars.limited_reading import read_within_limits
from planning.errors import CalendarRefused
try:
    read_within_limits(Path(sys.argv[1]).read_bytes(), first=date(2026, 11, 24), days=366, tz=ZoneInfo("UTC"))
except CalendarRefused as refused:
    print(refused.problem, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the kernel does not bound memory")
@pytest.mark.parametrize("name", ["bomb-bysecond", "bomb-byminute", "bomb-never"])
def test_the_memory_of_the_reader_stays_under_its_limit(name: str) -> None:
    settings_of = {"DJANGO_SETTINGS_MODULE": "config.settings", "DEBUG": "1", "PATH": os.defpath}
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, CALENDARS / f"{name}.ics"],
        cwd=Path(__file__).resolve().parents[2],
        env=settings_of,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    problem_of, kilobytes = done.stdout.split()
    assert problem_of == "too_much"
    assert 0 < int(kilobytes) * 1024 < FULL.memory_bytes
