"""Calendar feeds, read by a real calendar program and by a library that others use."""

import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import recurring_ical_events
from django.test import Client
from icalendar import Calendar

from agents.models import Agent, Membership
from booking import actions
from booking.log import Actor
from booking.models import Appointment
from communes.models import Cabin, Commune, Service, Site
from planning.calendars.feeds import close_feed, open_feed
from planning.models import CalendarFeed
from planning.rules.busy_times import busy_times
from tests.factories import (
    PARIS,
    TUESDAY,
    at,
    make_appointment,
    make_cabin,
    make_commune,
    make_resident,
    make_shift,
    make_site,
)

pytestmark = pytest.mark.usefixtures("tuesday")


@pytest.fixture
def visit(commune: Commune, cabin: Cabin, service: Service, bob: Agent, site: Site) -> Appointment:
    for day in (25, 26):
        make_shift(bob, site, at(9, day=day), at(17, day=day))
    resident = make_resident(commune, "+33639981234")
    return make_appointment(cabin, service, at(10, day=25), helper=bob, resident=resident, number="482913")


@pytest.fixture
def address(commune: Commune, bob: Agent) -> str:
    return f"/agendas/{open_feed(commune=commune, agent=bob, by=bob, now=TUESDAY)}.ics"


def events(client: Client, address: str, kind: str = "appointment") -> list[Any]:
    body = client.get(address).content
    found = recurring_ical_events.of(Calendar.from_ical(body)).between(date(2026, 10, 1), date(2029, 1, 1))
    return [event for event in found if str(event["uid"]).startswith(kind)]


def state(event: Any) -> tuple[str, datetime, int, str]:
    return str(event["uid"]), event.decoded("dtstart"), event["sequence"], str(event["status"])


def test_a_diary_shows_number_and_cabin_and_no_name(client: Client, visit: Appointment, address: str) -> None:
    body = client.get(address).content.decode()
    assert "482\N{NO-BREAK SPACE}913" in body and "Cabine du hall" in body
    for secret in ("Fatima", "Bensa", "CAF", "39981234"):
        assert secret not in body
    (event,) = events(client, address)
    assert state(event)[1:] == (at(10, day=25), 0, "CONFIRMED")


def test_a_diary_needs_no_time_zone_and_says_times_that_every_program_reads(
    client: Client, visit: Appointment, address: str
) -> None:
    """Outlook reads no time zone whose changes are listed as dates, and then shows other hours."""
    body = client.get(address).content.decode()
    assert "DTSTART:20261125T090000Z" in body and "DTEND:20261125T094500Z" in body
    for word in ("TZID", "VTIMEZONE", "RDATE"):
        assert word not in body


def test_a_diary_has_the_shifts_of_its_agent_marked_as_free(
    client: Client, visit: Appointment, address: str, bob: Agent, alice: Agent, site: Site
) -> None:
    make_shift(alice, site, at(9, day=27), at(17, day=27))
    shifts = events(client, address, "shift")
    assert [(shift.decoded("dtstart"), shift.decoded("dtend")) for shift in shifts] == [
        (at(9, day=25), at(17, day=25)),
        (at(9, day=26), at(17, day=26)),
    ]
    assert {str(shift["summary"]) for shift in shifts} == {f"Présence · {site.name}"}
    # Whoever follows, as their other calendar, one that contains this diary is not absent from their shifts.
    body = client.get(address).content
    busy = busy_times(body, first=date(2026, 11, 24), days=30, tz=PARIS).spans
    assert busy == [(at(10, day=25), at(10, 45, day=25))]


def test_shifts_in_another_commune_are_not_in_the_diary(
    client: Client, visit: Appointment, address: str, bob: Agent
) -> None:
    elsewhere = make_site(make_commune(name="Autreville"))
    make_shift(bob, elsewhere, at(9, day=27), at(17, day=27))
    assert len(events(client, address, "shift")) == 2


