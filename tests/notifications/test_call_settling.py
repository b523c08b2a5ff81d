"""What the desk has been told closes what it closes: nothing comes back on the call list for it."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from booking.actions import cancel, confirm, reschedule
from booking.enums import AskedBy, EventKind, Reason, Status
from booking.log import Actor
from booking.models import Appointment
from notifications.actions import ask_call_back
from notifications.enums import CallOutcome, Channel, DeskReason, Failure, MessageKind, State
from notifications.models import CallResult, Message
from tests.factories import TUESDAY, at, make_resident
from tests.notifications.call_pages import cancel_on_list, listed, note, undo
from tests.notifications.conftest import book_for, has_stopped, run, stop
from tests.notifications.test_pages import words

pytestmark = pytest.mark.usefixtures("simulated", "tuesday")

DEAD = "+33639980000"
LATER = TUESDAY + timedelta(minutes=2)


@pytest.fixture
def dead(cabin, service, commune) -> Appointment:
    """Valérie's number receives nothing, so the desk must confirm by voice."""
    valerie = make_resident(commune, DEAD, first_name="Valérie", last_name="Caron")
    appointment = book_for(valerie, cabin, service)
    nothing_arrives()
    assert [(each.kind, each.why) for each in listed()] == [
        (MessageKind.CONFIRMATION, DeskReason.NOT_REACHED)
    ]
    return appointment


def nothing_arrives(now: datetime = TUESDAY) -> None:
    """The text message to that number is refused, and so is the call that follows."""
    run(now)
    calls = Message.objects.filter(channel=Channel.VOICE, recipient=DEAD)
    calls.update(state=State.FAILED, failure=Failure.INVALID, followed_up=False)
    run(now)


def asks(appointment: Appointment, why: DeskReason = DeskReason.ASKED) -> Message:
    ask_call_back(
        commune=appointment.commune,
        number=DEAD,
        why=why,
        appointment=appointment,
        resident=appointment.resident,
        now=TUESDAY,
    )
    return Message.objects.get(kind=MessageKind.CALL_BACK)


def by_hand(name: str, appointment: Appointment, alice, site) -> None:
    """What an agent does on the appointment's page while the person is on the phone."""
    by, now = Actor.agent(alice), TUESDAY + timedelta(minutes=1)
    if name == "cancels":
        cancel(appointment=appointment, reason=Reason.RESIDENT_ASKED, by=by, now=now)
    elif name == "cancels as the page asks":
        why, whose = Reason.CANNOT_COME, AskedBy.RESIDENT
        cancel(appointment=appointment, reason=why, asked_by=whose, by=by, now=now)
    elif name == "confirms":
        confirm(appointment=appointment, by=by, now=now)
    else:
        reschedule(
            appointment=appointment,
            site=site,
            start=at(14, day=27),
            reason=Reason.RESIDENT_ASKED,
            by=by,
            now=now,
        )


@pytest.mark.parametrize("what", ["cancels", "cancels as the page asks", "confirms", "moves"])
def test_what_an_agent_notes_on_the_appointment_settles_its_lines_and_makes_none(dead, alice, site, what):
    asks(dead)
    site.opening_hours = "Mo-Fr 08:00-18:00"
    site.save()

    by_hand(what, dead, alice, site)
    for minutes in (1, 2, 12, 75, 5 * 60):  # every retry of the written note has failed too
        nothing_arrives(TUESDAY + timedelta(minutes=minutes))

    assert listed() == []
    outcome = {"cancels": "cancelled", "confirms": "confirmed", "moves": "moved"}[what.split()[0]]
    result = CallResult.objects.get()
    assert (result.outcome, result.by, result.appointment) == (outcome, alice, dead)


def test_a_cancellation_by_the_mairie_still_asks_the_desk_to_call(dead, alice):
    cancel(appointment=dead, reason=Reason.HELPER_ABSENT, by=Actor.agent(alice), now=TUESDAY)
    nothing_arrives(LATER)

    assert [each.kind for each in listed()] == [MessageKind.CANCELLATION]


