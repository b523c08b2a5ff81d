"""The commune's phone line at night: no caller can guess for long, flood the call list, or cancel in
secret."""

from datetime import timedelta

import pytest
from django.urls import reverse

from booking.actions import PhoneInput, give_to, reschedule, restore, update_resident
from booking.enums import EventKind, Reason, Status
from booking.log import Actor
from booking.models import Appointment
from notifications.actions import ask_call_back, note_call, note_wrong_number
from notifications.callers import as_heard, caller_of, what_was_heard
from notifications.enums import Channel, DeskReason, InboundOutcome, MessageKind, State
from notifications.guessing import Limit, is_past
from notifications.models import InboundMessage, Message, MessageSettings
from tests.factories import TUESDAY, at, make_commune, make_resident
from tests.notifications.conftest import SENDER, book_for, run, stop
from tests.notifications.fake_twilio import FakeTwilio
from tests.notifications.test_calls import LINE, Conversation, ring
from tests.notifications.test_inbound import write

PHONE, LANDLINE, STRANGER = "+33639981234", "+33261910042", "+33261910099"
ASKED = "les six chiffres"
LATER = TUESDAY + timedelta(minutes=1)

pytestmark = pytest.mark.usefixtures("provider", "tuesday")


@pytest.fixture(autouse=True)
def line(commune) -> MessageSettings:
    return MessageSettings.objects.create(commune=commune, voice_number=LINE)


def wrong_calls(count: int, sender: str = STRANGER, *, first: int = 0) -> Conversation:
    """Calls in which a wrong number is keyed as often as one is asked for, three times at most."""
    talk = ring(sender, sid=f"CA-{sender}-{first}")
    for n in range(count):
        talk = ring(sender, sid=f"CA-{sender}-{first + n}")
        for _ in range(3):
            if ASKED in talk.said:
                talk.press("111111")
    return talk


def call_list() -> list[Message]:
    return list(Message.objects.filter(channel=Channel.DESK, state=State.PENDING))


# ---- guessing ----------------------------------------------------------------------------------------


def test_forty_calls_with_three_wrong_numbers_each_are_bounded_and_one_line(commune):
    wrong_calls(40)

    assert sum(InboundMessage.objects.values_list("wrong_numbers", flat=True)) == 6
    (listed,) = call_list()
    assert (listed.recipient, listed.times_asked) == (STRANGER, 40)


def test_whoever_is_past_the_limit_hears_of_no_appointment_in_the_same_call_either(cabin, service, georges):
    appointment = book_for(georges, cabin, service)
    talk = ring(STRANGER, sid="CA-open")
    wrong_calls(2)

    assert "27 novembre" not in talk.press(appointment.number).said


def test_a_limit_ends_with_the_time(commune, set_clock):
    wrong_calls(2)
    assert ASKED not in ring(STRANGER, sid="CA-soon").said

    set_clock(at(11, 1))
    assert ASKED in ring(STRANGER, sid="CA-later").said
    wrong_calls(2, first=10)
    set_clock(at(12, 2))
    assert ASKED not in ring(STRANGER, sid="CA-third").said


@pytest.mark.parametrize("hidden", ["", "anonymous", "+266696687"])
def test_hidden_numbers_are_bounded_together_and_do_not_stop_the_others(commune, hidden, georges):
    for n, sender in enumerate((hidden, "Restricted", "+8656696", hidden, hidden)):
        wrong_calls(1, sender, first=n * 10)

    assert ASKED not in ring(hidden, sid="CA-hidden").said
    assert ASKED in ring(LANDLINE, sid="CA-georges").said
    assert call_list() == []


def test_many_strange_numbers_are_bounded_and_those_we_know_are_not(commune, georges):
    for n in range(40):
        caller = caller_of(ours=LINE, theirs=f"+3326191{n:04d}")
        assert caller is not None
        note_call(caller=caller, provider_id=f"CA-{n}", now=TUESDAY)
        note_wrong_number(provider_id=f"CA-{n}")

    assert ASKED not in ring(STRANGER, sid="CA-stranger").said
    assert ASKED in ring(LANDLINE, sid="CA-georges").said


def test_a_limit_counts_by_the_hour_and_by_the_day():
    limit = Limit(an_hour=3, a_day=5)
    hours_ago = [TUESDAY - timedelta(hours=hours) for hours in (0, 2, 4, 25)]

    assert not is_past(limit, [(hours_ago[0], 2)], TUESDAY)
    assert is_past(limit, [(hours_ago[0], 2), (hours_ago[0], 1)], TUESDAY)
    assert not is_past(limit, [(hours_ago[1], 4)], TUESDAY)
    assert is_past(limit, [(hours_ago[1], 4), (hours_ago[2], 1)], TUESDAY)
    assert not is_past(limit, [(hours_ago[1], 4), (hours_ago[3], 9)], TUESDAY)


# ---- the call list -----------------------------------------------------------------------------------


