"""« Je suis là » where several people are expected: each has a button with their name. What the keypad says
to the next person once it is closed."""

import pytest
from django.test import Client
from django.urls import reverse

from booking.enums import Status
from booking.models import Appointment
from communes.models import Cabin, Commune, Service
from kiosk.models import Screen
from tests.clocks import SetClock
from tests.factories import at, make_appointment, make_cabin, make_resident
from tests.kiosk.conftest import make_screen
from tests.kiosk.test_arrival import key, status

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall(screen: Screen) -> Client:
    return make_screen(screen.site)[1]


@pytest.fixture
def fatima(commune: Commune, cabin: Cabin, service: Service) -> Appointment:
    resident = make_resident(commune)
    return make_appointment(cabin, service, at(10, 30), resident=resident, number="482913")


def page_of(kiosk: Client, **query: str) -> str:
    html = kiosk.get(reverse("screen-arrival"), query).content.decode()
    return " ".join(html.replace("\N{NO-BREAK SPACE}", " ").split())


def buttons(page: str) -> list[str]:
    """The sealed references behind the names."""
    return [part.split('"')[0] for part in page.split('<button name="who" value="')[1:]]


def test_two_people_who_are_expected_touch_their_names(
    hall: Client, commune: Commune, fatima: Appointment, upstairs: Cabin, service: Service
) -> None:
    gerard = make_resident(commune, first_name="Gérard", last_name="Petit")
    other = make_appointment(upstairs, service, at(10, 40), resident=gerard)
    page = page_of(hall)
    assert "Fatima B." in page
    assert "Gérard P." in page
    assert "Petit" not in page
    hall.post(reverse("screen-arrival-confirm"), {"who": buttons(page)[1]})
    assert (status(other), status(fatima)) == (Status.IN_SESSION, Status.BOOKED)


def test_two_in_one_cabin_touch_their_names_too(
    kiosk: Client, commune: Commune, fatima: Appointment, cabin: Cabin, service: Service, set_clock: SetClock
) -> None:
    make_appointment(cabin, service, at(11, 25), resident=make_resident(commune, first_name="Zoé"))
    set_clock(at(11, 10))
    assert len(buttons(page_of(kiosk))) == 2


def test_namesakes_are_told_apart_by_the_hour(
    hall: Client, commune: Commune, fatima: Appointment, upstairs: Cabin, service: Service
) -> None:
    make_appointment(upstairs, service, at(10, 40), resident=make_resident(commune, last_name="Brunet"))
    page = page_of(hall)
    assert page.count("Fatima B.") == 2
    assert "Rendez-vous de 10 h 30" in page
    assert "Rendez-vous de 10 h 40" in page


def test_six_names_have_buttons_and_everyone_may_key_a_number(
    hall: Client, commune: Commune, fatima: Appointment, service: Service
) -> None:
    for number in range(6):
        cabin = make_cabin(fatima.site, name=f"Cabine {number}")
        name = f"Anne{chr(97 + number)}"
        make_appointment(cabin, service, at(10, 35), resident=make_resident(commune, first_name=name))
    page = page_of(hall)
    assert len(buttons(page)) == 6
    assert "Mon nom n’est pas là" in page
    assert 'name="number"' in page_of(hall, number="")


# ---- a closed keypad ----


def close_keypad(kiosk: Client, set_clock: SetClock) -> None:
    """Five wrong numbers from 10:24 to 10:28."""
    for minute in range(5):
        set_clock(at(10, 24 + minute))
        key(kiosk, "000000")


def test_a_closed_keypad_tells_the_next_person_until_when(kiosk: Client, set_clock: SetClock) -> None:
    close_keypad(kiosk, set_clock)
    page = page_of(kiosk)
    assert "Ce clavier est bloqué jusqu’à 10 h 34" in page
    assert "Adressez-vous à l’accueil" in page
    assert "Appeler un agent" in page
    assert 'name="number"' not in page


def test_it_is_open_again_from_the_time_that_it_said(kiosk: Client, set_clock: SetClock) -> None:
    close_keypad(kiosk, set_clock)
    set_clock(at(10, 33))
    assert 'name="number"' not in page_of(kiosk)
    set_clock(at(10, 34))
    assert 'name="number"' in page_of(kiosk)


