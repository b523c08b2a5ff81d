"""The preview of what is sent to somebody whom the desk is adding to the records."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from booking.enums import Status
from tests.factories import TUESDAY, at, make_appointment, make_resident
from tests.notifications.conftest import book_for, run, stop
from tests.notifications.test_waiting_messages import SENDER_REFUSED, alarm, words

pytestmark = pytest.mark.usefixtures("provider", "tuesday")

TYPED = "06 39 98 41 07"
NUMBER = "+33639984107"


@pytest.fixture
def held(cabin, service):
    return make_appointment(
        cabin, service, at(10, 30, day=27), status=Status.HELD, held_until=TUESDAY + timedelta(minutes=10)
    )


@pytest.fixture
def asked(client, alice, held):
    """What the page shows for what is typed."""
    client.force_login(alice)

    def ask(number: str = TYPED, **more: str) -> str:
        sent = {
            "hold": str(held.pk),
            "first_name": "Zoé",
            "reach_by": "sms",
            "phones-TOTAL_FORMS": "1",
            "phones-INITIAL_FORMS": "0",
            "phones-0-number": number,
            "phones-0-owner": "self",
            "phones-0-may_call": "on",
            **more,
        }
        response = client.post(reverse("newcomer-preview"), sent)
        assert response.status_code == 200
        return words(response)

    return ask


def test_the_text_is_shown_before_the_person_is_recorded(asked):
    shown = asked()

    assert "vous avez rendez-vous vendredi 27 nov. à 10h30" in shown
    assert "au 06 39 98 41 07" in shown


def test_a_number_that_wants_no_messages_is_said_at_once(asked, commune):
    stop(NUMBER, commune)

    shown = asked()

    assert "ne veut plus de messages automatiques 06 39 98 41 07" in shown
    assert "Aucun message ne part : dites le jour et l’heure" in shown


def test_without_a_phone_it_says_why_nothing_leaves(asked):
    shown = asked(number="")

    assert "Sans téléphone." in shown
    assert "Aucun message ne part" in shown


def test_a_half_typed_number_promises_nothing(asked):
    shown = asked(number="06 39")

    assert "dès que le numéro de téléphone est lisible" in shown
    assert "rendez-vous vendredi" not in shown


def test_it_says_that_the_message_waits(asked, commune):
    alarm(commune)

    assert SENDER_REFUSED in asked()


def test_their_language_is_that_of_the_text(asked):
    assert "appointment" in asked(languages="en")


def test_of_a_time_that_is_kept_no_more_or_by_another_commune_nothing_is_shown(client, charlie, held):
    client.force_login(charlie)

    assert client.post(reverse("newcomer-preview"), {"hold": held.pk}).status_code == 204
    assert client.post(reverse("newcomer-preview"), {"hold": "x"}).status_code == 204
    assert client.get(reverse("newcomer-preview")).status_code == 405


def test_the_number_is_sent_in_the_body_from_the_form(client, alice, held):
    client.force_login(alice)

    page = client.post(reverse("desk-search"), {"hold": held.pk, "q": "Zoé Inconnue"}).content.decode()

    assert f'hx-post="{reverse("newcomer-preview")}"' in re.sub(r"\s+", " ", page)


# ---- afterwards, on the page of the appointment ------------------------------------------------------


@pytest.mark.parametrize(
    ("phone", "why"), [("", "Sans téléphone."), (NUMBER, "Ne veut plus de messages automatiques.")]
)
def test_the_appointment_says_why_no_message_has_left(client, alice, cabin, service, commune, phone, why):
    if phone:
        stop(phone, commune)
    appointment = book_for(make_resident(commune, *([phone] if phone else [])), cabin, service)
    run()
    client.force_login(alice)

    shown = words(client.get(reverse("appointment-messages", args=[appointment.pk])))

    assert f"Aucun message n’est parti pour ce rendez-vous. {why}" in shown


def test_the_page_of_an_appointment_shows_a_stop(client, alice, appointment, fatima):
    client.force_login(alice)

    page = client.get(reverse("appointment", args=[appointment.pk])).content.decode()

    assert reverse("resident-stops", args=[fatima.pk]) + "?bref=1" in page
