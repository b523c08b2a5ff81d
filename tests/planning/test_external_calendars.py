"""Other calendars of an agent: when they say busy, and that fetching them opens no way inside."""

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from agents.models import Absence, Agent
from communes.models import Commune, Site
from planning.calendars.fetching import Limits, fetch, is_public
from planning.calendars.reading import AHEAD_DAYS, forget, read_calendar, refresh
from planning.errors import CalendarRefused
from planning.models import ExternalCalendar
from planning.rules.busy_times import Unreadable, busy_times
from tests.factories import PARIS, TUESDAY, at, make_shift

TODAY = date(2026, 11, 24)


def calendar(*events: str) -> bytes:
    body = "".join(f"BEGIN:VEVENT\r\nUID:{n}\r\n{event}\r\nEND:VEVENT\r\n" for n, event in enumerate(events))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{body}END:VCALENDAR\r\n".encode()


DENTIST = (
    "SUMMARY:Dentiste\r\nDTSTART;TZID=Europe/Paris:20261125T140000\r\nDTEND;TZID=Europe/Paris:20261125T150000"
)


def read(*events: str) -> list[tuple[datetime, datetime]]:
    return busy_times(calendar(*events), first=TODAY, days=AHEAD_DAYS, tz=PARIS).spans


# ---- what a calendar says --------------------------------------------------------------------------


def test_a_meeting_is_busy() -> None:
    assert read(DENTIST) == [(at(14, day=25), at(15, day=25))]


def test_a_weekly_meeting_keeps_its_hour_over_the_clock_change_and_skips_its_exceptions() -> None:
    spans = busy_times(
        calendar(
            "DTSTART;TZID=Europe/Paris:20261105T090000\r\nDTEND;TZID=Europe/Paris:20261105T100000\r\n"
            "RRULE:FREQ=WEEKLY\r\nEXDATE;TZID=Europe/Paris:20270401T090000"
        ),
        first=date(2027, 3, 20),
        days=21,
        tz=PARIS,
    ).spans
    starts = [start.astimezone(PARIS) for start, _ in spans]
    assert [(start.month, start.day, start.hour) for start in starts] == [(3, 25, 9), (4, 8, 9)]


def test_whole_days_last_from_midnight_to_midnight() -> None:
    assert read("DTSTART;VALUE=DATE:20261126\r\nDTEND;VALUE=DATE:20261128") == [
        (at(0, day=26), at(0, day=28))
    ]


def test_what_is_free_or_cancelled_does_not_count() -> None:
    assert read(f"{DENTIST}\r\nTRANSP:TRANSPARENT", f"{DENTIST}\r\nSTATUS:CANCELLED") == []


def test_times_without_a_zone_are_those_of_the_commune() -> None:
    assert read("DTSTART:20261125T140000\r\nDTEND:20261125T150000") == [(at(14, day=25), at(15, day=25))]


def test_overlapping_meetings_are_one_stretch_and_the_past_is_cut() -> None:
    other = "DTSTART:20261125T133000Z\r\nDTEND:20261125T150000Z"
    assert read(DENTIST, other) == [(at(14, day=25), at(16, day=25))]
    assert read("DTSTART:20261101T080000Z\r\nDTEND:20261101T090000Z") == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "not_a_calendar"),
        (b"<html>", "not_a_calendar"),
        (b"\xff\xfe\x00", "not_a_calendar"),
        (calendar(DENTIST)[:-20], "cut_short"),
        (calendar(DENTIST) + calendar(DENTIST)[:-60], "cut_short"),
        (calendar("DTSTART:20261125T140000Z\r\nRRULE:FREQ=SECONDLY"), "too_much"),
        (calendar("SUMMARY:x"), "bad_event"),
        (calendar("DTSTART:20261125T140000Z\r\nRRULE:FREQ=FORTNIGHTLY"), "bad_event"),
    ],
)
def test_what_is_no_calendar_is_refused(body: bytes, problem: str) -> None:
    with pytest.raises(Unreadable) as refused:
        busy_times(body, first=TODAY, days=AHEAD_DAYS, tz=PARIS)
    assert refused.value.problem == problem


# ---- what it does ------------------------------------------------------------------------------------


@pytest.fixture
def other(bob: Agent) -> ExternalCalendar:
    return ExternalCalendar.objects.create(
        agent=bob, url="https://agenda.example/bob.ics", created_at=TUESDAY
    )


def test_busy_times_become_absences_and_go_with_it(bob: Agent, other: ExternalCalendar, site: Site) -> None:
    make_shift(bob, site, at(14, day=25), at(17, day=25))
    assert read_calendar(other, calendar(DENTIST), tz=PARIS, now=TUESDAY) == 1
    absence = Absence.objects.get()
    assert (absence.agent, absence.starts_at, absence.commune) == (bob, at(14, day=25), None)
    site.refresh_from_db()
    version = site.version
    read_calendar(other, calendar(DENTIST), tz=PARIS, now=TUESDAY)
    site.refresh_from_db()
    assert site.version == version, "an unchanged calendar wakes no screen"
    moved = DENTIST.replace("T14", "T16").replace("T15", "T17")
    read_calendar(other, calendar(moved), tz=PARIS, now=TUESDAY)
    assert Absence.objects.get().starts_at == at(16, day=25)
    forget(other)
    assert not Absence.objects.exists()


def test_absences_that_were_declared_stay(bob: Agent, other: ExternalCalendar, commune: Commune) -> None:
    Absence.objects.create(agent=bob, commune=commune, starts_at=at(8, day=26), ends_at=at(9, day=26))
    read_calendar(other, calendar(), tz=PARIS, now=TUESDAY)
    assert Absence.objects.count() == 1


