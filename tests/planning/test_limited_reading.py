"""Calendars that take too much are refused by a reader in a process of its own; large ones are read."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from core.localtime import Span
from planning.calendars.limited_reading import ReadingLimits, read_within_limits
from planning.errors import CalendarRefused
from tests.factories import PARIS, at

pytestmark = pytest.mark.process

CALENDARS = Path(__file__).parent / "calendars"
TODAY = date(2026, 11, 24)
YEAR = 366
FULL = ReadingLimits()
SHORT = ReadingLimits(cpu_seconds=3)
"""The same refusal as after ten seconds, sooner."""


def read(body: bytes, limits: ReadingLimits = FULL) -> list[Span]:
    return read_within_limits(body, first=TODAY, days=YEAR, tz=PARIS, limits=limits)


def problem(body: bytes, limits: ReadingLimits = FULL) -> str:
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
    assert problem((CALENDARS / "bomb-bysecond.ics").read_bytes()) == "too_much"


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


@pytest.mark.parametrize("name", ["one-bad-event", "badrrule"])
def test_an_event_that_is_not_understood_is_named_as_the_reason(name: str) -> None:
    assert problem((CALENDARS / f"{name}.ics").read_bytes()) == "bad_event"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"\xff\xfe\x00",
        b"BEGIN:VCALENDAR\r\n" * 100_000,
        b"BEGIN:VCALENDAR\r\nX:" + b"\\" * 1_000_000,
        b";" * 1_000_000,
    ],
    ids=["empty", "page", "binary", "nested", "backslashes", "semicolons"],
)
def test_what_is_no_calendar_is_refused_also_when_it_is_made_to_break_the_parser(body: bytes) -> None:
    assert problem(body) == "not_a_calendar"


def test_a_file_over_two_megabytes_is_not_even_looked_at() -> None:
    assert problem(b"x" * (2 * 1024 * 1024 + 1)) == "too_large"


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
    limited = (
        f"from planning.rules.busy_times import _limit; _limit(seconds=1, memory_bytes=256 * 2**20); {code}"
    )
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
