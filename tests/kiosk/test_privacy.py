"""What a screen can learn about a person, checked in everything that it can request."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.models import Agent
from booking.actions import announce_delay
from booking.enums import Status
from booking.log import Actor
from booking.models import Appointment, Resident
from communes.models import Cabin, Commune, Service
from kiosk.day import first_name_and_initial
from kiosk.languages import LANGUAGES
from tests.clocks import SetClock
from tests.factories import at, make_appointment, make_resident, make_service
from tests.kiosk.conftest import make_screen

pytestmark = pytest.mark.django_db

SURNAME = "Wqzvkxbert"
FIRST = "Yxandrine"
PHONE = "+33639981234"
SERVICE = "Zkjwservice"
HELPER = "Vqhelperin"
SECRETS = re.compile("|".join([SURNAME, PHONE[3:], SERVICE, HELPER]), re.IGNORECASE)


def fetched(client: Client, number: str, now: datetime) -> dict[str, str]:
    """All that this screen can be told, headers and cookies with it: in each language by looking, by keying
    the number, and by pressing everything else; but where one chooses a service."""
    pages = {}
    for lang in LANGUAGES:
        pages[f"page {lang}"] = _all_of(client.get("/ecran/", {"lang": lang}))
        pages[f"board {lang}"] = _all_of(client.get(reverse("screen-board"), {"lang": lang}))
        pages[f"arrival {lang}"] = _all_of(client.get(reverse("screen-arrival"), {"lang": lang}))
    for name in ("screen-worker", "screen-manifest", "screen-languages", "screen-pairing"):
        pages[name] = _all_of(client.get(reverse(name)))
    sealed = re.search(r'name="who" value="([^"]+)"', pages["arrival fr"])
    for name, keyed in (
        ("screen-arrival-number", {"number": number}),
        ("screen-arrival-confirm", {"who": sealed[1] if sealed else ""}),
        ("screen-text-number", {"booking": sealed[1] if sealed else "", "phone": PHONE}),
        ("screen-help", {}),
        ("screen-help-end", {}),
        ("screen-face", {"face": "yes"}),
    ):
        answer = client.post(reverse(name), keyed)
        pages[name] = _all_of(answer)
        undo = re.search(r'name="undo" value="([^"]+)"', answer.content.decode())
        if undo:
            pages["undo"] = _all_of(client.post(reverse("screen-arrival-undo"), {"undo": undo[1]}))
    sessions = re.findall(r"/ecran/seance/\d+/\w+/", _all_of(client.get(reverse("screen-board"))))
    for url in sorted(set(sessions), reverse=True):  # more time, then the end
        pages[url] = _all_of(client.post(url))
    told = [{"key": "a", "number": number, "at": round(now.timestamp() * 1000)}]
    url = reverse("screen-arrivals")
    pages["told late"] = _all_of(client.post(url, json.dumps(told), content_type="application/json"))
    pages["board after"] = _all_of(client.get(reverse("screen-board")))
    return pages


def _all_of(answer: Any) -> str:
    """What comes over the line."""
    return f"{dict(answer.headers)}\n{answer.cookies.output()}\n{answer.content.decode()}"


@pytest.fixture
def someone(commune: Commune, bob: Any) -> Resident:
    bob.first_name = HELPER
    bob.save()
    return make_resident(commune, PHONE, first_name=FIRST, last_name=SURNAME, email="wqzvkxbert@exemple.fr")


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    status=st.sampled_from([status for status in Status if status not in (Status.HELD, Status.LAPSED)]),
    offset_min=st.integers(-150, 150),
    number_on_screen=st.booleans(),
    is_medical=st.booleans(),
    with_helper=st.booleans(),
    name_shown_minutes_before=st.sampled_from((0, 20, 45)),
    is_hall=st.booleans(),
)
def test_nothing_fetched_holds_more_of_a_person_than_allowed(
    status: Status,
    offset_min: int,
    number_on_screen: bool,
    is_medical: bool,
    with_helper: bool,
    name_shown_minutes_before: int,
    is_hall: bool,
    set_clock: SetClock,
    commune: Commune,
    cabin: Cabin,
    someone: Resident,
    bob: Any,
) -> None:
    now = at(10, 24)
    set_clock(now)
    Appointment.objects.all().delete()
    service = make_service(commune, name=SERVICE, is_medical=is_medical)
    Service.objects.exclude(pk=service.pk).delete()
    Resident.objects.filter(pk=someone.pk).update(number_on_screen=number_on_screen)
    Commune.objects.filter(pk=commune.pk).update(name_shown_minutes_before=name_shown_minutes_before)
    starts_at = now + timedelta(minutes=offset_min)
    appointment = make_appointment(
        cabin, service, starts_at, status=status, resident=someone, helper=bob if with_helper else None
    )
    _, client = make_screen(cabin.site, None if is_hall else cabin)
    is_named = not (number_on_screen or is_medical)
    may_name = is_named and _may_name(appointment, now, name_shown_minutes_before)
    pages = fetched(client, appointment.number, now)
    # An arrival told late takes back an absence that was noted: from then on they have come.
    appointment.refresh_from_db()
    may_name_after = is_named and _may_name(appointment, now, name_shown_minutes_before)
    for name, text in pages.items():
        assert not SECRETS.search(text), name
        if not (may_name_after if name == "board after" else may_name):
            assert FIRST not in text, name


def test_a_screen_of_another_site_is_told_nothing_of_anyone_here(
    set_clock: SetClock, cabin: Cabin, elsewhere: Cabin, someone: Resident, service: Service
) -> None:
    now = at(10, 24)
    appointment = make_appointment(cabin, service, at(10, 30), resident=someone)
    _, here = make_screen(cabin.site, cabin)
    _, there = make_screen(elsewhere.site, elsewhere)
    sealed = re.search(r'name="who" value="([^"]+)"', _all_of(here.get(reverse("screen-arrival"))))
    assert sealed
    pages = fetched(there, appointment.number, now)
    pages["sealed"] = _all_of(there.post(reverse("screen-arrival-confirm"), {"who": sealed[1]}))
    for name, text in pages.items():
        assert not re.search(f"{SECRETS.pattern}|{FIRST}|10:30", text), name
    appointment.refresh_from_db()
    assert appointment.status == Status.BOOKED


def _may_name(appointment: Appointment, now: datetime, name_shown_minutes_before: int) -> bool:
    shown_from = appointment.starts_at - timedelta(minutes=name_shown_minutes_before)
    is_to_come = appointment.status in (Status.BOOKED, Status.ARRIVED)
    # The clock runs on while pages are fetched: a second of grace at the edge.
    return is_to_come and shown_from - timedelta(seconds=5) <= now < appointment.ends_at


def test_the_name_is_there_in_its_time(
    set_clock: SetClock, commune: Commune, cabin: Cabin, service: Service, someone: Resident
) -> None:
    make_appointment(cabin, service, at(10, 30), resident=someone)
    _, client = make_screen(cabin.site, cabin)
    assert f"{FIRST} W." in client.get(reverse("screen-board")).content.decode()


@given(st.text(max_size=30), st.text(max_size=30))
def test_of_a_surname_one_letter_at_most_is_kept(first: str, last: str) -> None:
    shown = first_name_and_initial(first, last)
    rest = shown.removeprefix(first.strip())
    assert rest == "" or re.fullmatch(r" .{1,3}\.", rest, re.DOTALL)


def test_services_are_only_named_where_one_chooses_them(
    set_clock: SetClock, commune: Commune, cabin: Cabin, someone: Resident
) -> None:
    service = make_service(commune, name=SERVICE)
    make_appointment(cabin, service, at(10, 30), resident=someone)
    _, client = make_screen(cabin.site, cabin)
    assert SERVICE in client.get(reverse("screen-walk-in")).content.decode()


def test_pages_of_a_screen_are_not_kept_by_caches(kiosk: Client) -> None:
    for url in ("/ecran/", reverse("screen-board"), reverse("screen-arrival")):
        assert kiosk.get(url).headers["Cache-Control"] == "no-store"


def test_the_board_takes_the_same_queries_whatever_the_day(
    kiosk: Client,
    cabin: Cabin,
    service: Service,
    someone: Resident,
    django_assert_num_queries: Any,
) -> None:
    kiosk.get(reverse("screen-board"))
    for hour in (9, 10, 11, 14, 15, 16):
        make_appointment(cabin, service, at(hour, 15), resident=someone)
    with django_assert_num_queries(9):
        assert kiosk.get(reverse("screen-board")).status_code == 200


def test_a_late_helper_is_announced_by_no_name(
    kiosk: Client, commune: Commune, cabin: Cabin, service: Service, bob: Agent
) -> None:
    make_appointment(cabin, service, at(10, 30), helper=bob)
    announce_delay(helper=bob, commune=commune, until=at(10, 45), by=Actor.agent(bob), now=at(10, 24))
    page = kiosk.get("/ecran/").content.decode()
    assert "10\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}45" in page
    assert "Bob" not in page
