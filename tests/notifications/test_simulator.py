"""The simulator as a provider: what its page can make the server do, and what it cannot."""

import time

import pytest
from django.urls import reverse

from booking.enums import Status
from booking.log import Actor
from booking.models import Appointment
from notifications.enums import Channel, Failure, State
from notifications.models import InboundMessage, Message
from notifications.providers.simulator import calls
from tests.factories import at
from tests.notifications.conftest import book_for, run
from tests.notifications.test_pages import words

pytestmark = pytest.mark.usefixtures("simulated", "tuesday")


@pytest.fixture
def call(cabin, service, georges) -> Message:
    book_for(georges, cabin, service, at(14, day=27), by=Actor.api())
    run()
    return Message.objects.get(channel=Channel.VOICE)


def step(client, call, **fields):
    return client.post(reverse("simulator-call", args=[call.pk]), fields)


def test_a_ringing_phone_can_be_answered(client, alice, call):
    client.force_login(alice)
    assert "Le téléphone sonne" in words(client.get(reverse("simulator")))

    heard_address = reverse("twilio-call-heard", args=[call.pk])
    assert heard_address in step(client, call, AnsweredBy="human").content.decode()
    script = step(client, call, address=heard_address).content.decode()
    key_address = reverse("twilio-call-key", args=[call.pk])
    assert key_address in script
    step(client, call, address=key_address, Digits="1")

    call.refresh_from_db()
    assert Appointment.objects.get().confirmed_at is not None
    assert call.state == State.DELIVERED
    assert "Le téléphone sonne" not in words(client.get(reverse("simulator")))


def test_nobody_at_home_is_what_the_provider_would_report(client, alice, call):
    client.force_login(alice)

    step(client, call, CallStatus="no-answer")

    call.refresh_from_db()
    assert (call.state, call.failure) == (State.FAILED, Failure.NO_ANSWER)


def test_a_reply_from_the_phone_goes_the_way_of_all_replies(client, alice, appointment):
    run()
    client.force_login(alice)

    page = client.post(reverse("simulator-reply"), {"number": "+33639981234", "text": "non"}, follow=True)

    appointment.refresh_from_db()
    assert appointment.status == Status.CANCELLED
    assert InboundMessage.objects.get().text == "non"
    assert 'class="mine"' in page.content.decode()


def test_a_resident_may_call_the_line(client, alice, appointment):
    run()
    client.force_login(alice)

    first = client.post(reverse("simulator-dial"), {"number": "+33639981234"})
    sid = first.headers["X-Call"]
    second = client.post(
        reverse("simulator-dial"),
        {
            "number": "+33639981234",
            "sid": sid,
            "address": reverse("twilio-inbound-key"),
            "Digits": appointment.number,
        },
    )

    assert "service des rendez-vous" in words(first)
    assert "Rendez-vous vendredi 27 novembre" in words(second)


@pytest.mark.parametrize(
    "address", ["/connexion/", "https://example.org/", "/messages/twilio/nowhere/", "/simulateur/"]
)
def test_the_page_cannot_make_the_server_ask_for_anything_else(client, alice, call, address):
    client.force_login(alice)

    assert step(client, call, address=address).status_code == 404
    with pytest.raises(ValueError, match="/"):
        calls.ask(address, {})


def test_another_communes_phones_cannot_be_answered(client, charlie, call, appointment):
    run()
    client.force_login(charlie)

    assert step(client, call, AnsweredBy="human").status_code == 404
    reply = client.post(reverse("simulator-reply"), {"number": "+33639981234", "text": "2"})
    assert reply.status_code == 404


def test_none_of_it_exists_where_real_messages_leave(client, alice, call, monkeypatch):
    client.force_login(alice)
    monkeypatch.setattr("notifications.providers.twilio.conf.ACCOUNT_SID", "AC1")

    assert step(client, call, AnsweredBy="human").status_code == 404
    assert client.post(reverse("simulator-dial"), {"number": "+33639981234"}).status_code == 404
    assert client.post(reverse("simulator-reply"), {"number": "+33639981234", "text": "2"}).status_code == 404


def test_a_residents_journal_has_what_was_told_and_what_they_wrote(client, alice, bob, charlie, appointment):
    run()
    client.force_login(alice)
    client.post(reverse("simulator-reply"), {"number": "+33639981234", "text": "je verrai"})
    address = reverse("resident-messages", args=[appointment.resident_id])

    shown = words(client.get(address))

    assert "Confirmation, SMS" in shown
    assert "je verrai" in shown
    client.force_login(charlie)
    assert client.get(address).status_code == 404


def test_a_helper_reads_about_their_own_appointments_only(client, bob, appointment):
    client.force_login(bob)
    address = reverse("appointment-messages", args=[appointment.pk])

    assert client.get(address).status_code == 404
    Appointment.objects.update(helper=bob)
    assert client.get(address).status_code == 200


def test_a_webhook_answers_well_within_a_second(appointment, settings):
    run()
    params = {"From": "+33639981234", "To": "+33199000010", "Body": "1", "MessageSid": "SM-quick"}

    began = time.monotonic()
    calls.ask(reverse("twilio-inbound-text"), params)

    assert time.monotonic() - began < 1


def test_a_landline_can_call_but_not_write(client, alice, call):
    client.force_login(alice)

    shown = words(client.get(reverse("simulator")))

    assert "Appeler" in shown
    assert "Envoyer" not in shown