def test_who_confirms_by_themselves_still_gets_the_call_they_asked_for(dead):
    line = asks(dead)

    confirm(appointment=dead, by=Actor.resident(), now=TUESDAY + timedelta(minutes=1))
    run(LATER)

    assert listed() == [line]


def test_who_confirms_by_themselves_settles_a_reply_that_was_not_understood(dead):
    asks(dead, DeskReason.UNCLEAR)

    confirm(appointment=dead, by=Actor.resident(), now=TUESDAY + timedelta(minutes=1))
    run(LATER)

    assert listed() == []


def test_a_wrong_number_is_still_to_correct_after_a_cancellation(dead, alice):
    line = asks(dead, DeskReason.WRONG_NUMBER)

    by_hand("cancels", dead, alice, None)
    run(LATER)

    assert listed() == [line]


def test_cancelled_on_the_list_nothing_leaves_to_the_person_and_nothing_comes_back(client, alice, dead):
    asks(dead)
    client.force_login(alice)

    cancel_on_list(client, dead)

    assert listed() == [], "at once, without a sweep"
    for minutes in (1, 12, 24 * 60):
        nothing_arrives(TUESDAY + timedelta(minutes=minutes))
    dead.refresh_from_db()
    assert (dead.status, listed()) == (Status.CANCELLED, [])
    sent = Message.objects.filter(kind=MessageKind.CANCELLATION)
    assert [(each.channel, each.state, each.handled_by) for each in sent] == [
        (Channel.DESK, State.TOLD, alice)
    ]


def test_a_relative_who_is_told_too_gets_theirs_and_the_step_shows_it(client, alice, cabin, service, commune):
    mother = make_resident(
        commune, DEAD, first_name="Valérie", contact_phone="+33639980077", contact_is_told=True
    )
    appointment = book_for(mother, cabin, service)
    nothing_arrives()
    client.force_login(alice)

    step = words(client.get(reverse("call-list"), {"cancel": appointment.pk}))
    assert "Vous lui parlez : aucun message ne lui sera envoyé" in step
    assert "Le proche est prévenu (SMS, 06 39 98 00 77)" in step
    announced = step.split("06 39 98 00 77) : ")[1].split(" Annuler le rendez-vous pour")[0].strip()

    cancel_on_list(client, appointment)
    run(LATER)

    (told,) = Message.objects.filter(kind=MessageKind.CANCELLATION).exclude(channel=Channel.DESK)
    assert (told.recipient, told.text) == ("+33639980077", announced)


def test_restored_at_once_nothing_leaves_and_the_line_waits_again(client, alice, dead):
    line = asks(dead)
    client.force_login(alice)
    cancel_on_list(client, dead)

    said = undo(client)
    for minutes in (1, 12, 24 * 60):
        nothing_arrives(TUESDAY + timedelta(minutes=minutes))

    dead.refresh_from_db()
    assert dead.status == Status.BOOKED
    assert "Valérie Caron" in said
    assert {each.kind for each in listed()} == {MessageKind.CONFIRMATION, MessageKind.CALL_BACK}
    line.refresh_from_db()
    assert (line.state, line.handled_by) == (State.PENDING, None)
    left = Message.objects.filter(state__in=(State.SENT, State.DELIVERED, State.TOLD))
    assert not left.exists()
    assert dead.events.latest("id").reason == Reason.MISTAKE


def test_a_reminder_by_voice_survives_a_cancellation_undone(client, alice, cabin, service, georges):
    """The call of today must not get lost because the appointment seems to be « just told »."""
    stop("+33261910042", georges.commune)
    soon = book_for(georges, cabin, service, at(15, 15), now=at(10, day=10))
    run()
    before = [(each.kind, each.told_start) for each in listed()]
    assert before
    client.force_login(alice)

    cancel_on_list(client, soon)
    undo(client)
    run(LATER)

    assert [(each.kind, each.told_start) for each in listed()] == before


