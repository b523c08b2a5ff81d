"""What agents read while the provider refuses messages: pages promise nothing that is not sent."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from booking.actions import PhoneInput, update_resident
from notifications.enums import Channel, Failure, State
from notifications.models import Message, ProviderAlarm
from tests.factories import TUESDAY, at
from tests.notifications.announcing import ask_to_book, ask_to_move
from tests.notifications.conftest import book_for, run, stop
from tests.notifications.fake_twilio import FakeTwilio, refuse

pytestmark = pytest.mark.usefixtures("provider", "tuesday")

SENDER_REFUSED = "l’opérateur refuse notre expéditeur"
SILENT = "l’opérateur ne répond pas"


def words(response) -> str:
    text = response.content.decode().replace("\u00a0", " ")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def alarm(commune=None, *, code="21606", channel=Channel.SMS) -> ProviderAlarm:
    return ProviderAlarm.objects.create(
        commune=commune, channel=channel, code=code, since=TUESDAY, retry_at=TUESDAY + timedelta(minutes=10)
    )


def journal(client, appointment) -> str:
    return words(client.get(reverse("appointment-messages", args=[appointment.pk])))


@pytest.mark.parametrize(
    ("is_own", "code", "why"), [(True, "21606", SENDER_REFUSED), (False, "connect", SILENT)]
)
def test_the_preview_says_that_the_message_waits_and_to_tell_the_person_by_voice(
    client, alice, commune, fatima, cabin, service, is_own, code, why
):
    alarm(commune if is_own else None, code=code)
    client.force_login(alice)

    shown = words(ask_to_book(client, fatima, cabin, service))

    assert f"En attente : {why}" in shown
    assert "de vive voix" in shown


def test_the_preview_of_a_move_says_it_too(client, alice, commune, appointment):
    alarm(commune)
    client.force_login(alice)

    assert SENDER_REFUSED in words(ask_to_move(client, appointment, at(15, day=27)))


def test_what_waits_for_another_commune_is_not_said(client, charlie, alice, fatima, cabin, service):
    alarm(charlie.memberships.get().commune)
    client.force_login(alice)

    assert "En attente" not in words(ask_to_book(client, fatima, cabin, service))


def test_a_message_that_waits_never_leaves_at_a_time_that_is_past(
    client, alice, appointment, fatima, provider: FakeTwilio, set_clock
):
    provider.answers = [refuse(21606)]
    run()
    set_clock(TUESDAY + timedelta(minutes=40))
    client.force_login(alice)

    pages = [journal(client, appointment), words(client.get(reverse("resident-messages", args=[fatima.pk])))]

    for shown in pages:
        assert f"En attente : {SENDER_REFUSED}" in shown
        assert "part le" not in shown


def test_what_nobody_sends_is_late_and_not_about_to_leave(client, alice, appointment, set_clock):
    run()
    Message.objects.update(state=State.PENDING, due_at=TUESDAY)
    client.force_login(alice)
    assert "part dans un instant" in journal(client, appointment)

    set_clock(TUESDAY + timedelta(minutes=30))

    assert "aurait dû partir le 24 nov. à 10:00" in journal(client, appointment)


def test_what_was_kept_until_the_night_leaves_in_the_morning(client, alice, appointment, set_clock):
    run()
    Message.objects.update(state=State.PENDING, due_at=TUESDAY)
    set_clock(at(22))
    client.force_login(alice)

    assert "part le 25 nov. à 7:00" in journal(client, appointment)


def test_the_desk_sees_a_banner_that_says_whom_to_tell(client, alice, bob, charlie, commune):
    run()
    alarm(commune)
    client.force_login(alice)
    assert reverse("provider-alarm") in client.get(reverse("desk")).content.decode()

    shown = words(client.get(reverse("provider-alarm")))

    assert SENDER_REFUSED in shown
    assert "de vive voix" in shown
    assert "Réglages" not in shown
    client.force_login(charlie)
    assert words(client.get(reverse("provider-alarm"))).strip() == ""


def test_one_error_of_the_account_is_one_banner_for_the_desk(client, alice, commune):
    run()
    alarm(code="20003")
    alarm(code="20003", channel=Channel.VOICE)
    client.force_login(alice)

    assert client.get(reverse("provider-alarm")).content.decode().count('data-signal="alarm-') == 1


# ---- the reason that is shown is the true one --------------------------------------------------------


def test_a_number_that_was_corrected_while_its_message_waited_is_not_said_to_be_wrong(
    client, alice, appointment, fatima, provider: FakeTwilio, set_clock
):
    provider.answers = [refuse(21606)]
    run()
    update_resident(resident=fatima, now=TUESDAY, phones=[PhoneInput("+33639980077")])
    run(TUESDAY + timedelta(minutes=11))
    client.force_login(alice)

    shown = journal(client, appointment)

    assert "numéro corrigé depuis" in shown
    assert "21606" not in shown
    assert "n’existe pas" not in shown
    assert Message.objects.filter(recipient="+33639980077", channel=Channel.SMS).exists()


def test_who_wrote_stop_while_their_message_waited_is_not_shown_with_its_code(
    appointment, commune, provider: FakeTwilio
):
    provider.answers = [refuse(21606)]
    run()
    stop("+33639981234", commune)

    message = Message.objects.get(channel=Channel.SMS)
    assert (message.failure, message.error_code) == (Failure.STOPPED, "")


def test_an_address_that_does_not_exist_is_not_called_a_number():
    message = Message(channel=Channel.EMAIL, failure=Failure.INVALID)

    assert message.failure_label == "cette adresse n’existe pas"


def test_a_confirmation_refused_by_a_number_that_opted_out_comes_on_the_call_list(
    appointment, provider: FakeTwilio
):
    provider.answers = [refuse(21610)]
    run()
    run(TUESDAY + timedelta(minutes=1))

    assert [each.why for each in Message.objects.filter(channel=Channel.DESK)] == ["stopped"]
    assert not Message.objects.filter(channel=Channel.VOICE).exists()


def test_what_a_stop_keeps_from_leaving_comes_on_the_call_list(cabin, service, fatima, commune):
    book_for(fatima, cabin, service, now=at(22))
    run(at(22))
    stop("+33639981234", commune)
    run(at(22, 1))

    assert [each.why for each in Message.objects.filter(channel=Channel.DESK)] == ["stopped"]