def test_a_right_number_is_not_called_unknown_while_the_keypad_is_closed(
    kiosk: Client, fatima: Appointment, set_clock: SetClock
) -> None:
    close_keypad(kiosk, set_clock)
    page = key(kiosk, "482913").replace("\N{NO-BREAK SPACE}", " ")
    assert "Ce clavier est bloqué jusqu’à 10 h 34" in page
    assert "pas trouvé" not in page
    assert "n’est pas connu" not in page
    assert "Le vôtre est peut-être bon" in page


def test_who_is_expected_still_touches_their_name(
    kiosk: Client, fatima: Appointment, set_clock: SetClock
) -> None:
    close_keypad(kiosk, set_clock)
    assert "Touchez votre nom" in page_of(kiosk, number="")
    page = page_of(kiosk)
    assert "Fatima B." in page
    sealed = page.split('name="who" value="')[1].split('"')[0]
    kiosk.post(reverse("screen-arrival-confirm"), {"who": sealed})
    assert status(fatima) == Status.IN_SESSION


def test_the_keypad_that_a_screen_keeps_for_when_it_has_no_network_is_never_a_closed_one(
    kiosk: Client, set_clock: SetClock
) -> None:
    assert "number=kept" in kiosk.get(reverse("screen-worker")).content.decode()
    close_keypad(kiosk, set_clock)
    assert 'name="number"' in page_of(kiosk, number="kept")


def test_another_screen_s_wrong_numbers_close_no_other_keypad(
    kiosk: Client, screen: Screen, set_clock: SetClock
) -> None:
    close_keypad(kiosk, set_clock)
    _, other = make_screen(screen.site, screen.cabin)
    assert 'name="number"' in page_of(other)


# ---- a walk-in in a hall ----


def test_a_hall_tells_a_walk_in_which_cabin_and_the_way_to_it(
    hall: Client, cabin: Cabin, upstairs: Cabin, service: Service
) -> None:
    make_appointment(cabin, service, at(10), status=Status.IN_SESSION)
    url = reverse("screen-walk-in-service", args=[service.pk])
    asked = hall.get(url).content.decode()
    assert "Cabine de l’étage" in asked
    assert "En haut de l’escalier, à gauche" in asked
    begun = hall.post(url, {"with": "nobody"}).content.decode()
    assert "Allez à\N{NO-BREAK SPACE}: Cabine de l’étage" in begun
    assert "En haut de l’escalier, à gauche" in begun
    assert "Installez-vous" not in begun


def test_a_hall_sends_who_cannot_find_the_cabin_to_the_reception(hall: Client, service: Service) -> None:
    Cabin.objects.update(directions="")
    url = reverse("screen-walk-in-service", args=[service.pk])
    assert "Demandez le chemin à l’accueil" in hall.post(url, {"with": "nobody"}).content.decode()


def test_the_screen_of_the_cabin_itself_gives_no_way(kiosk: Client, cabin: Cabin, service: Service) -> None:
    Cabin.objects.update(directions="Au fond du hall")
    begun = kiosk.post(reverse("screen-walk-in-service", args=[service.pk]), {"with": "nobody"})
    assert "Installez-vous" in begun.content.decode()
    assert "Au fond du hall" not in begun.content.decode()


def test_the_next_times_say_today_and_tomorrow(
    kiosk: Client, cabin: Cabin, service: Service, set_clock: SetClock
) -> None:
    set_clock(at(16, 50))
    page = kiosk.get(reverse("screen-walk-in-service", args=[service.pk])).content.decode()
    assert "demain" in page
    set_clock(at(10))
    make_appointment(cabin, service, at(9, 30), status=Status.IN_SESSION)
    page = kiosk.get(reverse("screen-walk-in-service", args=[service.pk])).content.decode()
    assert "aujourd’hui" in page
    assert "mardi 24 novembre" not in page


def test_an_arrival_in_the_hall_sends_to_the_cabin(hall: Client, cabin: Cabin, fatima: Appointment) -> None:
    Cabin.objects.filter(pk=cabin.pk).update(directions="Au fond du couloir, à gauche.")
    answer = hall.post(reverse("screen-arrival-number"), {"number": "482913"}).content.decode()
    assert "Au fond du couloir" in answer
    assert "Allez à\N{NO-BREAK SPACE}: Cabine du hall" in answer
    assert "Installez-vous" not in answer
