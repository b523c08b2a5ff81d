"""« Utiliser la cabine », and the session of a resident alone in the cabin."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from booking.enums import Origin, Status
from booking.models import Appointment, ResidentPhone
from communes.enums import Booker, Equipment, HelperPolicy
from communes.models import Cabin, Commune, Service, Site
from kiosk.models import FaceCount, Screen
from tests.clocks import SetClock
from tests.factories import at, make_appointment, make_resident, make_service, make_shift
from tests.kiosk.conftest import make_screen

pytestmark = pytest.mark.django_db


def sheet(kiosk: Client, service: Service) -> str:
    """With single spaces: breaks of lines do not matter, non-breaking spaces do."""
    html = kiosk.get(reverse("screen-walk-in-service", args=[service.pk])).content.decode()
    return re.sub(r"[ \n]+", " ", html)


def begin(kiosk: Client, service: Service, who: str = "nobody") -> str:
    url = reverse("screen-walk-in-service", args=[service.pk])
    return kiosk.post(url, {"with": who}).content.decode()


def end(kiosk: Client, asked: Appointment, **fields: str) -> str:
    return kiosk.post(reverse("screen-session-end", args=[asked.pk]), fields).content.decode()


def extend(kiosk: Client, asked: Appointment) -> None:
    kiosk.post(reverse("screen-session-extend", args=[asked.pk]))


def session() -> Appointment:
    return Appointment.objects.get(status=Status.IN_SESSION)


def test_a_cabin_that_is_kept_for_the_one_who_did_not_come_offers_the_time_after(
    kiosk: Client, service: Service, cabin: Cabin, set_clock: SetClock
) -> None:
    make_appointment(cabin, service, at(9, 30))
    set_clock(at(10, 20))
    assert "Ce n’est pas possible maintenant" in sheet(kiosk, service)
    set_clock(at(10, 25))
    assert "Installez-vous" in begin(kiosk, service)


def test_services_are_drawings_with_words(kiosk: Client, service: Service) -> None:
    page = kiosk.get(reverse("screen-walk-in")).content.decode()
    assert "users.svg" in page
    assert "CAF" in page


def test_a_free_cabin_is_taken_for_the_usual_length(kiosk: Client, service: Service, cabin: Cabin) -> None:
    assert "Installez-vous" in begin(kiosk, service)
    taken = session()
    assert (taken.cabin, taken.is_walk_in, taken.origin) == (cabin, True, Origin.SCREEN)
    assert taken.ends_at == at(11, 9)
    assert taken.resident is None


def test_a_session_ends_before_the_next_appointment(kiosk: Client, service: Service, cabin: Cabin) -> None:
    make_appointment(cabin, service, at(11))
    page = sheet(kiosk, service)
    assert "au lieu de 45" in page
    begin(kiosk, service)
    assert session().blocked_until <= at(11)


def test_nothing_begins_shortly_before_an_appointment(
    kiosk: Client, service: Service, cabin: Cabin, set_clock: SetClock
) -> None:
    make_appointment(cabin, service, at(11))
    set_clock(at(10, 39))
    assert "Ce n’est pas possible maintenant" in sheet(kiosk, service)
    begin(kiosk, service)
    assert not Appointment.objects.filter(status=Status.IN_SESSION).exists()


def test_a_session_ends_by_the_closing(kiosk: Client, service: Service, set_clock: SetClock) -> None:
    set_clock(at(11, 30))
    begin(kiosk, service)
    assert session().ends_at == at(12)


def test_a_session_ends_before_the_cabin_is_retired(kiosk: Client, service: Service, cabin: Cabin) -> None:
    Cabin.objects.filter(pk=cabin.pk).update(retired_at=at(11))
    assert "jusqu’à 10 h 50" in sheet(kiosk, service)
    begin(kiosk, service)
    assert (session().ends_at, session().blocked_until) == (at(10, 50), at(11))
    assert "Rester 15 minutes" not in board(kiosk)
    extend(kiosk, session())
    assert session().ends_at == at(10, 50)


def test_nothing_begins_shortly_before_the_cabin_is_retired(
    kiosk: Client, service: Service, cabin: Cabin
) -> None:
    Cabin.objects.filter(pk=cabin.pk).update(retired_at=at(10, 45))
    assert "Ce n’est pas possible maintenant" in sheet(kiosk, service)
    begin(kiosk, service)
    assert not Appointment.objects.filter(status=Status.IN_SESSION).exists()


def test_with_a_helper_only_if_one_is_on_duty_and_free(
    kiosk: Client, service: Service, bob: Agent, site: Site, upstairs: Cabin
) -> None:
    assert "Commencer maintenant, avec un aidant" not in sheet(kiosk, service)
    make_shift(bob, site, at(9), at(12))
    assert "Commencer maintenant, avec un aidant" in sheet(kiosk, service)
    taken = make_appointment(upstairs, service, at(10), helper=bob, status=Status.IN_SESSION)
    assert "Commencer maintenant, avec un aidant" not in sheet(kiosk, service)
    taken.delete()
    begin(kiosk, service, "helper")
    assert session().helper == bob


def test_the_time_with_a_helper_is_the_helper_s(
    kiosk: Client, service: Service, bob: Agent, site: Site, upstairs: Cabin
) -> None:
    make_shift(bob, site, at(9), at(10, 50))
    assert "avec un aidant numérique <small>26\N{NO-BREAK SPACE}min</small>" in sheet(kiosk, service)
    make_appointment(upstairs, service, at(10, 50), helper=bob)
    assert "avec un aidant numérique <small>16\N{NO-BREAK SPACE}min</small>" in sheet(kiosk, service)
    begin(kiosk, service, "helper")
    assert session().ends_at == at(10, 40)


def test_a_helper_whose_session_lasts_longer_than_planned_is_not_free(
    kiosk: Client, service: Service, bob: Agent, site: Site, upstairs: Cabin
) -> None:
    make_shift(bob, site, at(9), at(12))
    make_appointment(upstairs, service, at(9, 15), helper=bob, status=Status.IN_SESSION)
    assert "Commencer maintenant, avec un aidant" not in sheet(kiosk, service)


def test_who_wants_a_helper_is_offered_the_times_of_one(
    kiosk: Client, service: Service, bob: Agent, site: Site
) -> None:
    make_shift(bob, site, at(14), at(17))
    page = sheet(kiosk, service)
    assert "Commencer maintenant, sans aidant" in page
    assert "Ou plus tard" in page
    start = page.split('name="start" value="')[1].split('"')[0]
    url = reverse("screen-walk-in-book", args=[service.pk])
    kiosk.post(url, {"start": start, "with": "helper"})
    booked = Appointment.objects.get()
    assert (booked.starts_at, booked.helper) == (at(14), bob)


def test_a_service_that_needs_a_helper_does_not_begin_alone(kiosk: Client, commune: Commune) -> None:
    needs = make_service(commune, helper_policy=HelperPolicy.REQUIRED)
    begin(kiosk, needs)
    assert not Appointment.objects.exists()


def test_the_desk_s_own_services_are_not_offered(kiosk: Client, commune: Commune) -> None:
    inner = make_service(commune, name="Interne", booker=Booker.DESK)
    assert "Interne" not in kiosk.get(reverse("screen-walk-in")).content.decode()
    assert kiosk.get(reverse("screen-walk-in-service", args=[inner.pk])).status_code == 404


def test_what_the_cabin_lacks_is_not_offered(kiosk: Client, commune: Commune) -> None:
    make_service(commune, name="Téléconsultation", equipment_needed=[Equipment.MEDICAL_KIT])
    assert "Téléconsultation" not in kiosk.get(reverse("screen-walk-in")).content.decode()


def test_a_taken_cabin_offers_the_next_times_and_shows_the_number_large(
    kiosk: Client, service: Service, cabin: Cabin, set_clock: SetClock
) -> None:
    make_appointment(cabin, service, at(10), status=Status.IN_SESSION)
    page = sheet(kiosk, service)
    start = page.split('name="start" value="')[1].split('"')[0]
    url = reverse("screen-walk-in-book", args=[service.pk])
    booked = kiosk.post(url, {"start": start, "with": "nobody"}).content.decode()
    appointment = Appointment.objects.get(status=Status.BOOKED)
    number = f"{appointment.number[:3]}\N{NO-BREAK SPACE}{appointment.number[3:]}"
    assert number in booked
    assert appointment.starts_at == at(10, 55)


def test_a_screen_books_only_so_many_times_in_an_hour(kiosk: Client, service: Service, cabin: Cabin) -> None:
    for hour in range(6):
        made = at(14) + timedelta(days=hour)
        make_appointment(cabin, service, made, origin=Origin.SCREEN, created_at=at(10, 20))
    url = reverse("screen-walk-in-book", args=[service.pk])
    kiosk.post(url, {"start": at(11).isoformat(), "with": "nobody"})
    assert Appointment.objects.count() == 6


NO_TIMES = ["", "demain", "2026-11-24T11:00", "0001-01-01T00:00+14:00", "9999-12-31T23:59Z"]


@pytest.mark.parametrize("start", NO_TIMES)
def test_a_time_that_makes_no_sense_is_not_found(start: str, kiosk: Client, service: Service) -> None:
    url = reverse("screen-walk-in-book", args=[service.pk])
    assert kiosk.post(url, {"start": start}).status_code == 404


def test_a_hall_finds_the_free_cabin(screen: Screen, service: Service, cabin: Cabin, upstairs: Cabin) -> None:
    make_appointment(cabin, service, at(10), status=Status.IN_SESSION)
    _, hall = make_screen(screen.site)
    begin(hall, service)
    assert Appointment.objects.get(is_walk_in=True).cabin == upstairs


def test_a_hall_offers_its_free_cabins(screen: Screen, service: Service) -> None:
    _, hall = make_screen(screen.site)
    assert f'data-open="{reverse("screen-walk-in")}"' in board(hall)


def test_a_broken_cabin_offers_an_agent_once_and_no_session(kiosk: Client, cabin: Cabin) -> None:
    Cabin.objects.filter(pk=cabin.pk).update(in_order=False)
    shown = board(kiosk)
    assert shown.count(reverse("screen-help")) == 1
    assert reverse("screen-walk-in") not in shown
    assert reverse("screen-arrival") in shown


# ---- the number by text message ----

MOBILE = "06 39 98 12 34"


@pytest.fixture
def offer(kiosk: Client, service: Service, cabin: Cabin) -> str:
    """The address offered to who has just booked on the screen."""
    make_appointment(cabin, service, at(10), status=Status.IN_SESSION)
    start = sheet(kiosk, service).split('name="start" value="')[1].split('"')[0]
    url = reverse("screen-walk-in-book", args=[service.pk])
    page = kiosk.post(url, {"start": start, "with": "nobody"}).content.decode()
    return page.split(f'data-open="{reverse("screen-text-number")}?booking=')[1].split('"')[0]


def text_to(kiosk: Client, offer: str, phone: str, lang: str = "fr") -> str:
    url = f"{reverse('screen-text-number')}?lang={lang}"
    return kiosk.post(url, {"booking": unquote(offer), "phone": phone}).content.decode()


def booked() -> Appointment:
    return Appointment.objects.select_related("resident").get(status=Status.BOOKED)


def test_who_books_may_leave_a_phone_and_no_name(kiosk: Client, offer: str) -> None:
    asked = kiosk.get(f"{reverse('screen-text-number')}?booking={offer}").content.decode()
    assert "Votre numéro de portable" in asked
    shown = text_to(kiosk, offer, MOBILE, lang="ar")
    resident = booked().resident
    assert resident is not None
    assert (resident.first_name, resident.last_name, resident.languages) == ("", "", ["ar"])
    assert str(resident) == "Sans nom"
    assert [phone.number for phone in resident.phones.all()] == ["+33639981234"]
    assert "12 34" not in shown
    assert f"{booked().number[:3]}\N{NO-BREAK SPACE}{booked().number[3:]}" in shown


def test_nothing_is_kept_of_who_leaves_no_phone(kiosk: Client, offer: str) -> None:
    kiosk.get(f"{reverse('screen-text-number')}?booking={offer}")
    shown = kiosk.get(f"{reverse('screen-text-number')}?back&booking={offer}").content.decode()
    assert "Recevoir le numéro par SMS" in shown
    assert booked().resident is None


@pytest.mark.parametrize(
    ("phone", "why"),
    [
        ("02 61 91 20 11", "ne reçoit pas de SMS"),
        ("06 39 98 12", "n’est pas valable"),
        ("", "obligatoire"),
    ],
)
def test_what_receives_no_text_message_is_refused_and_not_repeated(
    phone: str, why: str, kiosk: Client, offer: str
) -> None:
    shown = text_to(kiosk, offer, phone)
    assert why in shown
    assert not phone or phone not in shown
    assert booked().resident is None


def test_a_phone_is_left_once_in_the_first_minutes_on_the_same_screen(
    kiosk: Client, offer: str, site: Site, set_clock: SetClock
) -> None:
    _, other = make_screen(site)
    text_to(other, offer, MOBILE)
    text_to(kiosk, "made:up", MOBILE)
    set_clock(at(10, 40))
    text_to(kiosk, offer, MOBILE)
    assert booked().resident is None
    set_clock(at(10, 25))
    text_to(kiosk, offer, MOBILE)
    text_to(kiosk, offer, "06 39 98 56 78")
    assert ResidentPhone.objects.get().number == "+33639981234"


def test_someone_who_left_a_phone_is_called_by_number_on_the_board(
    kiosk: Client, offer: str, set_clock: SetClock
) -> None:
    text_to(kiosk, offer, MOBILE)
    Appointment.objects.filter(status=Status.IN_SESSION).update(status=Status.DONE)
    set_clock(booked().starts_at - timedelta(minutes=5))
    assert f"n° {booked().number[:3]}" in board(kiosk).replace("\N{NO-BREAK SPACE}", " ")


def test_a_known_number_does_not_make_a_stranger_the_one_who_is_known(
    kiosk: Client, offer: str, commune: Commune
) -> None:
    known = make_resident(commune, "+33639981234")
    text_to(kiosk, offer, MOBILE)
    assert booked().resident not in (None, known)


# ---- alone in the cabin ----


def board(kiosk: Client) -> str:
    return kiosk.get(reverse("screen-board")).content.decode()


def test_the_screen_counts_the_time_of_who_is_alone(kiosk: Client, service: Service) -> None:
    begin(kiosk, service)
    shown = board(kiosk)
    assert f'data-left="{round(session().ends_at.timestamp() * 1000)}"' in shown
    assert "J’ai terminé" in shown


def test_who_is_with_a_helper_has_no_such_buttons(
    kiosk: Client, service: Service, cabin: Cabin, bob: Agent
) -> None:
    make_appointment(cabin, service, at(10), status=Status.IN_SESSION, helper=bob)
    shown = board(kiosk)
    assert "data-left" not in shown
    end(kiosk, session())
    assert session().pk


def test_a_board_that_is_old_ends_nor_extends_the_session_of_the_next(
    kiosk: Client, service: Service, cabin: Cabin
) -> None:
    shown = make_appointment(cabin, service, at(9, 30), status=Status.DONE)
    following = make_appointment(cabin, service, at(10, 15), status=Status.IN_SESSION)
    extend(kiosk, shown)
    assert "data-sheet-close" in end(kiosk, shown)
    assert "data-sheet-close" in end(kiosk, shown, auto="1")
    assert (session(), session().ends_at) == (following, following.ends_at)


def test_more_time_is_given_if_nobody_comes_after(kiosk: Client, service: Service) -> None:
    begin(kiosk, service)
    before = session().ends_at
    assert "Rester 15 minutes" in board(kiosk)
    extend(kiosk, session())
    assert session().ends_at - before >= timedelta(minutes=15)


def test_no_more_time_where_someone_comes_after(kiosk: Client, service: Service, cabin: Cabin) -> None:
    make_appointment(cabin, service, at(10), status=Status.IN_SESSION)
    make_appointment(cabin, service, at(11))
    assert "Rester 15 minutes" not in board(kiosk)
    before = session().ends_at
    extend(kiosk, session())
    assert session().ends_at == before


def test_who_never_came_before_does_not_keep_others_from_staying_longer(
    kiosk: Client, service: Service, cabin: Cabin
) -> None:
    make_appointment(cabin, service, at(9))
    make_appointment(cabin, service, at(10), status=Status.IN_SESSION)
    assert "Rester 15 minutes" in board(kiosk)


def test_the_end_asks_how_it_went_and_only_counts(kiosk: Client, service: Service, site: Site) -> None:
    begin(kiosk, service)
    page = end(kiosk, session())
    assert "Avez-vous pu faire votre démarche" in page
    assert Appointment.objects.get().status == Status.DONE
    kiosk.post(reverse("screen-face"), {"face": "yes"})
    kiosk.post(reverse("screen-face"), {"face": "yes"})
    kiosk.post(reverse("screen-face"), {"face": "whatever"})
    count = FaceCount.objects.get()
    assert (count.site, str(count.month_on), count.face, count.count) == (site, "2026-11-01", "yes", 2)
    linked = {field.name for field in FaceCount._meta.get_fields()}
    assert linked == {"id", "site", "month_on", "face", "count"}


def test_a_session_that_nobody_ended_ends_ten_minutes_after_its_time(
    kiosk: Client, service: Service, cabin: Cabin, set_clock: SetClock
) -> None:
    appointment = make_appointment(cabin, service, at(9, 30), status=Status.IN_SESSION)
    end(kiosk, appointment, auto="1")
    assert session().pk
    set_clock(at(10, 26))
    end(kiosk, appointment, auto="1")
    assert Appointment.objects.get().status == Status.DONE


def test_before_the_commune_is_open_the_sheet_says_whom_to_ask(kiosk: Client, service: Service) -> None:
    Commune.objects.update(opened_at=None)
    html = kiosk.get(reverse("screen-walk-in")).content.decode()
    assert "Uniquement sur rendez-vous." in html
    assert f'data-open="{reverse("screen-help")}"' in html
    assert "Pour quelle démarche" not in html


@pytest.mark.parametrize(("phone", "begins_anew"), [("02 61 91 20 11", True), ("06 39 98 12", False)])
def test_after_a_whole_phone_number_that_is_refused_the_next_key_begins_another(
    kiosk: Client, offer: str, phone: str, begins_anew: bool
) -> None:
    assert ("data-anew" in text_to(kiosk, offer, phone)) == begins_anew