def test_a_calendar_that_cannot_be_read_keeps_what_was_known_and_says_why(
    bob: Agent, other: ExternalCalendar
) -> None:
    read_calendar(other, calendar(DENTIST), tz=PARIS, now=TUESDAY)
    later = TUESDAY + timedelta(hours=1)
    ExternalCalendar.objects.update(url="http://127.0.0.1/x.ics")
    other.refresh_from_db()
    assert not refresh(other, now=later)
    other.refresh_from_db()
    assert (other.problem, other.read_at, other.tried_at) == ("internal", TUESDAY, later)
    assert Absence.objects.count() == 1


def test_all_that_are_due_are_read_again_and_one_that_breaks_keeps_no_other_from_it(
    other: ExternalCalendar,
    charlie: Agent,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tuesday: datetime,
) -> None:
    just_read = timedelta(minutes=5)
    for number, tried_at in enumerate([None, tuesday - just_read, tuesday - timedelta(minutes=15)]):
        url = f"https://agenda.example/{number}.ics"
        ExternalCalendar.objects.create(agent=charlie, url=url, created_at=TUESDAY, tried_at=tried_at)
    ExternalCalendar.objects.create(agent=charlie, url="", created_at=TUESDAY)
    asked = []

    def fetch(url: str, limits: object) -> bytes:
        asked.append(url.rpartition("/")[2])
        if url == other.url:
            raise MemoryError("Dentist, 10:00")
        return calendar(DENTIST)

    monkeypatch.setattr("planning.calendars.reading.fetch", fetch)
    call_command("read_calendars", stdout=StringIO())
    assert sorted(asked) == ["0.ics", "2.ics", "bob.ics"]
    assert ExternalCalendar.objects.exclude(read_at=None).count() == 2
    other.refresh_from_db()
    assert other.problem == "not_read"
    assert other.tried_at is not None
    assert "MemoryError" in caplog.text
    assert "Dentist" not in caplog.text, "what stands in a calendar is nobody's business"


# ---- fetching ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 refused, not listened on
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["9.9.9.9", "2620:fe::fe"])
def test_addresses_outside_are(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://127.0.0.1/", "internal"),
        ("webcal://127.0.0.1/", "internal"),
        ("http://[::1]/", "internal"),
        ("http://2130706433/", "internal"),
        ("http://0x7f.1/", "internal"),
        ("http://localhost/", "internal"),
        ("http://169.254.169.254/latest/meta-data/", "internal"),
        ("http://9.9.9.9:22/", "internal"),
        ("ftp://9.9.9.9/", "address"),
        ("file:///etc/passwd", "address"),
        ("http://user:secret@9.9.9.9/", "address"),
        ("http://9.9.9.9/a\r\nHost: x", "address"),
        ("http://", "address"),
        ("http://[", "address"),
        ("http://9.9.9.9:99999/", "address"),
    ],
)
def test_addresses_that_lead_inside_or_are_none_are_refused(url: str, problem: str) -> None:
    with pytest.raises(CalendarRefused) as refused:
        fetch(url)
    assert refused.value.problem == problem


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path
        if path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", path.removeprefix("/to/"))
            self.end_headers()
        elif path == "/trickle":
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b"x")
                time.sleep(0.1)
        elif path == "/flood":
            self.send_response(200)
            self.end_headers()
            for _ in range(200):
                self.wfile.write(b"x" * 65536)
        elif path == "/calendar":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(calendar(DENTIST))
        else:
            self.send_error(404)

    def handle(self) -> None:
        with suppress(OSError):  # the caller has had enough
            super().handle()

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.daemon_threads = True
    thread = threading.Thread(target=found.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{found.server_address[1]}"
    found.shutdown()
    found.server_close()


HERE = ipaddress.ip_address("127.0.0.1")
LIMITS = Limits(
    may_reach=lambda address: address == HERE,
    may_use_port=lambda _port: True,
    most_bytes=300_000,
    seconds=1.5,
)
"""Our own server counts as outside; every other address of this machine is inside."""


def test_a_calendar_is_fetched_also_behind_a_redirect(server: str) -> None:
    assert b"VCALENDAR" in fetch(f"{server}/calendar", LIMITS)
    assert b"VCALENDAR" in fetch(f"{server}/to//calendar", LIMITS)


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/to/http://127.0.0.2/", "internal"),
        ("/to/http://169.254.169.254/latest/", "internal"),
        ("/to/file:///etc/passwd", "address"),
        ("/to//to//to//to//calendar", "redirects"),
        ("/nowhere", "status"),
        ("/flood", "too_large"),
        ("/trickle", "too_slow"),
    ],
)
def test_what_a_server_may_try_is_refused(server: str, path: str, problem: str) -> None:
    began = time.monotonic()
    with pytest.raises(CalendarRefused) as refused:
        fetch(f"{server}{path}", LIMITS)
    assert refused.value.problem == problem
    assert time.monotonic() - began < 4


def test_the_address_that_was_checked_is_the_one_connected_to(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers with another address the second time gains nothing: it is asked once."""
    asked = []
    port = int(server.rsplit(":", 1)[1])

    def resolve(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [
            (
                socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                ("127.0.0.1" if len(asked) == 1 else "127.0.0.9", port),
            )
        ]

    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *a, **k: resolve(host) if host == "agenda.example" else real(host, *a, **k),
    )
    assert b"VCALENDAR" in fetch(f"http://agenda.example:{port}/calendar", LIMITS)
    assert asked == ["agenda.example"]