def test_a_diary_shows_all_that_is_to_come_and_a_month_of_the_past(
    client: Client, address: str, cabin: Cabin, service: Service, bob: Agent, site: Site
) -> None:
    for days in (-40, -20, 100, 200, 700):
        start = at(10) + timedelta(days=days)
        make_appointment(cabin, service, start, helper=bob)
        make_shift(bob, site, start, start + timedelta(hours=3))
    starts = [at(10) + timedelta(days=days) for days in (-20, 100, 200, 700)]
    for kind in ("appointment", "shift"):
        assert sorted(event.decoded("dtstart") for event in events(client, address, kind)) == starts


def test_a_move_and_a_cancellation_keep_the_uid_and_raise_the_sequence(
    client: Client, visit: Appointment, address: str, alice: Agent, site: Site
) -> None:
    (before,) = events(client, address)
    by = Actor.agent(alice)
    actions.reschedule(appointment=visit, site=site, start=at(14, day=26), by=by, now=TUESDAY)
    (moved,) = events(client, address)
    assert state(moved) == (state(before)[0], at(14, day=26), 1, "CONFIRMED")
    actions.cancel(appointment=visit, by=by, now=TUESDAY)
    (cancelled,) = events(client, address)
    assert state(cancelled) == (state(before)[0], at(14, day=26), 2, "CANCELLED")
    actions.restore(appointment=visit, by=by, now=TUESDAY)
    assert state(events(client, address)[0])[2:] == (3, "CONFIRMED")


def test_another_length_raises_the_sequence(
    client: Client, visit: Appointment, address: str, alice: Agent
) -> None:
    wanted = {"length": 60}
    actions.alter(appointment=visit, wanted=wanted, by=Actor.agent(alice), now=TUESDAY)
    (altered,) = events(client, address)
    assert state(altered)[1:] == (at(10, day=25), 1, "CONFIRMED")
    assert altered.decoded("dtend") == at(11, day=25)