def test_the_relative_who_was_told_of_a_mistake_learns_that_it_takes_place(
    client, alice, cabin, service, commune
):
    mother = make_resident(
        commune, DEAD, first_name="Valérie", contact_phone="+33639980077", contact_is_told=True
    )
    appointment = book_for(mother, cabin, service)
    nothing_arrives()
    client.force_login(alice)
    cancel_on_list(client, appointment)
    run(LATER)

    undo(client)
    run(LATER + timedelta(minutes=1))

    to_contact = Message.objects.filter(recipient="+33639980077").order_by("pk")
    assert [each.kind for each in to_contact] == [
        MessageKind.CONFIRMATION,
        MessageKind.CANCELLATION,
        MessageKind.MAINTAINED,
    ]
    assert not Message.objects.filter(kind=MessageKind.MAINTAINED).exclude(recipient="+33639980077").exists()


def test_a_cancellation_is_restored_once(client, alice, dead):
    client.force_login(alice)
    cancel_on_list(client, dead)
    result = CallResult.objects.get()

    undo(client, result)
    undo(client, result)

    assert dead.events.filter(kind=EventKind.RESTORED).count() == 1


def test_a_time_that_is_taken_cannot_be_restored_and_says_so(client, alice, dead, cabin, service, fatima):
    client.force_login(alice)
    cancel_on_list(client, dead)
    book_for(fatima, cabin, service, dead.starts_at)

    said = undo(client)

    dead.refresh_from_db()
    assert dead.status == Status.CANCELLED
    assert CallResult.objects.get().undone_at is None
    assert listed() == []
    assert "n’est plus libre" in said or "pris" in said


@pytest.mark.parametrize("reason", ["cannot_come", "not_needed", "mistake", "site_closed", "other"])
def test_the_reason_is_the_one_chosen(client, alice, dead, reason):
    client.force_login(alice)

    cancel_on_list(client, dead, reason)

    event = dead.events.get(kind=EventKind.CANCELLED)
    assert (event.reason, event.asked_by) == (reason, AskedBy.RESIDENT)


@pytest.mark.parametrize("reason", ["", "resident_asked", "exchange", "nonsense"])
def test_no_other_reason_is_taken(client, alice, dead, reason):

    client.force_login(alice)

    sent = {"reason": reason, "asked_by": "resident"}
    answer = client.post(reverse("call-cancel", args=[dead.pk]), sent)
    assert answer.status_code == 422
    assert 'id="id_reason_error"' in answer.content.decode()
    dead.refresh_from_db()
    assert dead.status == Status.BOOKED


def test_told_closes_all_lines_that_the_agent_saw_and_no_other(client, alice, dead, cabin, service):
    second = book_for(dead.resident, cabin, service, at(16, day=30))
    nothing_arrives()
    lines = listed()
    assert len(lines) == 2
    client.force_login(alice)

    note(client, *lines, outcome="told")
    third = book_for(dead.resident, cabin, service, at(16, day=25))
    nothing_arrives(LATER)

    assert [each.appointment for each in listed()] == [third]
    assert {each.appointment for each in Message.objects.filter(state=State.TOLD)} == {dead, second}


def test_an_appointment_that_cannot_take_place_is_not_done_with_being_told(client, alice, dead):
    Message.objects.filter(pk=listed()[0].pk).update(kind=MessageKind.IMPOSSIBLE)
    (line,) = listed()
    client.force_login(alice)

    page = note(client, line, outcome="told")

    assert listed() == [line]
    assert "Quelqu’un s’en est déjà occupé" not in page
    assert CallResult.objects.get().outcome == CallOutcome.THINKS


def test_who_was_told_and_wants_to_think_is_called_again_and_what_is_open_is_said(client, alice, dead):
    asks(dead)
    impossible, asked = listed()
    Message.objects.filter(pk=impossible.pk).update(kind=MessageKind.IMPOSSIBLE)
    client.force_login(alice)
    assert "Prévenu, veut réfléchir" in words(client.get(reverse("call-list")))

    page = note(client, impossible, asked, outcome="thinks")

    assert listed() == [impossible]
    impossible.refresh_from_db()
    asked.refresh_from_db()
    assert (asked.state, impossible.attempts) == (State.TOLD, 1)
    assert impossible.retry_at == TUESDAY + timedelta(days=1)
    assert "à rappeler le mercredi 25 novembre à 10 h ; reste à régler : 27 nov. 10:30" in page
    assert "Quelqu’un s’en est déjà occupé" not in page