def test_a_caller_who_was_called_back_and_calls_again_is_a_new_line(alice, client, commune):
    ring(STRANGER, sid="CA-1").press("0")
    Message.objects.update(state=State.TOLD)
    ring(STRANGER, sid="CA-2").press("0")

    (listed,) = call_list()
    assert listed.times_asked == 1


def test_the_list_says_how_often_and_when_last(alice, client, commune, set_clock):
    ring(STRANGER, sid="CA-1").press("0")
    set_clock(at(22, 30))
    ring(STRANGER, sid="CA-2").press("0")
    client.force_login(alice)

    shown = client.get("/messages/a-rappeler/").content.decode()

    assert "a écrit ou appelé 2 fois" in shown
    assert "22:30" in shown or "22\u00a0h\u00a030" in shown


def test_many_texts_from_one_number_are_one_line_with_all_their_words(georges, commune):
    for text in ("Bonjour", "je voudrais un rendez-vous", "Bonjour", "c'est urgent"):
        write(text, sender=STRANGER)

    (listed,) = call_list()
    assert listed.text.splitlines() == ["Bonjour", "je voudrais un rendez-vous", "c'est urgent"]
    assert (listed.times_asked, listed.why) == (4, DeskReason.UNCLEAR)


def test_a_machine_that_answers_each_message_is_not_answered_for_ever(appointment, provider: FakeTwilio):
    """Otherwise two machines would write to one another all night."""
    run()
    for n in range(10):
        write("Je suis absent et lirai votre message demain.")
        run(TUESDAY + timedelta(minutes=1 + n))

    assert Message.objects.filter(kind=MessageKind.ANSWER).count() == 2
    assert len(call_list()) == 1


def test_two_communes_with_one_number_each_have_their_line(commune):
    for each in (commune, make_commune()):
        ask_call_back(commune=each, number=STRANGER, why=DeskReason.ASKED, now=TUESDAY)

    assert [line.times_asked for line in call_list()] == [1, 1]


# ---- cancelled by somebody else ----------------------------------------------------------------------


def cancel_from(sender: str, number: str) -> None:
    ring(sender, sid=f"CA-{sender}").press(number).press("2").press("2")


def test_a_resident_is_told_at_once_of_a_cancellation_from_another_phone(
    appointment, fatima, provider: FakeTwilio
):
    run()
    cancel_from(STRANGER, appointment.number)
    run(LATER)

    appointment.refresh_from_db()
    event = appointment.events.latest("id")
    assert (appointment.status, event.reason) == (Status.CANCELLED, Reason.OTHER_PHONE)
    assert provider.bodies()[-1] == (
        "Mairie de Petit-Quevilly : votre RDV du vendredi 27 nov. à 10h30 a été annulé depuis un autre "
        "téléphone que le votre. Pas vous ? Tél : 02 61 91 00 00."
    )
    assert Message.objects.get(kind=MessageKind.PHONE_CANCEL).cause == f"event:{event.pk}"


def test_whoever_cancels_from_a_phone_of_theirs_is_not_told_what_they_did(
    commune, cabin, service, provider: FakeTwilio
):
    appointment = book_for(make_resident(commune, PHONE, LANDLINE), cabin, service)
    run()
    cancel_from(LANDLINE, appointment.number)
    run(LATER)

    assert len(provider.bodies()) == 1
    assert appointment.events.latest("id").reason == Reason.RESIDENT_ASKED


def test_what_was_cancelled_from_another_phone_can_be_taken_back(
    appointment, fatima, alice, provider: FakeTwilio
):
    run()
    cancel_from(STRANGER, appointment.number)
    run(LATER)
    appointment.refresh_from_db()
    restore(appointment=appointment, by=Actor.agent(alice), now=LATER)
    run(LATER + timedelta(minutes=1))

    assert "a bien lieu" in provider.bodies()[-1]


@pytest.mark.parametrize("hidden", ["", "anonymous"])
def test_a_hidden_number_is_nobodys(appointment, fatima, provider: FakeTwilio, hidden):
    run()
    cancel_from(hidden, appointment.number)
    run(LATER)

    assert "annulé depuis un autre téléphone" in provider.bodies()[-1]


def test_someone_with_a_landline_is_called_about_it(cabin, service, georges):
    appointment = book_for(georges, cabin, service)
    run()
    cancel_from(STRANGER, appointment.number)
    run(LATER)

    call = Message.objects.get(kind=MessageKind.PHONE_CANCEL)
    said = Conversation(f"/messages/twilio/appel/{call.pk}/", CallSid=call.provider_id).said
    assert call.channel == Channel.VOICE
    assert "a été annulé depuis un autre téléphone que le vôtre" in said
    assert "tapez 0" in said
    assert "Pour dire que vous venez" not in said


def test_someone_who_wants_no_messages_is_called_by_the_desk(appointment, commune, fatima):
    stop(PHONE, commune)
    run()
    cancel_from(STRANGER, appointment.number)
    run(LATER)

    (listed,) = call_list()
    assert (listed.kind, listed.why) == (MessageKind.PHONE_CANCEL, DeskReason.STOPPED)
    assert "a été annulé depuis un autre téléphone que le vôtre" in listed.text