def khal(folder: Path, *command: str) -> str:
    """What the calendar program prints, with a calendar of its own."""
    config = folder / "config"
    if not config.exists():
        (folder / "calendar").mkdir()
        config.write_text(
            f"[calendars]\n[[diary]]\npath = {folder / 'calendar'}\n"
            "[locale]\nlocal_timezone = Europe/Paris\ndefault_timezone = Europe/Paris\n"
            "timeformat = %H:%M\ndateformat = %d.%m.\nlongdateformat = %d.%m.%Y\n"
            "datetimeformat = %d.%m. %H:%M\nlongdatetimeformat = %d.%m.%Y %H:%M\n"
            f"[sqlite]\npath = {folder / 'khal.db'}\n",
            encoding="utf-8",
        )
    program = Path(sys.executable).with_name("khal")
    done = subprocess.run(
        [program, "-c", config, *command],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        env={"HOME": str(folder), "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    return done.stdout


def test_a_calendar_program_sees_the_same(
    client: Client, visit: Appointment, address: str, alice: Agent, site: Site, tmp_path: Path
) -> None:
    def reads() -> str:
        (tmp_path / "feed.ics").write_bytes(client.get(address).content)
        khal(tmp_path, "import", "--batch", "-a", "diary", str(tmp_path / "feed.ics"))
        return khal(
            tmp_path,
            "list",
            "--format",
            "{start-date} {start-time}-{end-time} {title} {status}",
            "25.11.2026",
            "2d",
        )

    first = reads()
    assert "25.11. 10:00-10:45" in first
    assert "25.11. 09:00-17:00 Présence" in first and "26.11. 09:00-17:00 Présence" in first
    actions.reschedule(appointment=visit, site=site, start=at(14, day=26), by=Actor.agent(alice), now=TUESDAY)
    moved = reads()
    assert "26.11. 14:00-14:45" in moved and "10:00" not in moved
    actions.cancel(appointment=visit, by=Actor.agent(alice), now=TUESDAY)
    assert "CANCELLED" in reads()


def test_an_unchanged_diary_is_not_sent_again(client: Client, visit: Appointment, address: str) -> None:
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(address, headers={"If-None-Match": f'"x", W/{first["ETag"]}'}).status_code == 304
    Appointment.objects.update(starts_at=at(10, 5, day=25))
    changed = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200 and changed["ETag"] != first["ETag"]


def test_a_colleague_s_visits_are_not_in_it(
    client: Client, visit: Appointment, address: str, service: Service, site: Site
) -> None:
    make_appointment(make_cabin(site), service, at(10, day=26))
    assert len(events(client, address)) == 1


def test_a_place_has_a_diary_of_all_its_cabins(
    client: Client, visit: Appointment, service: Service, site: Site, commune: Commune, dana: Agent
) -> None:
    make_appointment(make_cabin(site), service, at(10, day=26))
    token = open_feed(commune=commune, site=site, by=dana, now=TUESDAY)
    assert len(events(client, f"/agendas/{token}.ics")) == 2


def test_revoking_or_making_anew_ends_the_old_address(
    client: Client, visit: Appointment, address: str, commune: Commune, bob: Agent
) -> None:
    new = open_feed(commune=commune, agent=bob, by=bob, now=TUESDAY)
    assert client.get(address).status_code == 404
    assert client.get(f"/agendas/{new}.ics").status_code == 200
    close_feed(commune=commune, agent=bob)
    assert client.get(f"/agendas/{new}.ics").status_code == 404


def test_whoever_has_left_has_no_diary(client: Client, visit: Appointment, address: str, bob: Agent) -> None:
    Membership.objects.filter(agent=bob).delete()
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("token", ["x", "é", "0" * 300])
def test_a_guess_finds_nothing(client: Client, visit: Appointment, address: str, token: str) -> None:
    assert client.get(f"/agendas/{token}.ics").status_code == 404


def test_the_secret_is_shown_once_and_kept_as_a_hash(client: Client, bob: Agent, site: Site) -> None:
    client.force_login(bob)
    page = client.post("/agendas/le-mien/")
    secret = page.context["address"].rsplit("/", 1)[1].removesuffix(".ics")
    feed = CalendarFeed.objects.get()
    assert secret not in str(vars(feed))
    assert secret not in client.get("/agendas/").content.decode()
    assert client.post(f"/agendas/lieux/{site.pk}/").status_code == 404, "for the office"
    client.post("/agendas/le-mien/", {"stop": "1"})
    assert not CalendarFeed.objects.exists()


def test_nine_stays_nine_in_the_calendar_when_clocks_change(
    client: Client, address: str, cabin: Cabin, service: Service, bob: Agent, commune: Commune
) -> None:
    for day in (date(2027, 3, 26), date(2027, 3, 29)):
        start = datetime(day.year, day.month, day.day, 9, tzinfo=commune.tz)
        make_appointment(cabin, service, start, helper=bob)
    body = Calendar.from_ical(client.get(address).content)
    found = recurring_ical_events.of(body).between(date(2027, 3, 1), date(2027, 4, 10))
    starts = [event.decoded("dtstart") for event in found]
    assert [start.astimezone(commune.tz).hour for start in starts] == [9, 9]
    assert starts[1].timestamp() - starts[0].timestamp() == timedelta(days=3, hours=-1).total_seconds()


@pytest.mark.parametrize("visits", [1, 20])
def test_a_diary_takes_as_many_queries_whatever_is_in_it(
    client: Client,
    address: str,
    cabin: Cabin,
    service: Service,
    bob: Agent,
    site: Site,
    visits: int,
    django_assert_num_queries: Any,
) -> None:
    for n in range(visits):
        make_appointment(cabin, service, at(10, day=25) + timedelta(days=n), helper=bob)
        make_shift(bob, site, at(9, day=25) + timedelta(days=n), at(17, day=25) + timedelta(days=n))
    with django_assert_num_queries(4):  # the feed, whether its agent still works here, appointments, shifts
        client.get(address)


def test_without_a_place_the_page_leads_a_manager_to_add_one(client: Client, dana: Agent) -> None:
    client.force_login(dana)
    assert 'href="/lieux/nouveau/"' in client.get("/agendas/").content.decode()
    make_site(dana.memberships.get().commune)
    assert 'href="/lieux/nouveau/"' not in client.get("/agendas/").content.decode()