def test_nobody_is_asked_to_think_of_what_needs_no_answer(client, alice, dead):
    client.force_login(alice)

    assert "veut réfléchir" not in words(client.get(reverse("call-list")))
    note(client, *listed(), outcome="thinks")

    assert CallResult.objects.get().outcome == CallOutcome.TOLD


def test_a_thought_is_not_taken_back_over_a_later_call(client, alice, dead, set_clock):
    Message.objects.filter(pk=listed()[0].pk).update(kind=MessageKind.IMPOSSIBLE)
    client.force_login(alice)
    note(client, *listed(), outcome="thinks")
    first = CallResult.objects.get()
    set_clock(at(10, 30))
    note(client, *listed(), outcome="no_answer")

    said = undo(client, first)

    assert listed()[0].attempts == 2
    assert "Quelqu’un s’en est déjà occupé" in said


def test_lines_of_somebody_else_are_never_closed_with_a_card(client, alice, dead, georges, cabin, service):
    other = book_for(georges, cabin, service, at(16, day=30), by=Actor.api())
    cancel(appointment=other, reason=Reason.HELPER_ABSENT, by=Actor.agent(alice), now=TUESDAY)
    asks_too = ask_call_back(
        commune=dead.commune, number="+33261910042", why=DeskReason.ASKED, resident=georges, now=TUESDAY
    )
    assert asks_too
    mine, *theirs = listed()
    client.force_login(alice)

    note(client, mine, *theirs, outcome="told")

    assert listed() == theirs


UNDONE = ["told", "thinks", "no_answer", "wrong_number", "stops"]


@pytest.mark.parametrize("outcome", UNDONE)
def test_every_result_can_be_taken_back_for_the_day(client, alice, dead, outcome):
    asks(dead)
    if outcome == "thinks":
        Message.objects.filter(pk=listed()[0].pk).update(kind=MessageKind.IMPOSSIBLE)
    phone = dead.resident.phones.get()
    before = list(Message.objects.filter(channel=Channel.DESK).order_by("pk").values())
    client.force_login(alice)
    note(client, *listed(), outcome=outcome)
    assert list(Message.objects.filter(channel=Channel.DESK).order_by("pk").values()) != before

    undo(client)

    assert list(Message.objects.filter(channel=Channel.DESK).order_by("pk").values()) == before
    phone.refresh_from_db()
    assert phone.may_call
    assert not has_stopped(DEAD, dead.commune)


def test_a_result_is_not_taken_back_over_what_a_colleague_noted_after_it(client, alice, dead, dana):
    client.force_login(alice)
    (line,) = listed()
    note(client, line, outcome="no_answer")
    first = CallResult.objects.get()
    client.force_login(dana)
    note(client, line, outcome="told")

    said = undo(client, first)

    line.refresh_from_db()
    assert (line.state, line.handled_by) == (State.TOLD, dana)
    assert "Quelqu’un s’en est déjà occupé" in said


def test_what_is_done_stays_for_the_day_with_result_hour_and_name(client, alice, dead, set_clock):
    client.force_login(alice)
    set_clock(at(10, 8))
    note(client, *listed(), outcome="no_answer")

    today = words(client.get(reverse("call-list")))
    set_clock(at(9, day=25))
    tomorrow = words(client.get(reverse("call-list")))

    assert "Fait aujourd’hui 1 10:08 Valérie Caron sans réponse, à retenter à 11:10 vous Défaire" in today
    assert "Fait aujourd’hui" not in tomorrow


def test_another_commune_undoes_nothing(client, charlie, alice, dead):

    client.force_login(alice)
    note(client, *listed(), outcome="told")
    client.force_login(charlie)

    address = reverse("call-undo", args=[CallResult.objects.get().pk])
    assert client.post(address).status_code == 404
    assert CallResult.objects.get().outcome == CallOutcome.TOLD
