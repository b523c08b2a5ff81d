"""A helper whose calendars say busy as often as they may, and more: each page answers, in few words.

Work is counted in steps of our own code (lines and jumps), never in seconds. A page that looks at each
absence for each shift, or for each appointment, takes four times the steps where both are twice as many.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Absence, Agent
from agents.on_duty import present_until
from booking.free.slots import find_slots
from booking.pages.my_day import read_my_day
from booking.pages.my_week import read_my_week
from communes.models import Cabin, Commune, Service, Site
from core.days import Week
from planning.calendars.reading import AHEAD_DAYS, follow, keep_upload, read_calendar, read_upload, zone_of
from planning.errors import PROBLEMS, CalendarRefused
from planning.models import CalendarUpload, ExternalCalendar
from planning.orphans import orphans
from planning.presence import Presence
from planning.rules.busy_times import MOST_A_DAY, MOST_STRETCHES, Unreadable, busy_times
from planning.team_month import read_month
from planning.team_week import read_grid
from tests.factories import PARIS, TUESDAY, at, make_appointment, make_cabin, make_shift
from tests.planning.test_external_calendars import calendar

pytestmark = pytest.mark.usefixtures("tuesday")

MONDAY = date(2026, 11, 23)
MINUTES = ",".join(map(str, range(60)))
EACH_MINUTE = calendar(
    "DTSTART:20261124T070000Z\r\nDURATION:PT15S\r\n"
    f"RRULE:FREQ=DAILY;COUNT=3840;BYHOUR=7,8,9,10,11,12,13,14;BYMINUTE={MINUTES}"
)
"""Eight days of 480 events of a quarter of a minute, in 392 bytes."""


def each_ten_minutes(*, second: int, days: int, hours: str = "7,8,9,10,11,12,13,14") -> bytes:
    """48 stretches a day."""
    return calendar(
        f"DTSTART:20261125T0700{second:02}Z\r\nDURATION:PT15S\r\n"
        f"RRULE:FREQ=DAILY;COUNT={48 * days};BYHOUR={hours};BYMINUTE=0,10,20,30,40,50"
    )


def read(body: bytes) -> list[tuple[datetime, datetime]]:
    return busy_times(body, first=TUESDAY.date(), days=AHEAD_DAYS, tz=PARIS).spans


# ---- what is read -------------------------------------------------------------------------------------


def test_stretches_less_than_five_minutes_apart_are_read_as_one() -> None:
    first = "DTSTART:20261125T080000Z\r\nDURATION:PT10M"
    close = "DTSTART:20261125T081459Z\r\nDURATION:PT10M"
    apart = "DTSTART:20261125T082959Z\r\nDURATION:PT10M"
    assert read(calendar(first, close, apart)) == [
        (at(9, day=25), at(9, 24, day=25) + timedelta(seconds=59)),
        (at(9, 29, day=25) + timedelta(seconds=59), at(9, 39, day=25) + timedelta(seconds=59)),
    ]


def test_a_list_of_busy_periods_is_read_and_what_it_calls_free_is_not() -> None:
    """Read as holding nothing, it would leave its agent free to be booked."""
    body = "\r\n".join(
        [
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VFREEBUSY\r\nUID:fb",
            "DTSTART:20251124T000000Z\r\nDTEND:20280124T000000Z",
            "FREEBUSY;FBTYPE=BUSY:20261126T130000Z/20261126T150000Z,20261127T080000Z/PT2H",
            "FREEBUSY:20251126T130000Z/PT2H",
            "FREEBUSY;FBTYPE=FREE:20261128T130000Z/PT2H",
            "END:VFREEBUSY\r\nEND:VCALENDAR\r\n",
        ]
    )
    assert read(body.encode()) == [(at(14, day=26), at(16, day=26)), (at(9, day=27), at(11, day=27))]


def test_the_hour_that_the_clock_shows_twice_is_a_pause_of_an_hour() -> None:
    """From 02:58, shown for the first time, to 03:02 it is 64 minutes and not four."""
    before = "DTSTART;TZID=Europe/Paris:20271031T023000\r\nDTEND;TZID=Europe/Paris:20271031T025800"
    after = "DTSTART;TZID=Europe/Paris:20271031T030200\r\nDTEND;TZID=Europe/Paris:20271031T033000"
    spans = busy_times(calendar(before, after), first=date(2027, 10, 30), days=3, tz=PARIS).spans
    assert [end - start for start, end in spans] == [timedelta(minutes=28)] * 2


def test_an_event_of_each_minute_becomes_one_stretch_a_day(bob: Agent) -> None:
    upload = keep_upload(agent=bob, body=EACH_MINUTE, now=TUESDAY)
    assert read_upload(upload, now=TUESDAY)
    assert [(row.starts_at, row.ends_at) for row in bob.absences.order_by("starts_at")[:2]] == [
        (at(8), at(15, 59) + timedelta(seconds=15)),
        (at(8, day=25), at(15, 59, day=25) + timedelta(seconds=15)),
    ]
    assert bob.absences.count() == 8


def test_more_stretches_than_a_day_can_have_are_refused() -> None:
    assert len(read(each_ten_minutes(second=0, days=2))) == 2 * MOST_A_DAY
    with pytest.raises(Unreadable) as refused:
        read(each_ten_minutes(second=0, days=2, hours="7,8,9,10,11,12,13,14,15").replace(b"=96;", b"=54;"))
    assert refused.value.problem == "too_many_a_day"
    assert str(MOST_A_DAY) in str(PROBLEMS["too_many_a_day"])
    assert str(MOST_A_DAY) in str(PROBLEMS["too_many_together"])
    assert f"{MOST_STRETCHES:,}".replace(",", "\N{NO-BREAK SPACE}") in str(PROBLEMS["too_many_together"])


def another(agent: Agent, number: int, body: bytes) -> int:
    followed = follow(agent=agent, url=f"https://agenda.example/{number}.ics", now=TUESDAY)
    return read_calendar(followed, body, tz=zone_of(agent), now=TUESDAY)


def test_calendars_that_are_too_much_together_are_refused_and_change_nothing(
    bob: Agent, alice: Agent
) -> None:
    another(bob, 1, each_ten_minutes(second=0, days=80))
    with pytest.raises(CalendarRefused) as a_day:
        another(bob, 2, calendar("DTSTART:20261125T180000Z\r\nDURATION:PT1H"))
    evenings = calendar("DTSTART:20270401T180000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=161")
    with pytest.raises(CalendarRefused) as a_year:
        another(bob, 3, evenings)
    assert (a_day.value.problem, a_year.value.problem) == ("too_many_together", "too_many_together")
    assert bob.absences.count() == 80 * MOST_A_DAY
    assert another(bob, 3, evenings.replace(b"=161", b"=160")) == 160, "4,000 in all are read"
    assert another(alice, 1, evenings) == 161, "the calendars of another agent do not count"


def test_a_file_that_is_too_much_with_the_others_is_deleted_and_its_agent_told(
    client: Client, bob: Agent
) -> None:
    another(bob, 1, each_ten_minutes(second=0, days=2))
    body = calendar("DTSTART:20261125T180000Z\r\nDURATION:PT1H")
    assert not read_upload(keep_upload(agent=bob, body=body, now=TUESDAY), now=TUESDAY)
    assert not CalendarUpload.objects.exists()
    assert ExternalCalendar.objects.get(url="").problem == "too_many_together"
    client.force_login(bob)
    assert "Vos agendas réunis" in client.get(reverse("feeds")).content.decode()


# ---- what the pages make of it --------------------------------------------------------------------------


ROOT = Path(__file__).resolve().parents[2]
OURS = tuple(f"{ROOT / name}/" for name in ("agents", "booking", "communes", "planning"))


@contextmanager
def counted_steps() -> Iterator[list[int]]:
    """How many lines and jumps of our own code run meanwhile: the one number of the list."""
    monitoring, found = sys.monitoring, [0]
    events = monitoring.events.LINE | monitoring.events.JUMP | monitoring.events.PY_RESUME

    def step(code: CodeType, *_where: Any) -> Any:
        if not code.co_filename.startswith(OURS):
            return None if code.co_name == "<genexpr>" else monitoring.DISABLE
        found[0] += 1
        return None

    tool = next(number for number in (3, 4) if monitoring.get_tool(number) is None)
    monitoring.use_tool_id(tool, "steps")
    monitoring.register_callback(tool, monitoring.events.LINE, step)
    monitoring.register_callback(tool, monitoring.events.JUMP, step)
    monitoring.register_callback(tool, monitoring.events.PY_RESUME, lambda code, _at: step(code) and None)
    monitoring.set_events(tool, events)
    try:
        yield found
    finally:
        monitoring.set_events(tool, 0)
        monitoring.free_tool_id(tool)


def steps_of(work: Callable[[], object]) -> int:
    work()  # what is made once (compiled queries, time zones) is made now
    with counted_steps() as steps:
        work()
    return steps[0]


def shifts_of(agent: Agent, cabin: Cabin, service: Service, first: int, stop: int) -> None:
    """Of 20 minutes, 18 a day; an appointment in each third."""
    for n in range(first, stop):
        day, nth = divmod(n, 18)
        start = at(9) + timedelta(days=day, minutes=20 * nth)
        make_shift(agent, cabin.site, start, start + timedelta(minutes=20))
        if n % 3 == 0:
            make_appointment(
                cabin, service, start, ends_at=start + timedelta(minutes=20), helper=agent, with_helper=True
            )


def busy_of(agent: Agent, first: int, stop: int) -> None:
    """Of 5 s, each 40 s from 8:00 on, over and over the same three days."""
    Absence.objects.bulk_create(
        Absence(agent=agent, starts_at=start, ends_at=start + timedelta(seconds=5))
        for n in range(first, stop)
        for start in [at(8) + timedelta(days=n % 3, seconds=40 * (n // 3))]
    )


def the_pages(commune: Commune, service: Service, site: Site, bob: Agent) -> dict[str, Callable[[], object]]:
    memberships = list(bob.memberships.all())
    mine: dict[str, Any] = {"agent": bob, "commune": commune, "memberships": memberships, "now": TUESDAY}
    until = TUESDAY + timedelta(weeks=8)
    return {
        "week": lambda: read_grid(commune, Week(MONDAY), now=TUESDAY),
        "month": lambda: read_month(commune, MONDAY.replace(day=1), now=TUESDAY),
        "orphans": lambda: orphans(commune, at(0), until),
        "my day": lambda: read_my_day(on=TUESDAY.date(), **mine),
        "my week": lambda: read_my_week(first=TUESDAY.date(), **mine),
        "present": lambda: present_until(site.pk, at(10)),
        "free times": lambda: find_slots(
            commune=commune,
            service=service,
            with_helper=True,
            start=TUESDAY.date(),
            end=TUESDAY.date() + timedelta(days=3),
            now=TUESDAY,
        ),
    }


def test_no_page_looks_at_each_absence_for_each_shift(
    commune: Commune, service: Service, site: Site, bob: Agent, subtests: pytest.Subtests
) -> None:
    cabin = make_cabin(site)
    shifts_of(bob, cabin, service, 0, 27)
    busy_of(bob, 0, 1000)
    pages = the_pages(commune, service, site, bob)
    before = {name: steps_of(page) for name, page in pages.items()}
    shifts_of(bob, cabin, service, 27, 54)
    busy_of(bob, 1000, 2000)
    for name, page in pages.items():
        with subtests.test(name):
            assert steps_of(page) < 3 * before[name]


def test_a_day_of_a_hundred_absences_from_elsewhere_is_told_in_one_line(
    client: Client, commune: Commune, site: Site, bob: Agent, alice: Agent
) -> None:
    make_shift(bob, site, at(9), at(17))
    busy_of(bob, 0, 300)
    Absence.objects.create(agent=bob, commune=commune, starts_at=at(16), ends_at=at(17))
    [cell] = Presence(commune, TUESDAY.date(), TUESDAY.date() + timedelta(days=1)).cells(
        bob.pk, [TUESDAY.date()]
    )
    ours, others = cell.leaves
    assert (ours.starts_at, ours.ends_at, ours.times) == (at(16), at(17), 1)
    assert (others.starts_at, others.times, others.is_ours) == (at(8), 100, False)
    assert others.ends_at == at(8) + timedelta(seconds=99 * 40 + 5)
    client.force_login(alice)
    for page in ("team", "team-month"):
        assert "100 absences" in client.get(reverse(page)).content.decode(), page
