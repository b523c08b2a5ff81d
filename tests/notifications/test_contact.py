"""The contact person: told as a courtesy, in wordings of their own, and able to stop the messages."""

from datetime import timedelta

import pytest

from booking.actions import merge_residents, update_resident
from booking.enums import Status
from booking.log import Actor
from booking.models import Appointment, Resident
from notifications.actions import receive
from notifications.callers import caller_of
from notifications.enums import Audience, Channel, Failure, MessageKind, State
from notifications.models import Message, MessageSettings
from tests.factories import TUESDAY, at, make_resident
from tests.notifications.conftest import SENDER, book_for, run
from tests.notifications.test_calls import LINE, answer

DAUGHTER, NEIGHBOUR = "+33639980077", "+33261910077"
LONG_BEFORE = at(10, day=10)

pytestmark = pytest.mark.usefixtures("provider", "tuesday")


def told(resident: Resident, phone: str = DAUGHTER) -> Resident:
    resident.contact_phone, resident.contact_is_told = phone, True
    resident.save()
    return resident


def to_contact(**wanted) -> list[Message]:
    return list(Message.objects.filter(audience=Audience.CONTACT, **wanted).order_by("id"))


def write(text: str, sid: str, sender: str = DAUGHTER) -> None:
    caller = caller_of(ours=SENDER, theirs=sender)
    assert caller is not None
    receive(caller=caller, provider_id=sid, text=text, now=TUESDAY)


def test_they_are_told_whose_appointment_it_is_not(fatima, cabin, service):
    book_for(told(fatima), cabin, service)
    run()

    (message,) = to_contact()
    assert message.text == (
        "Mairie de Petit-Quevilly : votre proche a rendez-vous vendredi 27 nov. à 10h30, Hotel de ville. "
        "Un empêchement ? Appelez le 02 61 91 00 00."
    ).replace("ê", "e")
    assert not message.asks


@pytest.mark.parametrize(("resident", "contact"), [("fatima", NEIGHBOUR), ("georges", DAUGHTER)])
def test_both_are_reminded_though_a_landline_is_called_days_before_a_mobile(
    request, commune, cabin, service, resident, contact
):
    MessageSettings.objects.create(commune=commune, voice_number=LINE)
    book_for(told(request.getfixturevalue(resident), contact), cabin, service, now=LONG_BEFORE)
    run(LONG_BEFORE)
    Message.objects.update(state=State.DELIVERED)

    for day in range(20, 27):
        run(at(11, day=day))
        Message.objects.filter(state=State.SENT).update(state=State.DELIVERED)  # the provider reports

    reminded = (
        Message.objects.filter(kind=MessageKind.REMINDER).order_by("id").values_list("audience", "channel")
    )
    assert sorted(reminded) == sorted(
        [
            (Audience.RESIDENT, Channel.SMS if resident == "fatima" else Channel.VOICE),
            (Audience.CONTACT, Channel.VOICE if resident == "fatima" else Channel.SMS),
        ]
    )


def test_stop_ends_what_they_get_and_start_brings_it_back(fatima, cabin, service):
    book_for(told(fatima), cabin, service)
    write("STOP", "SM-stop")
    run()
    assert to_contact(kind=MessageKind.CONFIRMATION) == []
    assert Message.objects.filter(audience=Audience.RESIDENT, kind=MessageKind.CONFIRMATION).exists()

    write("START", "SM-start")
    book_for(fatima, cabin, service, at(15, day=27))
    run(TUESDAY + timedelta(minutes=1))
    assert len(to_contact(kind=MessageKind.CONFIRMATION)) == 2


def test_stop_holds_for_what_was_already_written_down(fatima, cabin, service):
    night = at(22)
    book_for(told(fatima), cabin, service, now=night)
    run(night)
    write("STOP", "SM-stop")
    run(at(7, 30, day=25))

    assert [message.failure for message in to_contact(kind=MessageKind.CONFIRMATION)] == [Failure.STOPPED]


def test_stop_survives_a_merge_and_is_about_that_number_alone(fatima, commune, cabin, service, alice):
    MessageSettings.objects.create(commune=commune, voice_number=LINE)
    twin = told(make_resident(commune, "+33639980066"))
    write("STOP", "SM-stop")
    merge_residents(keep=fatima, duplicate=twin, by=Actor.agent(alice), now=TUESDAY)
    fatima.refresh_from_db()
    book_for(fatima, cabin, service)
    run()
    assert (fatima.contact_phone, to_contact()) == (DAUGHTER, [])

    update_resident(resident=fatima, now=TUESDAY, contact_phone=NEIGHBOUR)
    book_for(fatima, cabin, service, at(15, day=27))
    run(TUESDAY + timedelta(minutes=1))
    assert {message.recipient for message in to_contact()} == {NEIGHBOUR}


def test_a_call_to_them_decides_nothing(fatima, commune, cabin, service):
    """Whoever cancels in their place would leave the resident before a closed door."""
    MessageSettings.objects.create(commune=commune, voice_number=LINE)
    book_for(told(fatima, NEIGHBOUR), cabin, service)
    run()
    (call,) = to_contact(channel=Channel.VOICE)

    talk = answer(call)
    assert "au sujet du rendez-vous d'un proche" in talk.said
    assert "Rendez-vous vendredi 27 novembre" in talk.said
    assert "Vous avez" not in talk.said
    assert "Pour annuler" not in talk.said
    talk.press("2").press("2")

    assert Appointment.objects.get().status == Status.BOOKED
    assert talk.press("1").has_ended
    call.refresh_from_db()
    assert (call.state, Appointment.objects.get().confirmed_at) == (State.DELIVERED, None)
