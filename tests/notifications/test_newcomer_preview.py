"""The preview of what is sent to somebody whom the desk is adding to the records."""

import re

import pytest
from django.urls import reverse

from booking.models import Resident
from tests.factories import make_resident
from tests.notifications.announcing import ask, hold
from tests.notifications.conftest import book_for, run, stop
from tests.notifications.test_waiting_messages import SENDER_REFUSED, alarm, words

pytestmark = pytest.mark.usefixtures("provider", "tuesday")

TYPED = "06 39 98 41 07"
NUMBER = "+33639984107"


@pytest.fixture
def held(cabin, service):
    return hold(cabin, service)


@pytest.fixture
def asked(client, alice, held):
    """What the page shows for what is typed."""
    client.force_login(alice)

    def typed(number: str = TYPED, **more: str) -> str:
        sent = {
            "hold": str(held.pk),
            "sure": "1",
            "first_name": "Zoé",
            "last_name": "Martin",
            "reach_by": "sms",
            "phones-TOTAL_FORMS": "1",
            "phones-INITIAL_FORMS": "0",
            "phones-0-number": number,
            "phones-0-owner": "self",
            "phones-0-may_call": "on",
            **more,
        }
        response = ask(client, "desk-confirm", **sent)
        assert response.status_code == 200
        assert not Resident.objects.exists()
        return words(response)

    return typed


def test_the_text_is_shown_before_the_person_is_recorded(asked):
    shown = asked()

    assert "vous avez rendez-vous vendredi 27 nov. à 10h30" in shown
    assert "SMS à Zoé Martin 06 39 98 41 07" in shown


def test_a_number_that_wants_no_messages_is_said_at_once(asked, commune):
    stop(NUMBER, commune)

    shown = asked()

    assert "Ne veut plus de messages automatiques. Aucun message ne part à Zoé Martin." in shown
    assert "Dites le jour et l’heure" in shown


def test_without_a_phone_it_says_why_nothing_leaves(asked):
    shown = asked(number="")

    assert "Sans téléphone." in shown
    assert "Aucun message ne part" in shown


def test_a_half_typed_number_promises_nothing(asked):
    shown = asked(number="06 39")

    assert "dès que tout est rempli" in shown
    assert "rendez-vous vendredi" not in shown


def test_it_says_that_the_message_waits(asked, commune):
    alarm(commune)

    assert SENDER_REFUSED in asked()


def test_their_language_is_that_of_the_text(asked):
    assert "appointment" in asked(languages="en")


def test_of_a_time_of_another_commune_nothing_is_shown(client, charlie, held):
    client.force_login(charlie)
    sent = {"first_name": "Zoé", "phones-TOTAL_FORMS": "0", "phones-INITIAL_FORMS": "0"}

    for hold_id in (held.pk, "x"):
        shown = ask(client, "desk-confirm", hold=hold_id, **sent)
        assert shown.context["announcement"].is_refused


def test_the_number_is_sent_in_the_body_from_the_form(client, alice, held):
    client.force_login(alice)

    page = client.get(reverse("desk"), {"hold": held.pk}).content.decode()

    assert f'hx-post="{reverse("desk-confirm")}" hx-headers' in re.sub(r"\s+", " ", page)


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