def test_a_reply_from_a_number_that_was_corrected_since_is_somebody_elses(
    appointment, fatima, provider: FakeTwilio
):
    run()
    update_resident(resident=fatima, now=TUESDAY, phones=[PhoneInput("+33639980055")])
    write("2")
    run(LATER)

    appointment.refresh_from_db()
    assert appointment.status == Status.CANCELLED
    told = Message.objects.get(kind=MessageKind.PHONE_CANCEL)
    assert told.recipient == "+33639980055"


def test_a_text_with_a_number_from_an_unknown_phone_decides_nothing(appointment, fatima):
    run()
    for text in (f"2 {appointment.number}", f"1 {appointment.number}"):
        write(text, sender=STRANGER, to=SENDER)

    appointment.refresh_from_db()
    assert (appointment.status, appointment.confirmed_at) == (Status.BOOKED, None)
    assert {row.outcome for row in InboundMessage.objects.all()} == {InboundOutcome.TO_DESK}


def test_confirmed_from_another_phone_they_are_reminded_all_the_same(cabin, service, georges):
    """Otherwise whoever keys a number takes away the call that an old person waits for."""
    appointment = book_for(georges, cabin, service, now=at(10, day=10))
    ring(STRANGER, sid="CA-1").press(appointment.number).press("1")
    appointment.refresh_from_db()
    assert appointment.confirmed_at is not None
    assert appointment.events.filter(kind=EventKind.CONFIRMED, reason=Reason.OTHER_PHONE).exists()

    run()

    assert Message.objects.filter(kind=MessageKind.REMINDER, channel=Channel.VOICE).exists()


def test_the_call_list_says_that_wrong_numbers_were_keyed_and_says_the_rest_once(client, alice):
    wrong_calls(1)
    client.force_login(alice)

    shown = client.get(reverse("call-list")).content.decode().replace("\u00a0", " ")

    assert "a tapé 3 numéros qui ne sont ceux d’aucun rendez-vous" in shown
    assert shown.count("demande un appel") == 1
    assert "appelé" not in shown


def test_the_history_does_not_say_that_the_resident_did_what_a_stranger_did(client, alice, appointment):
    run()
    cancel_from(STRANGER, appointment.number)
    client.force_login(alice)

    shown = client.get(reverse("appointment", args=[appointment.pk])).content.decode()
    history = shown.partition('class="story"')[2]

    assert "par téléphone, personne inconnue" in history
    assert "habitant" not in history


# ---- what was read out is not what it is any more -------------------------------------------------------


@pytest.fixture
def no_desk(commune) -> None:
    """Nobody to connect a caller with: they come on the list."""
    commune.public_phone = ""
    commune.save()


def zoe_of(commune):
    return make_resident(commune, "+33639984107", first_name="Zoé", last_name="Inconnue")


@pytest.mark.parametrize("keys", ["1", "2", "3", "0"])
def test_a_key_pressed_after_it_was_given_to_another_says_and_does_nothing_of_it(
    no_desk, appointment, commune, fatima, keys
):
    talk = ring(PHONE).press(appointment.number)
    given = Appointment.objects.get(pk=appointment.pk)
    give_to(appointment=given, resident=zoe_of(commune), by=Actor.system(), now=TUESDAY)
    talk.press(keys)

    appointment.refresh_from_db()
    assert (appointment.status, appointment.confirmed_at) == (Status.BOOKED, None)
    assert "vendredi" not in talk.said
    (line,) = call_list()
    assert (line.appointment, line.resident, line.recipient) == (None, fatima, PHONE)


def test_the_second_two_after_it_was_given_to_another_cancels_nothing(appointment, commune):
    talk = ring(PHONE).press(appointment.number).press("2")
    given = Appointment.objects.get(pk=appointment.pk)
    give_to(appointment=given, resident=zoe_of(commune), by=Actor.system(), now=TUESDAY)
    talk.press("2")

    appointment.refresh_from_db()
    assert appointment.status == Status.BOOKED


@pytest.mark.parametrize("keys", ["1", "22"])
def test_a_key_pressed_after_it_was_moved_is_no_answer_to_the_new_time(no_desk, appointment, site, keys):
    talk = ring(PHONE).press(appointment.number)
    moved = Appointment.objects.get(pk=appointment.pk)
    start = at(14, day=27)
    reschedule(appointment=moved, site=site, start=start, with_helper=False, by=Actor.system(), now=TUESDAY)
    for key in keys:
        talk.press(key)

    appointment.refresh_from_db()
    assert (appointment.status, appointment.confirmed_at) == (Status.BOOKED, None)
    assert [each.recipient for each in call_list()] == [PHONE]


def test_an_address_of_an_answer_that_was_made_up_does_nothing(appointment):
    assert what_was_heard(as_heard(appointment), appointment) == (
        appointment.starts_at,
        appointment.site_id,
    )
    assert what_was_heard("", appointment) is None
    assert what_was_heard("x" + as_heard(appointment), appointment) is None
    assert appointment.number not in as_heard(appointment)
