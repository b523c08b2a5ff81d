"""« Essai »: a message or a call to a manager's own phone, by the way that residents' messages take."""

import logging
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from core.roles import Role
from notifications.enums import Channel, Failure, State
from notifications.models import Message, MessageSettings
from tests.factories import TUESDAY, make_agent, make_commune, make_resident
from tests.notifications.conftest import run
from tests.notifications.fake_twilio import FakeTwilio, signature
from tests.notifications.test_calls import BASE, LINE, Conversation

pytestmark = pytest.mark.usefixtures("tuesday")

PHONE, E164 = "06 39 98 40 12", "+33639984012"
PAGE = "/messages/essai/"


@pytest.fixture
def manager(client: Client, commune) -> Client:
    MessageSettings.objects.create(commune=commune, voice_number=LINE)
    client.force_login(make_agent(commune, Role.MANAGER))
    return client


def send(manager: Client, channel: Channel = Channel.SMS, number: str = PHONE):
    return manager.post(PAGE, {"channel": channel.value, "number": number})


def state(manager: Client) -> str:
    return manager.get(reverse("message-trial-state")).content.decode()


def test_a_text_message_leaves_by_the_provider_and_its_delivery_is_shown(manager, provider: FakeTwilio):
    assert send(manager)["Location"] == PAGE
    run()
    (taken,) = provider.taken
    assert (taken.kind, taken.params["To"]) == ("Messages", E164)
    assert "ceci est un essai" in taken.params["Body"]
    assert "pris en charge" in state(manager)
    address = f"{BASE}{reverse('twilio-status', args=[Message.objects.get().pk])}"
    params = {"MessageSid": taken.sid, "MessageStatus": "delivered"}
    Client().post(
        address.removeprefix(BASE), params, headers={"X-Twilio-Signature": signature(address, params)}
    )
    assert "reçu par votre téléphone" in state(manager)
    assert "hx-trigger" not in state(manager), "nothing more to wait for"


def test_a_call_says_the_text_and_counts_once_it_is_heard(manager, provider: FakeTwilio):
    send(manager, Channel.VOICE, "02 35 00 11 22")
    run()
    (taken,) = provider.taken
    assert (taken.kind, taken.params["To"], taken.params["From"]) == ("Calls", "+33235001122", LINE)
    call = Conversation(taken.params["Url"], CallSid=taken.sid)
    assert "Ceci est un appel d’essai" in call.said or "Ceci est un appel d'essai" in call.said
    assert call.has_ended
    assert Message.objects.get().state == State.DELIVERED
    assert "vous avez répondu et entendu" in state(manager)


def test_a_call_that_a_machine_takes_did_not_arrive(manager, provider: FakeTwilio):
    send(manager, Channel.VOICE)
    run()
    (taken,) = provider.taken
    call = Conversation(taken.params["Url"], CallSid=taken.sid, AnsweredBy="machine_end_beep")
    assert call.has_ended
    message = Message.objects.get()
    assert (message.state, message.failure) == (State.FAILED, Failure.MACHINE)
    assert "répondeur" in state(manager)


def test_a_number_that_nobody_has_is_reported(manager, simulated):
    send(manager, number="06 39 98 00 00")
    run()
    assert Message.objects.get().state == State.FAILED
    page = manager.get("/ouvrir/").content.decode()
    assert "Le dernier essai n’est pas arrivé" in page


@pytest.mark.parametrize(("channel", "number"), [(Channel.SMS, "02 35 00 11 22"), (Channel.VOICE, "douze")])
def test_a_number_that_cannot_receive_it_is_an_error_beside_the_field(manager, simulated, channel, number):
    answer = send(manager, channel, number)
    assert answer.status_code == 422
    assert 'id="id_number_error"' in answer.content.decode()
    assert not Message.objects.exists()


def test_a_residents_number_is_refused(manager, simulated, commune):
    make_resident(commune, E164)
    assert send(manager).status_code == 422
    assert not Message.objects.exists()


def test_a_sixth_within_an_hour_waits(manager, simulated, set_clock):
    for _ in range(5):
        assert send(manager).status_code == 302
    assert send(manager).status_code == 422
    set_clock(TUESDAY + timedelta(hours=1, minutes=1))
    assert send(manager).status_code == 302


def test_only_ways_by_which_something_leaves_are_offered(manager, commune, provider: FakeTwilio):
    commune.sender = ""
    commune.save()
    assert send(manager, Channel.SMS).status_code == 422
    assert send(manager, Channel.VOICE).status_code == 302


def test_logs_hold_no_number(manager, provider: FakeTwilio, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.DEBUG):
        send(manager)
        run()
    ours = [each for each in caplog.records if each.name.startswith(("notifications", "booking"))]
    assert not [each for each in ours if "639984012" in each.getMessage()]


def test_another_communes_trial_is_not_shown(manager, simulated, client: Client):
    send(manager)
    other = Client()
    other.force_login(make_agent(make_commune(sender="+33199000012"), Role.MANAGER))
    assert "Pas encore d’essai" in other.get(PAGE).content.decode()


def test_the_simulator_shows_the_phone_of_a_trial_as_such(manager, simulated):
    send(manager)
    run()
    shown = manager.get(reverse("simulator")).content.decode()
    assert "Téléphone de l’essai" in shown and "<h2>Proche" not in shown
